"""The bank's own list of records whose clients are sealed, whatever their role: its staff, and others it protects.

Here: reading the file. Not here: which roles are sealed (rules/desk), what sealed means (stewardship/sight).
"""

import csv
from pathlib import Path

from rules.errors import ConfigError

COLUMNS = ("source", "record_id")


def load_sealed(path: Path) -> frozenset[tuple[str, str]]:
    """The records (source, record_id) of a CSV file with these columns; others are the bank's own.

    ConfigError where the file or a column is missing: nobody is unsealed by a typing error.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise ConfigError(str(path), "has no columns source and record_id", "write a header: source,record_id")
            return frozenset(_record(path, reader.line_num, row) for row in reader)
    except (UnicodeError, csv.Error, IsADirectoryError):
        raise ConfigError(str(path), "is no CSV file in UTF-8", "save it as one") from None
    except FileNotFoundError:
        raise ConfigError(str(path), "does not exist", "write the file or drop sealed:") from None


def _record(path: Path, line: int, row: dict[str, str | None]) -> tuple[str, str]:
    source, record_id = ((row[name] or "").strip() for name in COLUMNS)
    if not source or not record_id:
        raise ConfigError(f"{path}, line {line}", "names no source or no record_id", "complete the line or drop it")
    return source, record_id
