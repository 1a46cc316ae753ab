"""The table of faults names tests that exist."""

import re
from pathlib import Path

from tests.faults import listed, table

HERE = Path(__file__).parent


def test_every_fault_has_tests_that_exist_and_a_number_of_its_own():
    known = set(
        re.findall(r"^def (test_\w+)", "\n".join(p.read_text(encoding="utf-8") for p in HERE.rglob("test_*.py")), re.M)
    )
    assert [(number, test) for number, _, tests in listed() for test in tests if test not in known] == []
    numbers = [number for number, _, _ in listed()]
    assert numbers == sorted(set(numbers)) and all(tests for _, _, tests in listed())


def test_the_table_shows_every_test_with_its_result():
    number, what, [test, *_] = listed()[0]
    assert any(line.startswith(f"{number:>3}  {what}") and line.endswith(" failed") for line in table({test: "failed"}))
    assert sum(line.endswith("not run") for line in table({})) == len(table({}))
