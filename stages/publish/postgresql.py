"""PostgreSQL: a schema of views on the live version, over tables that hold each version as a partition of its own.

Here: a first transaction loads the new partition of every table and counts it; a second one updates the one row that
says which version is live; the views ask that row. A query, or a transaction of repeatable reads, sees one version and
waits for nobody: the partition of the version before stays until the next one, and for an hour at least, for who began
with it. Not here: the tables as shown.

Two transactions, since PostgreSQL lets others see rows before it tells them of a partition: a query planned in between
would know that the version is live and not where its rows are. The second one waits for queries planned before.
"""

import time
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb

from rules.errors import StoreError
from rules.load import expand_env
from stages.publish.folders import assert_read_back
from stages.publish.job import Job
from stages.publish.tables import Shown, shown
from store.duck import identifier, scalar

_TYPES = {
    "VARCHAR": "text", "BIGINT": "bigint", "INTEGER": "integer", "SMALLINT": "smallint", "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP": "timestamp", "DOUBLE": "double precision",
}  # fmt: skip
LIVE = "live_version"
_PLANNED = 2.0
"""Seconds after which every query that began before a partition was there is planned."""


def write_postgresql(job: Job) -> str:
    """Bring the schema to the version; return `schema@database`. Raises StoreError naming the step that failed."""
    place = f"{job.target.name}, schema {job.target.database_schema}"
    try:
        dsn = expand_env(job.target.connection or "", job.target.name)
        with adbc.connect(dsn) as db, db.cursor() as cursor:
            before = _before(cursor, job)
            if before[1:] != (str(job.facts),):
                with job.opened() as con:
                    tables = [table for name in job.tables if (table := shown(con, name, job.target))]
                    for table in tables:
                        _load(cursor, con, job, table)
                db.commit()
                _await_plans(db, cursor, job, tables)
                for table in tables:
                    _show(cursor, job.target.database_schema, table)
                _go_live(cursor, job)
                db.commit()
                _drop_others(db, cursor, job, {int(before[0])} if before else set())
    except adbc.Error as error:
        problem = f"the database said {type(error).__name__}" + (f" {error.sqlstate}" if error.sqlstate else "")
        raise StoreError(place, problem, "see its log; the next night tries again") from None
    return place


def _before(cursor: adbc.Cursor, job: Job) -> tuple[Any, ...]:
    """Version and facts of the row that says what is live; schemas and row are made where they are new."""
    schema = job.target.database_schema
    for name in (schema, f"{schema}_versions"):
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
    cursor.execute(f"""
        CREATE TABLE IF NOT EXISTS {schema}.{LIVE} (
            one boolean PRIMARY KEY DEFAULT true CHECK (one), version bigint NOT NULL, business_date date NOT NULL,
            facts text NOT NULL)""")
    cursor.execute(f"SELECT version, facts FROM {schema}.{LIVE}")
    return tuple(cursor.fetchone() or ())


def _load(cursor: adbc.Cursor, con: duckdb.DuckDBPyConnection, job: Job, table: Shown) -> None:
    """The partition of this version, filled, counted and attached."""
    schema, version = f"{job.target.database_schema}_versions", job.version.version
    part, columns = f"{table.name}_{version:06d}", {name: _type(kind) for name, kind in table.columns.items()}
    _declare(cursor, f"{schema}.{table.name}", table.name, columns)
    cursor.execute(f"DROP TABLE IF EXISTS {schema}.{part}")
    cursor.execute(f"CREATE TABLE {schema}.{part} (registry_version bigint NOT NULL, {_listed(columns)})")
    cursor.execute("SELECT now()::text")
    cursor.execute(f"COMMENT ON TABLE {schema}.{part} IS '{cursor.fetchone()[0]}'")
    rows = con.sql(f"SELECT {version}::BIGINT AS registry_version, * FROM ({table.query})").to_arrow_table()
    cursor.adbc_ingest(part, rows, mode="append", db_schema_name=schema)
    cursor.execute(f"SELECT count(*) FROM {schema}.{part}")
    given = scalar(con, f"SELECT count(*) FROM ({table.query})")
    assert_read_back(f"{job.target.name}, {table.name}", given, int(cursor.fetchone()[0]))
    cursor.execute(f"ALTER TABLE {schema}.{table.name} ATTACH PARTITION {schema}.{part} FOR VALUES IN ({version})")


