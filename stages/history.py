"""History of a night, and the feeds of several.

Here: composition. Not here: what history is (golden_record/history), looking into it (stages/as_of).
"""

from collections.abc import Sequence

import duckdb

from golden_record import history
from golden_record.changes import diff_members
from golden_record.replay_feed import replay
from rules.contracts import TABLES
from rules.contracts.history import INTERVALS
from stages.night import Night
from stages.staged import attach_parent
from store import keymap, tables, versions
from store.duck import connect
from store.hashing import content_hash
from store.home import Home
from store.manifest import Manifest

REPLAYED = ("golden_party", "crosswalk")
"""Tables that feeds give back."""
FEEDS = {"party_feed": "change_event", "member_feed": "member_event"}


def write(con: duckdb.DuckDBPyConnection, night: Night, touched: str) -> dict[str, int]:
    """Stage HISTORY from the golden tables and both crosswalks in `con`; `touched`: clients that may have changed."""
    attach_parent(con, night, INTERVALS)
    diff_members(con)
    history.remember(con, night.version, night.business_date, touched)
    made = night.save(con, "history_night", "member_event")
    for facts in (history.MEMBER, history.VALUE):
        made |= night.save_changes(con, f"{facts.table}_lost", facts.table, new="{}_new")
    return made


def replayable(home: Home, of: Manifest) -> bool:
    """Whether the version that the events of `of` begin at is still kept."""
    return of.parent is None or of.parent in versions.kept(home)


def chain(home: Home, version: int) -> list[Manifest]:
    """The versions that `version` descends from, the first night first, itself last.

    Raises NotFound where one of them is no longer kept.
    """
    nights = [versions.manifest(home, version)]
    while nights[-1].parent:
        nights.append(versions.manifest(home, nights[-1].parent))
    for night in nights:
        versions.require_kept(home, night.version)
    return nights[::-1]


def replayed(home: Home, version: int, memory: str = "4GB") -> dict[str, str]:
    """Content hashes of what the feeds from the first night on give; equal to those of `version`."""
    with connect([home.root], home.staging, memory) as con:
        keymap.attach(con, home)
        replay_nights(con, home, None, chain(home, version))
        return {table: content_hash(con, f"replayed_{table}", TABLES[table])[0] for table in REPLAYED}


def replay_nights(con: duckdb.DuckDBPyConnection, home: Home, base: int | None, nights: Sequence[Manifest]) -> None:
    """Tables `replayed_golden_party`, `replayed_crosswalk`: the tables of `base` (None: empty) after these nights.

    `nights` follow each other, each the parent of the next. Needs `key_map`.
    """
    start = versions.manifest(home, base) if base else None
    for table in REPLAYED:
        if start:
            versions.attach(con, home, start, [table], prefix="base_")
        else:
            con.execute(f"CREATE OR REPLACE VIEW base_{table} AS {tables.empty_sql(TABLES[table])}")
    for feed, events in FEEDS.items():
        for night in nights:
            versions.attach(con, home, night, [events], prefix=f"v{night.version}_")
        rows = " UNION ALL ".join(
            f"SELECT {night.version} AS version, * FROM v{night.version}_{events}" for night in nights
        )
        con.execute(f"CREATE OR REPLACE VIEW {feed} AS {rows}")
    replay(con)
