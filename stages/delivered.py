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
    """Tables `input_count` of sources and `feed_count` of feeds, one row for every snapshot.

    (source, rows, carried, usable, stale_days, owner): `rows` counts all of them, the `carried` too; `usable` were
    delivered and not refused.
    """
    _count(con, night, "input_count", night.settings.sources)
    _count(con, night, "feed_count", night.settings.feeds)


def _count(con: duckdb.DuckDBPyConnection, night: Night, table: str, delivered: Iterable[Source]) -> None:
    con.execute(f"""
        CREATE OR REPLACE TABLE {table}
        (source VARCHAR, rows BIGINT, carried BIGINT, usable BIGINT, stale_days BIGINT, owner VARCHAR)""")
    for source in delivered:
        facts = snapshots.read_facts(night.home, source.series, night.business_date)
        counts = (
            (facts.rows + facts.carried, facts.carried, facts.usable, _age(night, facts.taken))
            if facts
            else (0, 0, 0, 0)
        )
        con.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)", [source.name, *counts, source.owner])


def _age(night: Night, taken: str) -> int:
    return (night.business_date - date.fromisoformat(taken)).days


def gone(con: duckdb.DuckDBPyConnection, night: Night, sources: Iterable[Source]) -> None:
    """Table `gone(source, record_id, since)`: carried records, which the sources' extracts no longer have."""
    con.execute("CREATE OR REPLACE TABLE gone (source VARCHAR, record_id VARCHAR, since DATE)")
    for source in sources:
        rows = snapshots.scan(night.home, source.series, night.business_date)
        if snapshots.GONE in rows.collect_schema().names():
            lost = rows.filter(pl.col(snapshots.GONE).is_not_null())
            con.register("lost", lost.select("record_id", since=snapshots.GONE).collect().to_arrow())
            con.execute("INSERT INTO gone SELECT ?, record_id, since FROM lost", [source.name])
            con.unregister("lost")
