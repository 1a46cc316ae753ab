"""The word lists of rules/reference, typed and indexed once.

Here: loading and indexing. Not here: any rule that uses a list.
"""

import csv
from functools import cache
from pathlib import Path

import rules
from rules.errors import ConfigError
from rules.load import Declared, parse

REFERENCE = Path(rules.__file__).parent / "reference"


class NameLists(Declared):
    """Word lists for person names, one field per list of names.yaml."""

    titles: frozenset[str]
    soft_titles: frozenset[str]
    suffixes: dict[str, str]
    patronymic_particles: frozenset[str]
    patronymic_endings: tuple[str, ...]
    patronymic_words: frozenset[str]
    family_endings: tuple[str, ...]
    family_endings_not: frozenset[str]
    feminine_endings: dict[str, str]
    family_particles: frozenset[str]
    placeholder_words: frozenset[str]
    placeholder_names: frozenset[str]


@cache
def name_lists() -> NameLists:
    """The person name lists."""
    return parse(NameLists, REFERENCE / "names.yaml")


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """Rows of a reference CSV below its header, in file order; ConfigError when the file is missing."""
    path = REFERENCE / name
    if not path.exists():
        raise ConfigError(str(path), "the reference table does not exist", "reinstall the package")
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(tuple(row) for row in csv.reader(lines))[1:]
