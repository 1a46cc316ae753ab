"""Records whose subject is restricted or erased: a log of keyed hashes that keeps them from coming back.

Here: the secret, the hash of a record's name, the log, which of a source's records it names. Not here: removing what
was kept (stages/erasure). A record is named by HMAC-SHA256 of source and record_id (RFC 2104), computed in SQL: who has
the log and not the secret cannot guess the key of a source system from it.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import duckdb
import polars as pl

from rules.load import expand_env
from store import chain
from store.home import Home, write_durably
from store.people import os_user

LOG, SECRET = "erasures.jsonl", "erasure.key"
RESTRICT, ERASE = "restrict", "erase"
PREFIX = "erased-"
"""How a tombstone in the place of a record_id begins."""
RULE = ("erased", "the subject was erased")
"""Rule and reason of a row that is refused because of it."""
_DIGITS, _BLOCK = 32, 64
Record = tuple[str, str]
"""Source and record_id."""


def secret(home: Home, declared: str | None = None) -> bytes:
    """The secret: of the environment variable that registry.yaml names, else the home's own, made when first needed."""
    if declared:
        return expand_env(declared, "erasure.key").encode()
    path = home.root / SECRET
    if not path.exists():
        write_durably(path, secrets.token_hex(32).encode())
    return path.read_bytes()


def add_tombstones(con: duckdb.DuckDBPyConnection, key: bytes, table: str) -> None:
    """Give `table(source, record_id)` a column `tombstone`."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C))
    con.execute(
        f"""CREATE OR REPLACE TABLE {table} AS
            SELECT *, '{PREFIX}' || sha256(? || unhex(sha256(? || encode(source || chr(31) || record_id))))
                      [1:{_DIGITS}] AS tombstone FROM {table}""",
        [outer, inner],
    )


def tombstones(home: Home, declared: str | None, records: Iterable[Record]) -> list[str]:
    """The tombstone of each record, in their order."""
    rows = [(place, *record) for place, record in enumerate(records)]
    with duckdb.connect() as con:
        con.execute("CREATE TABLE named (place INTEGER, source VARCHAR, record_id VARCHAR)")
        if rows:
            con.executemany("INSERT INTO named VALUES (?, ?, ?)", rows)
        add_tombstones(con, secret(home, declared), "named")
        return [str(one) for (one,) in con.execute("SELECT tombstone FROM named ORDER BY place").fetchall()]


def suppressed(home: Home, declared: str | None, records: pl.DataFrame) -> pl.DataFrame:
    """Which of `records(source, record_id)` are restricted or erased: `source`, `record_id`, `tombstone`."""
    known = {one for line in lines(home) if line["kind"] == RESTRICT for one in line["tombstones"]}
    return among(home, declared, records, known)


def among(home: Home, declared: str | None, records: pl.DataFrame, known: Iterable[str]) -> pl.DataFrame:
    """Which of `records(source, record_id)` have one of the `known` tombstones: `source`, `record_id`, `tombstone`."""
    if not (wanted := sorted(set(known))):
        return pl.DataFrame(schema=dict.fromkeys(("source", "record_id", "tombstone"), pl.String))
    with duckdb.connect() as con:
        con.register("records", records.select("source", "record_id").unique().to_arrow())
        con.execute("CREATE TABLE named AS FROM records")
        add_tombstones(con, secret(home, declared), "named")
        con.register("known", pl.DataFrame({"tombstone": wanted}).to_arrow())
        found: pl.DataFrame = con.sql("FROM named SEMI JOIN known USING (tombstone)").pl()
        return found.sort("source", "record_id")


def lines(home: Home) -> list[chain.Line]:
    """The log; IntegrityError where it was changed."""
    return chain.read(home.root / LOG)


def head(home: Home) -> str:
    """Hash of the log's last line; empty where nobody was restricted."""
    return str((lines(home) or [{"hash": ""}])[-1]["hash"])


def restrict(home: Home, subject: Sequence[tuple[str, int]], reason: str, user: str | None, due: date) -> chain.Line:
    """Log that the records (tombstone, record key) are used no more from their next snapshot on; erased from `due`."""
    named = {"tombstones": [one for one, _ in subject], "record_keys": [key for _, key in subject]}
    facts: dict[str, Any] = {"kind": RESTRICT, "reason": reason, "user": user or os_user(), "due": due.isoformat()}
    return chain.append(home.root / LOG, facts | named)


def erased(home: Home, restriction: str, clients: Sequence[str], files: int) -> chain.Line:
    """Log that the records of a restriction (its line's hash) are gone from every kept file."""
    facts = {"kind": ERASE, "restriction": restriction, "clients": list(clients), "files": files}
    return chain.append(home.root / LOG, facts)


def open_restrictions(home: Home) -> list[chain.Line]:
    """Restrictions whose records are still kept."""
    known = lines(home)
    done = {line["restriction"] for line in known if line["kind"] == ERASE}
    return [line for line in known if line["kind"] == RESTRICT and line["hash"] not in done]


def done(home: Home) -> list[chain.Line]:
    """Restrictions whose records are erased."""
    still = {line["hash"] for line in open_restrictions(home)}
    return [line for line in lines(home) if line["kind"] == RESTRICT and line["hash"] not in still]


def erased_clients(home: Home) -> frozenset[str]:
    """Numbers of clients some of whose records were erased."""
    return frozenset(number for line in lines(home) if line["kind"] == ERASE for number in line["clients"])
