"""The test kit of consumers: whether an extract is what a contract promises.

Here: checking a folder of Parquet files. Not here: the contract (rules/contracts/consumers), writing extracts
(publish).
"""

import tempfile
from pathlib import Path
from typing import Any

import duckdb

from rules.contracts import consumers, kept
from rules.errors import NotFound
from store.duck import connect, quote, scalar

_FITS = {
    "integer": ("BIGINT", "INTEGER", "SMALLINT"), "number": ("DOUBLE",), "boolean": ("BOOLEAN",),
    "string": ("VARCHAR",), "date": ("DATE",), "date-time": ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
}  # fmt: skip
Row = dict[str, Any]


def check(folder: Path, major: int | None = None) -> list[Row]:
    """Each table of the contract that the folder has as Parquet: name, rows, and what is not as promised.

    An extract of chosen columns is held to those it has. Raises NotFound for a folder without a table of the contract,
    or a contract that is not served.
    """
    major = consumers.MAJOR if major is None else major
    if major not in kept.majors():
        served = ", ".join(str(one) for one in kept.majors())
        raise NotFound(f"contract {major}", f"is not served, only {served}", "give one of these")
    tables = kept.kept(major)["tables"]
    files = {name: path for name in tables if (path := folder / f"{name}.parquet").exists()}
    if not files:
        raise NotFound(str(folder), "holds no table of the contract as Parquet", "give the folder of a version")
    with tempfile.TemporaryDirectory() as work, connect([folder], Path(work)) as con:
        return [_checked(con, name, path, tables[name]) for name, path in files.items()]


def _checked(con: duckdb.DuckDBPyConnection, name: str, path: Path, promised: Row) -> Row:
    con.execute(f"CREATE OR REPLACE TEMP VIEW extract AS FROM read_parquet({quote(str(path.resolve()))})")
    problems, rows = not_as_promised(con, promised), scalar(con, "SELECT count(*) FROM extract")
    return {"table": name, "rows": rows, "problems": problems}


def not_as_promised(con: duckdb.DuckDBPyConnection, promised: Row) -> list[str]:
    """What of the relation `extract` is not as a table of a contract promises; of chosen columns, of those it has."""
    types = {str(row[0]): str(row[1]) for row in con.execute("DESCRIBE extract").fetchall()}
    problems = [f"{column}: {said}" for column, declared in promised["properties"].items() if column in types
                for said in _column(con, column, types[column], declared)]  # fmt: skip
    return problems + _key(con, promised["key"], types)


def _column(con: duckdb.DuckDBPyConnection, column: str, kind: str, promised: Row) -> list[str]:
    wanted = promised.get("format") or promised["type"][0]
    problems = []
    if not (kind.startswith("DECIMAL") if wanted == "decimal" else kind in _FITS[wanted]):
        problems.append(f"is {kind}, {wanted} is promised")
    if "null" not in promised["type"] and (empty := _count(con, f'"{column}" IS NULL')):
        problems.append(f"is empty in {empty} rows")
    if "enum" in promised:
        values = ", ".join(quote(value) for value in promised["enum"])
        if other := _count(con, f'"{column}" NOT IN ({values})'):
            problems.append(f"has other values in {other} rows")
    return problems


def _key(con: duckdb.DuckDBPyConnection, key: list[str], types: Row) -> list[str]:
    if not key or not set(key) <= set(types):
        return []
    columns = ", ".join(f'"{column}"' for column in key)
    twice = scalar(con, f"SELECT count(*) FROM (SELECT 1 FROM extract GROUP BY {columns} HAVING count(*) > 1)")
    return [f"{twice} keys ({', '.join(key)}) stand in several rows"] if twice else []


def _count(con: duckdb.DuckDBPyConnection, condition: str) -> int:
    return scalar(con, f"SELECT count(*) FROM extract WHERE {condition}")
