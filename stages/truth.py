"""The one view of a truth file: which records are one real party.

Here: reading Parquet or CSV, all as text, and refusing what is no truth file. Not here: what is measured with it.
Truth measures only; it never reaches training, thresholds or a night.
"""

from pathlib import Path

import duckdb

from rules.errors import ConfigError
from store.duck import quote

COLUMNS = ("source", "record_id", "entity_id")
_WANTED = f"give Parquet or CSV with a header: {', '.join(COLUMNS)}"
_DELIMITERS = ",;\t|"


def present(truth: Path) -> Path:
    """`truth`, if such a file exists."""
    if not truth.is_file():
        raise ConfigError(str(truth), "the truth file does not exist", _WANTED)
    return truth


def view(con: duckdb.DuckDBPyConnection, truth: Path) -> None:
    """Create the view `truth(source, record_id, entity_id)`, all text; other columns of the file are left out."""
    try:
        con.execute(f"CREATE OR REPLACE TEMP VIEW whole_truth AS SELECT * FROM {_reader(present(truth))}")
        found = {str(row[0]) for row in con.execute("DESCRIBE whole_truth").fetchall()}
        _check_columns(truth, found)
        texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in COLUMNS)
        con.execute(f"CREATE OR REPLACE TEMP VIEW truth AS SELECT {texts} FROM whole_truth")
        empty = " OR ".join(f"{name} IS NULL" for name in COLUMNS)
        holes = con.execute(f"SELECT count(*) FROM truth WHERE {empty}").fetchall()[0][0]
    except (duckdb.Error, UnicodeDecodeError):  # their text may hold the file's values
        raise ConfigError(str(truth), "cannot be read as Parquet or CSV (UTF-8)", _WANTED) from None
    if holes:
        raise ConfigError(str(truth), f"{holes} rows have an empty {' or '.join(COLUMNS)}", "fill or leave them out")


def _check_columns(truth: Path, found: set[str]) -> None:
    lacking = [name for name in COLUMNS if name not in found]
    if lacking:
        raise ConfigError(str(truth), f"has no column {', '.join(lacking)}", _WANTED)


def _reader(truth: Path) -> str:
    """SQL that reads the file; a CSV by the delimiter of its header, for a key of several columns holds bars."""
    path = quote(str(truth.resolve()))
    with truth.open("rb") as file:
        head = file.readline(10_000)
    if head.startswith(b"PAR1"):
        return f"read_parquet({path})"
    delimiter = max(_DELIMITERS, key=head.decode("utf-8-sig").count)
    form = f"delim = {quote(delimiter)}, quote = '\"', escape = '\"', header = true, all_varchar = true"
    return f"read_csv({path}, {form})"
