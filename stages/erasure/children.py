"""Rows that hang on an erased record, or name it as the other end of a relation: in feeds, and under their client.

Here: which rows these are, in a raw snapshot and in a version, and what their tables become. Not here: tables that say
a record's own values (tombstones), writing files (rewrite).
"""

from collections.abc import Iterable

import polars as pl

from quality.children import owned, relation_ends
from rules.contracts import TABLES
from rules.contracts.children import FEEDS, NOBODYS, UNDER_CLIENT, UNITS
from rules.errors import ConfigError
from rules.feeds import Feed
from rules.sources import Source
from store import versions
from store.home import Home
from store.suppression import RULE

_NOBODYS = tuple(f"std_{unit}" for unit in NOBODYS)
TABLES_OF_ROWS = tuple(name for name in (*FEEDS, *UNDER_CLIENT, "view_unassigned") if name not in _NOBODYS)
_NAMED = "(t.source, t.record_id) IN (SELECT (source, record_id) FROM subject)"
_OTHER = "(t.other_source, t.other_record) IN (SELECT (source, record_id) FROM subject)"
_HUNG = "(t.feed, t.item) IN (SELECT (feed, item) FROM hung)"


def hung_sql(tables: Iterable[str]) -> str:
    """`hung(feed, item, tombstone)` of a version's `tables`: rows that hang on the subject, a feed's by either end."""
    own = " UNION ".join(
        f"SELECT feed, item, tombstone FROM {name} JOIN subject USING (source, record_id) WHERE item IS NOT NULL"
        for name in sorted({"std_feed", *(f"std_{unit}" for unit in UNITS)} & {*tables})
    )
    return f"""
        SELECT feed, item, min(tombstone) AS tombstone FROM (
            {own} UNION
            SELECT r.feed, r.item, s.tombstone FROM std_relationship r
            JOIN subject s ON s.source = r.other_source AND s.record_id = r.other_record
            WHERE r.feed IN (SELECT feed FROM std_feed))
        GROUP BY feed, item"""


def erased_rows(name: str) -> str:
    """Table `name` of TABLES_OF_ROWS without the rows in `hung`; `std_feed` tells of them as of refused ones."""
    if name != "std_feed":
        return f"SELECT * FROM {name} t WHERE NOT ({_HUNG})"
    return f"""
        SELECT t.feed, t."row", coalesce(h.tombstone, t.item) AS item, t.source,
               CASE WHEN h.item IS NULL THEN t.record_id END AS record_id,
               CASE WHEN h.item IS NULL THEN t.refused ELSE '{RULE[1]}' END AS refused
        FROM std_feed t LEFT JOIN hung h ON h.feed = t.feed AND h.item = t.item"""


def mentions_rows(name: str) -> str:
    """A condition that holds for rows `t` of the table that hang on the subject, also hidden ones."""
    other = [_OTHER] if "other_record" in TABLES[name].column_names() else []
    return " OR ".join((_NAMED, _HUNG, *other))


def named_in(source: Source | str, rows: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    """Which records the rows of a snapshot are about: (item, source, record_id); what is refused of a feed names none.

    A row of a source, which its name is enough to say, is about its record; a row of a feed about the record that it
    hangs on and the other end of a relation.
    """
    if isinstance(source, Feed):
        ends = owned(source, rows).select("item", "source", "record_id")
        return pl.concat([ends, relation_ends(source, rows)]).drop_nulls().unique()
    items = pl.concat([rows["record_id"], refused["record_id"]]).drop_nulls().unique()
    name = source if isinstance(source, str) else source.name
    return pl.DataFrame({"item": items}).select("item", pl.lit(name).alias("source"), record_id="item")


def refuse_undeclared(home: Home, feeds: Iterable[Feed]) -> None:
    """Raise ConfigError for a feed whose snapshots are kept and that is declared no more: nobody knows its records."""
    declared = {feed.name for feed in feeds}
    fed = {entry.source for number in versions.numbers(home) for entry in versions.manifest(home, number).feeds}
    for name in sorted(fed - declared):
        if (home.snapshots / name).exists():
            problem = f"feed '{name}' is declared no more, but its snapshots are kept"
            raise ConfigError("registry.yaml", problem, f"declare it again, or remove {home.snapshots.name}/{name}")
