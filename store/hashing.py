"""Hashes: of a file's bytes (integrity) and of a table's content (equality of results).

The content hash is the sum of 128-bit row hashes, so it depends neither on row order nor on file layout and can be
kept up to date from deltas. Integer record keys depend on arrival, so they are replaced by (source, record_id);
an unordered pair of keys is hashed in the order of those texts. Every value is hashed behind its length, so that no
value can pass for a null or for two neighbours.
"""

import hashlib
from pathlib import Path

import dataframely as dy
import duckdb

from rules.errors import IntegrityError

NOTHING = ("0" * 32, 0)
"""Content hash and row count of a table without rows."""


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(con: duckdb.DuckDBPyConnection, table: str, schema: type[dy.Schema] | None = None) -> tuple[str, int]:
    """Content hash (32 hexadecimal digits) and row count of `table`.

    With a schema whose columns are record keys, `key_map(record_key, source, record_id)` must exist in `con`.
    """
    columns = {str(row[0]) for row in con.execute(f"DESCRIBE {table}").fetchall()}
    keys = {name: kind for name, kind in _key_columns(schema).items() if name in columns}
    columns -= {name for name in keys if keys[name] == "position"}
    keys = {name: kind for name, kind in keys.items() if kind != "position"}
    [row] = con.execute(_hash_sql(table, sorted(columns), keys)).fetchall()
    high, low, count, unknown = (int(value or 0) for value in row)
    if unknown:
        raise IntegrityError(table, f"{unknown} record keys are not in the key map", "restore the home's keys folder")
    return _hexadecimal(high, low), count


def row_hashes(con: duckdb.DuckDBPyConnection, table: str, key: str) -> str:
    """A query of the column `key` and each row's hash in two halves, `high` and `low`, as `summed` adds them up."""
    columns = sorted(str(row[0]) for row in con.execute(f"DESCRIBE {table}").fetchall())
    cells = ", ".join(_cell(f't."{name}"') for name in columns)
    return f'SELECT "{key}", {_HALVES} FROM (SELECT "{key}", {_row_hash(cells)} AS h FROM {table} t)'


def summed(con: duckdb.DuckDBPyConnection, hashes: str) -> str:
    """Content hash of a table whose rows have these hashes."""
    [(high, low)] = con.execute(f"SELECT sum(high), sum(low) FROM {hashes}").fetchall()
    return _hexadecimal(int(high or 0), int(low or 0))


def changed_hash(before: str, lost: str, added: str) -> str:
    """Content hash of a table with the hash `before` that lost rows with one hash and got rows with another."""
    halves = [[int(one[:16], 16), int(one[16:], 16)] for one in (before, lost, added)]
    high, low = (was - less + more for was, less, more in zip(*halves, strict=True))
    return _hexadecimal(high, low)


def _hexadecimal(high: int, low: int) -> str:
    mask = (1 << 64) - 1
    return f"{high & mask:016x}{low & mask:016x}"


def _key_columns(schema: type[dy.Schema] | None) -> dict[str, str]:
    columns = schema.columns() if schema else {}
    return {
        name: str((column.metadata or {})["key"])
        for name, column in columns.items()
        if (column.metadata or {}).get("key")
    }


def _hash_sql(table: str, columns: list[str], keys: dict[str, str]) -> str:
    joins = " ".join(f"LEFT JOIN key_map k_{name} ON k_{name}.record_key = t.{name}" for name in keys)
    texts = {name: f"({_text(f'k_{name}.source')} || {_text(f'k_{name}.record_id')})" for name in keys}
    unknown = " OR ".join(f't."{name}" IS NOT NULL AND k_{name}.source IS NULL' for name in keys) or "false"
    pair = [name for name, kind in keys.items() if kind == "pair"]
    if len(pair) == 2:
        first, second = (texts[name] for name in pair)
        texts[pair[0]], texts[pair[1]] = f"least({first}, {second})", f"greatest({first}, {second})"
    parts = ", ".join(texts.get(name, _cell(f't."{name}"')) for name in columns)
    return f"""
        SELECT sum(high), sum(low), count(*), count(*) FILTER (WHERE unknown) FROM (
            SELECT {_HALVES}, unknown FROM (
                SELECT {_row_hash(parts)} AS h, {unknown} AS unknown FROM {table} t {joins}))"""


_HALVES = "CAST(h >> 64 AS UBIGINT) AS high, CAST(h & 18446744073709551615::UHUGEINT AS UBIGINT) AS low"


def _row_hash(cells: str) -> str:
    return f"CAST(md5_number(concat({cells})) AS UHUGEINT)"


def _cell(column: str) -> str:
    """The same text as `_text` for use within concat: in three arguments, which spares a text of each value."""
    text = f"CAST({column} AS VARCHAR)"
    return f"strlen({text}), CASE WHEN {text} IS NULL THEN '-' ELSE ':' END, {text}"


def _text(column: str) -> str:
    text = f"CAST({column} AS VARCHAR)"
    return f"coalesce(strlen({text}) || ':' || {text}, '-')"
