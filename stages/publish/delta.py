"""Delta Lake: a table per published table, with its change data feed.

Here: what of a version differs from the table as it is becomes one merge, so that the feed holds just that. Tables
of one version are found by `latest.json`, written last: the Delta version of each. Not here: the tables as shown.
"""

import json
from datetime import UTC
from pathlib import Path

import duckdb
from deltalake import CommitProperties, DeltaTable, write_deltalake

from stages.publish.folders import assert_read_back
from stages.publish.job import Job
from stages.publish.tables import Shown, shown
from store.duck import identifier, scalar
from store.home import sync_folder, write_durably

_CONFIGURATION = {
    "delta.enableChangeDataFeed": "true", "delta.deletedFileRetentionDuration": "interval 30 days",
}  # fmt: skip
_GONE = "gone__"
"""Column of what is merged: the row is to be deleted."""


def write_delta(job: Job) -> str:
    """Bring every table to the version; return the folder of the tables."""
    home = job.place / "tables"
    latest = job.place / "latest.json"
    if latest.exists() and json.loads(latest.read_text(encoding="utf-8")).items() >= job.facts.items():
        return str(home)
    home.mkdir(parents=True, exist_ok=True)
    with job.opened() as con:
        tables = [table for name in job.tables if (table := shown(con, name, job.target))]
        found = {table.name: _bring(con, home / table.name, table, job) for table in tables}
    noted = json.dumps({**job.facts, "tables": found}, indent=1, sort_keys=True).encode()
    job.folder.mkdir(exist_ok=True)
    sync_folder(job.place)
    write_durably(job.folder / "tables.json", noted)
    write_durably(latest, noted)
    return str(home)


def _bring(con: duckdb.DuckDBPyConnection, path: Path, table: Shown, job: Job) -> int:
    """Bring one table to the version and return its Delta version."""
    noted = CommitProperties(custom_metadata={"registry_version": str(job.version.version)})
    rows = f"SELECT {', '.join(_cell(*column) for column in table.columns.items())} FROM ({table.query})"
    if DeltaTable.is_deltatable(str(path)) and table.key and _as_before(DeltaTable(path), con, rows):
        _merge(con, DeltaTable(path), rows, table, noted)
    else:
        write_deltalake(
            path, con.sql(rows).to_arrow_table(), mode="overwrite", schema_mode="overwrite",
            configuration=_CONFIGURATION, commit_properties=noted,
        )  # fmt: skip
    made = DeltaTable(path)
    made.vacuum(dry_run=False)
    given, read = scalar(con, f"SELECT count(*) FROM ({table.query})"), made.count()
    assert_read_back(f"{job.target.name}, {table.name}", given, read)
    return DeltaTable(path).version()


def _cell(column: str, kind: str) -> str:
    """Times as instants: a time without zone would need a feature that not every reader has."""
    zoned = kind == "TIMESTAMP"
    return f"{identifier(column)} AT TIME ZONE '{UTC}' AS {identifier(column)}" if zoned else identifier(column)


def _as_before(table: DeltaTable, con: duckdb.DuckDBPyConnection, rows: str) -> bool:
    return [field.name for field in table.schema().fields] == con.sql(rows).columns


def _merge(con: duckdb.DuckDBPyConnection, table: DeltaTable, rows: str, shown: Shown, noted: CommitProperties) -> None:
    """Insert, change and delete what differs; nothing is committed where nothing does."""
    key, columns = ", ".join(map(identifier, shown.key)), ", ".join(map(identifier, shown.columns))
    con.register("delta_before", table.to_pyarrow_dataset())
    con.execute("CREATE OR REPLACE TEMP TABLE delta_now AS " + rows)
    found = con.sql(f"""
        SELECT {columns}, false AS {_GONE} FROM (FROM delta_now EXCEPT SELECT {columns} FROM delta_before)
        UNION ALL SELECT {columns}, true FROM delta_before ANTI JOIN delta_now USING ({key})""").to_arrow_table()
    con.unregister("delta_before")
    if not found.num_rows:
        return
    cells = {identifier(column): f"s.{identifier(column)}" for column in shown.columns}
    same = " AND ".join(f"t.{identifier(column)} = s.{identifier(column)}" for column in shown.key)
    (
        table.merge(found, same, source_alias="s", target_alias="t", commit_properties=noted)
        .when_matched_delete(f"s.{_GONE}")
        .when_matched_update(cells, f"NOT s.{_GONE}")
        .when_not_matched_insert(cells, f"NOT s.{_GONE}")
        .execute()
    )