def _await_plans(db: adbc.Connection, cursor: adbc.Cursor, job: Job, tables: list[Shown]) -> None:
    """Until nobody holds a table who was not told of its new partition; who takes one from now on is told."""
    whole = [f"{job.target.database_schema}_versions.{table.name}" for table in tables]
    until, holding = time.monotonic() + _PLANNED, _holding(db, cursor, whole)
    while holding and time.monotonic() < until:
        time.sleep(0.01)
        holding &= _holding(db, cursor, whole)


def _holding(db: adbc.Connection, cursor: adbc.Cursor, tables: list[str]) -> set[str]:
    """Transactions of others that hold one of the tables."""
    listed = ", ".join(f"to_regclass('{table}')" for table in (*tables, "nothing"))
    cursor.execute(f"SELECT virtualtransaction FROM pg_locks WHERE relation IN ({listed}) AND pid <> pg_backend_pid()")
    found = {str(row[0]) for row in cursor.fetchall()}
    db.commit()
    return found


def _declare(cursor: adbc.Cursor, whole: str, name: str, columns: dict[str, str]) -> None:
    """The table over all versions; it is altered only where a column is new, since that makes readers wait."""
    cursor.execute(f"""
        CREATE TABLE IF NOT EXISTS {whole} (registry_version bigint NOT NULL, {_listed(columns)})
        PARTITION BY LIST (registry_version)""")
    cursor.execute(f"SELECT attname FROM pg_attribute WHERE attrelid = '{whole}'::regclass AND NOT attisdropped")
    known = {str(row[0]) for row in cursor.fetchall()}
    for column in columns.keys() - known:
        cursor.execute(f"ALTER TABLE {whole} ADD COLUMN {identifier(column)} {columns[column]}")
    if "client_number" in columns:
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {name}_client ON {whole} (client_number)")


def _show(cursor: adbc.Cursor, schema: str, table: Shown) -> None:
    """The view on the live version's rows; made anew only where its columns are others, noted in its comment."""
    view, shown_columns = f"{schema}.{table.name}", ", ".join(map(identifier, table.columns))
    cursor.execute(f"SELECT obj_description(to_regclass('{view}'))")
    if cursor.fetchone()[0] == shown_columns:
        return
    cursor.execute(f"DROP VIEW IF EXISTS {view}")
    cursor.execute(f"""
        CREATE VIEW {view} AS SELECT {shown_columns} FROM {schema}_versions.{table.name}
        WHERE registry_version = (SELECT version FROM {schema}.{LIVE})""")
    cursor.execute(f"COMMENT ON VIEW {view} IS '{shown_columns}'")


def _listed(columns: dict[str, str]) -> str:
    return ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())


def _type(kind: str) -> str:
    return _TYPES.get(kind, kind.replace("DECIMAL", "numeric"))


def _go_live(cursor: adbc.Cursor, job: Job) -> None:
    row = f"true, {job.version.version}, DATE '{job.version.business_date}', $1"
    cursor.execute(
        f"""INSERT INTO {job.target.database_schema}.{LIVE} VALUES ({row}) ON CONFLICT (one) DO UPDATE
            SET version = excluded.version, business_date = excluded.business_date, facts = excluded.facts""",
        (str(job.facts),),
    )


def _drop_others(db: adbc.Connection, cursor: adbc.Cursor, job: Job, before: set[int]) -> None:
    """Drop partitions of other versions but the one before and those of the last hour; one that a reader holds stays
    until the next night.

    A version published again, as after an erasure, keeps nothing else: earlier rows may hold what was erased.
    """
    schema, kept = f"{job.target.database_schema}_versions", {job.version.version} | before
    again = before == {job.version.version}
    old = "COALESCE(CAST(obj_description(inhrelid) AS timestamptz) < now() - INTERVAL '1 hour', true)"
    cursor.execute(f"SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid "
                   f"WHERE c.relkind = 'r' AND c.relnamespace = '{schema}'::regnamespace AND ({again} OR {old}) "
                   f"ORDER BY 1")  # fmt: skip
    for (part,) in cursor.fetchall():
        if int(str(part).rsplit("_", 1)[1]) not in kept:
            try:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
                cursor.execute(f"DROP TABLE {part}")
                db.commit()
            except adbc.Error:
                db.rollback()
