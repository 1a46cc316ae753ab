"""A first look at a source nobody has declared yet: some rows, and what must be declared to read it.

Here: telling the kind, encoding, delimiter, sheet, table. Not here: profiling, reading for production
(pipelines.sources). The location of a database or service is never written down: it may hold a secret.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from pipelines.sources.json_rows import from_lines
from pipelines.sources.postgresql import cast_of, type_of
from rules.errors import RegistryError, SourceError
from store.duck import identifier

ROWS = 10_000
_BYTES = 4_000_000
_ENCODINGS = ("utf-8", "cp1251", "latin-1")
_KINDS = {
    ".csv": "csv", ".txt": "csv", ".dat": "csv", ".tsv": "tsv", ".parquet": "parquet", ".pq": "parquet",
    ".xlsx": "excel", ".xls": "excel", ".xlsb": "excel", ".ods": "excel", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite",
}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """Some rows of a source, its kind, and the keys of `read` that reading it needs."""

    kind: str
    frame: pl.DataFrame
    read: dict[str, Any]


def take(location: str) -> Sample:
    """Up to 10,000 rows of a file, an http(s) service or a database URL (`#table` names the table)."""
    try:
        if location.startswith(("http://", "https://")):
            return _rest(location)
        if "://" in location:
            return _database(location)
        return _file(Path(location))
    except RegistryError:
        raise
    except (PolarsError, OSError, ValueError, sqlite3.Error) as error:
        problem = f"could not be sampled ({type(error).__name__})"
        raise SourceError(place_of(location), problem, "check that it is what its name says and is whole") from None


def place_of(location: str) -> str:
    """How messages name the location: as it was given, but a database or service never, for it may hold a secret."""
    return "the source" if "://" in location else location


def _file(path: Path) -> Sample:
    kind = _KINDS.get(path.suffix.lower())
    if not path.is_file():
        raise SourceError(str(path), "is a folder" if path.is_dir() else "no such file", "name a file that exists")
    if kind is None:
        known = f"give one of {', '.join(sorted(_KINDS))}, a URL or a DSN"
        raise SourceError(str(path), "not a known kind of file", known)
    if path.stat().st_size == 0:
        raise SourceError(str(path), "the file is empty", "wait for the delivery, or name a file that holds rows")
    readers = {"parquet": _parquet, "excel": _excel, "jsonl": _jsonl, "sqlite": _sqlite}
    sample = readers.get(kind, _delimited)(path)
    shown = str(path) if ".." not in path.parts else path.name
    return Sample(kind, sample.frame, {"path": shown, **sample.read})


def _delimited(path: Path) -> Sample:
    text, encoding = _start(path)
    if "\0" in text:
        raise SourceError(str(path), "is no text, whatever its name says", "name a text file with column names")
    if not text.strip():
        raise SourceError(str(path), "the file holds only blank lines", "name a file with a line of column names")
    first, _, behind = text.partition("\n")
    delimiter = max((",", ";", "\t", "|"), key=first.count)
    frame = pl.read_csv(
        text.encode(), separator=delimiter, infer_schema=False, n_rows=ROWS, truncate_ragged_lines=True
    )  # fmt: skip
    if behind.strip() and not frame.height:
        raise SourceError(str(path), "no row behind the column names can be read", "see that every quote is closed")
    frame = frame.rename({name: name.strip() for name in frame.columns})
    default = "\t" if path.suffix.lower() == ".tsv" else ","
    read = {**({"encoding": encoding} if encoding != "utf-8" else {})}
    return Sample("csv", frame, {**read, **({"delimiter": delimiter} if delimiter != default else {})})


def _start(path: Path) -> tuple[str, str]:
    """The whole lines at a file's start, and the first encoding that reads them."""
    with path.open("rb") as file:
        data = file.read(_BYTES)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[: len(data) // 2 * 2].decode("utf-16"), "utf-16"
    data = data[: data.rfind(b"\n") + 1] or data
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig"), "utf-8-sig"
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "cp1251" or sum("а" <= sign <= "я" for sign in text.lower()) > len(text) / 20:
            return text, encoding
    raise SourceError(str(path), "no known encoding", "convert the file to UTF-8")


def _parquet(path: Path) -> Sample:
    return Sample("parquet", pl.read_parquet(path, n_rows=ROWS), {})


def _excel(path: Path) -> Sample:
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        frame = book.load_sheet(0, n_rows=ROWS, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        problem = f"could not be sampled as a workbook ({type(error).__name__})"
        raise SourceError(str(path), problem, "open it, save it again as .xlsx and check its first sheet") from None
    return Sample("excel", frame, {"sheet": book.sheet_names[0]})


def _jsonl(path: Path) -> Sample:
    text, encoding = _start(path)
    lines = pl.DataFrame({"line": text.splitlines()[:ROWS]}).filter(pl.col("line").str.strip_chars() != "")
    frame = from_lines([lines.with_row_index("row").cast({"row": pl.Int64})]).frame.drop("row")
    return Sample("jsonl", frame, {"encoding": encoding} if encoding != "utf-8" else {})


def _sqlite(path: Path) -> Sample:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as con:
        tables = [name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
        if not tables:
            raise SourceError(str(path), "the database has no table", "check the file")
        cursor = con.execute(f"SELECT * FROM {identifier(tables[0])} LIMIT {ROWS}")
        names = [name for name, *_ in cursor.description]
        frame = pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None)
    return Sample("sqlite", frame, {"table": tables[0]})


def _database(location: str) -> Sample:
    dsn, _, table = location.partition("#")
    if not table:
        raise SourceError("the database", "the table is not named", "write the URL with #table at its end")
    query = f"SELECT * FROM {table} LIMIT {ROWS}" if table.replace(".", "").replace("_", "").isalnum() else ""
    if not query:
        raise SourceError("the database", "the table must be one name", "write the URL with #table at its end")
    if dsn.startswith(("postgresql://", "postgres://")):
        return Sample("postgresql", _postgresql(dsn, table), {"table": table})
    import sqlalchemy

    try:
        with sqlalchemy.create_engine(dsn, poolclass=sqlalchemy.NullPool).connect() as con:
            return Sample("database", pl.read_database(sqlalchemy.text(query), con), {"table": table})
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        problem = f"could not be read ({type(error).__name__})"
        raise SourceError("the database", problem, "check the URL, its driver and the table") from None


def _postgresql(dsn: str, table: str) -> pl.DataFrame:
    import adbc_driver_manager
    import adbc_driver_postgresql.dbapi as adbc

    try:
        with closing(adbc.connect(dsn)) as con, closing(con.cursor()) as cursor:
            cursor.execute(f"SELECT * FROM {table} LIMIT 0")
            fields = list(cursor.fetch_arrow_table().schema)
            cursor.execute(f"SELECT {', '.join(map(cast_of, fields))} FROM {table} LIMIT {ROWS}")
            frame = pl.from_arrow(cursor.fetch_arrow_table())
    except adbc_driver_manager.Error as error:
        problem = f"could not be read ({type(error).__name__})"
        raise SourceError("the database", problem, "check the DSN and the table") from None
    assert isinstance(frame, pl.DataFrame)
    decimals = [field.name for field in fields if isinstance(type_of(field), pl.Decimal)]
    return frame.with_columns(pl.col(decimals).cast(pl.Float64, strict=False))


def _rest(location: str) -> Sample:
    import httpx

    try:
        answer = httpx.get(location, timeout=30.0, trust_env=False)
        answer.raise_for_status()
        data = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        problem = f"no JSON came back ({type(error).__name__})"
        raise SourceError("the service", problem, "check the URL and whether it needs a token") from None
    items = None if isinstance(data, list) else next((k for k, v in data.items() if isinstance(v, list)), None)
    rows = data if items is None else data[items]
    following = next((key for key in ("next", "next_page") if isinstance(data, dict) and key in data), None)
    named = {"endpoint": httpx.URL(location).path, "items": items, "next": following}
    return Sample("rest", pl.DataFrame(rows, infer_schema_length=None), {k: v for k, v in named.items() if v})
