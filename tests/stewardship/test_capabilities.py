"""The table of what a person sees at the client desk names tests that exist."""

import csv
import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_capability_that_a_person_sees_has_tests_that_exist():
    known = set(re.findall(r"^def (test_\w+)", "\n".join(file.read_text() for file in HERE.glob("test_*.py")), re.M))
    with (HERE / "capabilities.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["capability"], test) for row in rows for test in row["tests"].split() if test not in known] == []
    assert all(row["tests"] for row in rows)
    places = [tuple(map(int, row["capability"].split("."))) for row in rows]
    assert places == sorted(places) and {place[0] for place in places} == set(range(1, 9))
