"""PostgreSQL through ADBC: one query in one read-only snapshot.

Here: connecting, casting what Arrow has no type for, failures without secrets. Not here: types (contract.py).
"""

from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import pyarrow as pa
from polars.exceptions import PolarsError

from pipelines.sources.base import Connector, Raw, Request, numbered
from pipelines.sources.contract import check_names, check_types
from pipelines.sources.retry import Transient, retried
from pipelines.sources.sql import condition, from_clause, order
from store.duck import identifier

_PASSING = ("08", "57P", "53", "40")
"""SQLSTATE classes a second try can mend: connection, shutdown, resources, serialisation."""


def read(request: Request) -> Raw:
    """The declared table or query; retried from the start when the connection is cut, never partial."""
    return retried(request, lambda: _attempt(request))


def _attempt(request: Request) -> Raw:
    import adbc_driver_manager
    import adbc_driver_postgresql.dbapi as adbc

    try:
        with closing(adbc.connect(_dsn(request))) as con, closing(con.cursor()) as cursor:
            _begin(request, cursor)
            columns = _columns(request, cursor)
            cursor.execute(f"SELECT {columns} FROM {from_clause(request)}{condition(request)}{order(request)}")
            frame = pl.from_arrow(cursor.fetch_arrow_table())
            con.rollback()
    except adbc_driver_manager.Error as error:
        raise _failure(request, error) from None
    except (ValueError, pa.ArrowException, PolarsError) as error:
        raise request.fail(f"the answer is not readable ({type(error).__name__})", "check read.table") from None
    assert isinstance(frame, pl.DataFrame)
    return numbered(frame)


def _dsn(request: Request) -> str:
    """The connection with a limit on connecting, unless it has its own."""
    dsn = request.connection()
    if "connect_timeout" in dsn or "://" not in dsn:
        return dsn
    try:
        return f"{dsn}{'&' if urlsplit(dsn).query else '?'}connect_timeout=10"
    except ValueError:
        raise request.fail("the connection is no address", "check the secret behind 'connection'") from None


def _begin(request: Request, cursor: Any) -> None:
    seconds = request.source.read.timeout_seconds or 3600
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    cursor.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
    cursor.execute("SET LOCAL timezone = 'UTC'")
    cursor.execute("SET LOCAL client_encoding = 'UTF8'")


def _columns(request: Request, cursor: Any) -> str:
    """The select list, after names and types are checked: whatever Arrow has no type for is cast to text."""
    cursor.execute(f"SELECT * FROM {from_clause(request)} LIMIT 0")
    schema = cursor.fetch_arrow_table().schema
    check_names(request, schema.names)
    declared = request.source.contract.columns
    check_types(request, {name: type_of(schema.field(name)) for name in declared})
    return ", ".join(cast_of(schema.field(name)) for name in declared)


def type_of(field: pa.Field) -> pl.DataType:
    """The polars type of a column; numerics keep their scale, what Arrow has no type for counts as text."""
    meta = field.metadata or {}
    if meta.get(b"POSTGRESQL:type") == b"numeric":
        modifier = int(meta.get(b"POSTGRESQL:typmod", b"-1"))
        return pl.Decimal(38, (modifier - 4) & 0x7FF if modifier > 0 else 6)
    if not _plain(field):
        return pl.String()
    return pl.Schema(pa.schema([pa.field("x", field.type)]))["x"]


def cast_of(field: pa.Field) -> str:
    """A column in the select list: itself, or its text where Arrow has no type for it."""
    name = identifier(field.name)
    return name if _plain(field) else f"{name}::text AS {name}"


def _plain(field: pa.Field) -> bool:
    kind = field.type.value_type if pa.types.is_list(field.type) else field.type
    tests = (pa.types.is_string, pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_date)
    return any(test(kind) for test in (*tests, pa.types.is_timestamp))


def _failure(request: Request, error: Exception) -> Exception:
    """The driver's text may hold the user, the host or a value: only the kind of failure is told."""
    state = getattr(error, "sqlstate", None) or ""
    if state == "57014":
        return request.fail("the query took longer than read.timeout_seconds", "raise it, or read less")
    if state.startswith("42"):
        return request.fail(f"the query was refused (SQLSTATE {state})", "check read.table and the user's rights")
    text = str(error).lower()
    if any(word in text for word in ("authentication", "password", "role ", "no pg_hba")):
        return request.fail("the server refused the user or its password", "check the secret behind 'connection'")
    if not state or state.startswith(_PASSING):
        return Transient("the connection failed or was cut")
    return request.fail(f"the server failed (SQLSTATE {state})", "see the server's log")


CONNECTOR = Connector(("postgresql",), read)
