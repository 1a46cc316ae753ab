"""What the sources delivered tonight, as tables of a connection: counts per source, records they list no more.

Here: facts of the night's raw snapshots. Not here: taking them (pipelines/ingest), judging them (check, gates).
"""

from collections.abc import Iterable
from datetime import date

import duckdb
import polars as pl

from rules.sources import Source
from stages.night import Night
from store import snapshots


def input_count(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Table `input_count(source, rows, carried, usable, stale_days, owner)` of every snapshot.

    `rows` counts all of them, the `carried` too; `usable` were delivered and not refused.
    """
    con.execute("""
        CREATE OR REPLACE TABLE input_count
        (source VARCHAR, rows BIGINT, carried BIGINT, usable BIGINT, stale_days BIGINT, owner VARCHAR)""")
    for source in night.settings.sources:
        facts = snapshots.read_facts(night.home, source.series, night.business_date)
        counts = (
            (facts.rows + facts.carried, facts.carried, facts.usable, _age(night, facts.taken))
            if facts
            else (0, 0, 0, 0)
        )
        con.execute("INSERT INTO input_count VALUES (?, ?, ?, ?, ?, ?)", [source.name, *counts, source.owner])


def _age(night: Night, taken: str) -> int:
    return (night.business_date - date.fromisoformat(taken)).days


def gone(con: duckdb.DuckDBPyConnection, night: Night, sources: Iterable[Source]) -> None:
    """Table `gone(source, record_id, since)`: carried records, which the sources' extracts no longer have."""
    con.execute("CREATE OR REPLACE TABLE gone (source VARCHAR, record_id VARCHAR, since DATE)")
    for source in sources:
        rows, _ = snapshots.read(night.home, source.series, night.business_date)
        if snapshots.GONE in rows.columns:
            lost = rows.filter(pl.col(snapshots.GONE).is_not_null())
            con.register("lost", lost.select("record_id", pl.col(snapshots.GONE).alias("since")).to_arrow())
            con.execute("INSERT INTO gone SELECT ?, record_id, since FROM lost", [source.name])
            con.unregister("lost")
