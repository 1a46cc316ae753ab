"""What share of the mutants the tests noticed; the last line of `make mutants`.

Here: the verdict. Not here: which files are mutated, and by which tests that is noticed (pyproject.toml, tool.mutmut).
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

STATS = Path("mutants") / "mutmut-cicd-stats.json"
LEAST = 80
"""Per cent that must be noticed."""
UNNOTICED = ("survived", "no_tests", "suspicious")


def share(found: Mapping[str, int]) -> int:
    """Per cent of the mutants that made a test fail, or run for ever."""
    return 100 * (found["total"] - sum(found[one] for one in UNNOTICED)) // found["total"]


def main() -> int:
    """Exit code 1 where too few were noticed."""
    found = json.loads(STATS.read_text(encoding="utf-8"))
    print(f"{share(found)} % of {found['total']:,} mutants noticed; `mutmut results` lists the others")
    return share(found) < LEAST


if __name__ == "__main__":
    sys.exit(main())
