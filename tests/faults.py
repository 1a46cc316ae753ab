"""The faults that a registry must survive, and which tests show that it does; printed at the end of `make test-all`.

Here: reading the list (faults.csv) and the table fault → test → result. Not here: the tests. A fault that is not in the
list concerns a part that is not built (masking by role, scopes by branch), or has no test of its own yet.
"""

import csv
from collections.abc import Mapping
from pathlib import Path

LIST = Path(__file__).with_name("faults.csv")


def listed() -> list[tuple[int, str, list[str]]]:
    """Number, what happens, names of tests."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return [(int(row["fault"]), row["what"], row["tests"].split()) for row in csv.DictReader(file)]


def table(outcomes: Mapping[str, str]) -> list[str]:
    """One line per fault and test; `outcomes` by the test's name, the worst of its parameters."""
    return [
        f"{number:>3}  {what:<42.42} {test:<104.104} {outcomes.get(test, 'not run')}"
        for number, what, tests in listed()
        for test in tests
    ]
