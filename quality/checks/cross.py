"""Rules across tables, an explicit list per stage; each counts rows that break it.

Here: conservation, references between tables, soft expectations of content. Not here: what one contract says
(`rules`), or the invariants of a published version (`registry verify`), which compare versions too.
"""

from collections.abc import Container
from dataclasses import dataclass

import duckdb
import polars as pl

from quality.checks.rules import METRICS, count_violations, present_columns
from rules.contracts.children import FEEDS, UNITS
from rules.contracts.decisions import DECISIONS
from rules.contracts.golden import GOLDEN
from rules.contracts.history import HISTORY
from rules.contracts.identity import IDENTITY
from rules.contracts.matched import MATCHED
from rules.contracts.quality import QUALITY
from rules.contracts.standard import STANDARD
from rules.contracts.view import COMPUTED

STAGE_TABLES: dict[str, tuple[str, ...]] = {
    "standardised": tuple(STANDARD),
    "matched": (*DECISIONS, *MATCHED),
    "golden": (*IDENTITY, *GOLDEN, *HISTORY),
    "view": (*FEEDS, *COMPUTED),
    "measured": tuple(QUALITY),
}
"""Contract tables that each stage must have written."""


@dataclass(frozen=True)
class CrossRule:
    """A rule over `table` and others; `violations` is a query that gives one number."""

    stage: str
    table: str
    rule: str
    violations: str
    needs: tuple[str, ...]
    blocking: bool = True


def count_stage(con: duckdb.DuckDBPyConnection, stage: str) -> pl.DataFrame:
    """Every rule of a stage: its tables' contracts, then the rules across tables. Columns as METRICS."""
    return pl.concat([count_violations(con, STAGE_TABLES[stage]), count_cross(con, stage)])


def count_cross(con: duckdb.DuckDBPyConnection, stage: str) -> pl.DataFrame:
    """The rules across tables of `stage`. A rule whose tables are missing fails: silence would pass for success."""
    present = present_columns(con)
    found = [_count(con, rule, present) for rule in CROSS_RULES if rule.stage == stage]
    return pl.DataFrame(found, METRICS, orient="row")


def _count(con: duckdb.DuckDBPyConnection, rule: CrossRule, present: Container[str]) -> tuple[str, str, int, int, bool]:
    if not all(table in present for table in rule.needs):
        return rule.table, rule.rule, 0, 1, rule.blocking
    rows = con.execute(f"SELECT count(*) FROM {rule.table}").fetchall()[0][0]
    violations = con.execute(rule.violations).fetchall()[0][0]
    return rule.table, rule.rule, rows, violations, rule.blocking


def _held_by(stage: str, child: str, parent: str, columns: tuple[str, ...]) -> CrossRule:
    """Every row of `child` has its `columns` in `parent`."""
    on = " AND ".join(f"p.{column} = c.{column}" for column in columns)
    query = f"SELECT count(*) FROM {child} c WHERE NOT EXISTS (SELECT 1 FROM {parent} p WHERE {on})"
    return CrossRule(stage, child, f"{' and '.join(columns)} in {parent}", query, (child, parent))


def _where(stage: str, table: str, rule: str, breach: str, *, blocking: bool = False) -> CrossRule:
    """No row of `table` fulfils `breach`."""
    return CrossRule(stage, table, rule, f"SELECT count(*) FROM {table} t WHERE {breach}", (table,), blocking)


_CONSERVATION = """
WITH kept AS (
    SELECT source, count(*) n
    FROM (SELECT source FROM std_record UNION ALL SELECT source FROM quarantine) GROUP BY source
)
SELECT CAST(coalesce(sum(abs(coalesce(i.rows, 0) - coalesce(k.n, 0))), 0) AS BIGINT)
FROM input_count i FULL JOIN kept k USING (source)
"""
_FED = """
SELECT CAST(coalesce(sum(abs(f.rows - coalesce(s.n, 0))), 0) AS BIGINT)
FROM feed_count f LEFT JOIN (SELECT feed AS source, count(*) n FROM std_feed GROUP BY feed) s USING (source)
"""
_NAMELESS = """
SELECT count(*) FROM std_record r
WHERE NOT EXISTS (SELECT 1 FROM std_name n WHERE n.record_key = r.record_key AND n.valid)
"""
_SOURCE_KEY_COPIES = """
SELECT CAST(coalesce(sum(n - 1), 0) AS BIGINT)
FROM (SELECT count(*) n FROM std_record GROUP BY source, record_id)
"""
_UNMATCHED = """
SELECT count(*) FROM std_record r
LEFT JOIN match_input_person p ON p.record_key = r.record_key AND r.party_type = 'person'
LEFT JOIN match_input_organisation o ON o.record_key = r.record_key AND r.party_type <> 'person'
WHERE p.record_key IS NULL AND o.record_key IS NULL
"""
_MIXED_CLUSTERS = """
SELECT count(*) FROM (
    SELECT cluster_key FROM clusters JOIN std_record USING (record_key)
    GROUP BY cluster_key HAVING count(DISTINCT party_type = 'person') > 1
)
"""
_HEADLESS = """
SELECT count(*) FROM clusters c
WHERE NOT EXISTS (SELECT 1 FROM clusters h WHERE h.record_key = c.cluster_key AND h.cluster_key = c.cluster_key)
"""
_MEMBERS_COUNTED = """
SELECT count(*) FROM golden_party g
LEFT JOIN (SELECT client_number, count(*) n FROM crosswalk GROUP BY client_number) x USING (client_number)
WHERE g.records IS DISTINCT FROM x.n
"""
_NOT_LIVE = """
SELECT count(*) FROM golden_party g
WHERE NOT EXISTS (SELECT 1 FROM ledger_number l WHERE l.client_number = g.client_number AND l.state = 'live')
"""
_DEAD_ENDS = """
SELECT count(*) FROM ledger_number m
WHERE m.state = 'merged'
  AND NOT EXISTS (SELECT 1 FROM ledger_number l WHERE l.client_number = m.resolves_to AND l.state <> 'merged')
"""


def _ends(model: str) -> tuple[CrossRule, CrossRule]:
    """Both ends of a scored pair were read by that model, and are two records."""
    pairs, read = f"pairs_{model}", f"match_input_{model}"
    inside = f"EXISTS (SELECT 1 FROM {read} m WHERE m.record_key = p.record_key_"
    query = f"SELECT count(*) FROM {pairs} p WHERE NOT ({inside}l) AND {inside}r))"
    return (
        CrossRule("matched", pairs, f"both ends in {read}", query, (pairs, read)),
        _where("matched", pairs, "two different records", "t.record_key_l = t.record_key_r", blocking=True),
    )


def _kept(unit: str) -> CrossRule:
    """Every standard row of a child unit stands under a client, or as unassigned."""
    query = f"""
        SELECT abs((SELECT count(*) FROM std_{unit}) - (SELECT count(*) FROM view_{unit})
                   - (SELECT count(*) FROM view_unassigned WHERE unit = '{unit}'))"""
    return CrossRule("view", f"view_{unit}", "conservation: standard rows = under a client + unassigned", query,
                     (f"std_{unit}", f"view_{unit}", "view_unassigned"))  # fmt: skip


_CHILDREN = ("std_value", "std_name", "std_identifier", "std_address", "std_contact")
_UNITS = ("golden_name", "golden_identifier", "golden_address", "golden_contact", "golden_lineage")

CROSS_RULES: tuple[CrossRule, ...] = (
    CrossRule("standardised", "std_record", "conservation: input rows = usable + quarantined", _CONSERVATION,
              ("std_record", "quarantine", "input_count")),
    CrossRule("standardised", "std_record", "source and record_id unique", _SOURCE_KEY_COPIES, ("std_record",)),
    *(_held_by("standardised", child, "std_record", ("record_key",)) for child in _CHILDREN),
    CrossRule("standardised", "std_record", "has a usable name", _NAMELESS, ("std_record", "std_name"), False),
    _where("standardised", "std_record", "death not before birth", "t.death_date < t.birth_date"),
    _where("standardised", "std_record", "dissolution not before registration",
           "t.dissolution_date < t.registration_date"),
    CrossRule("matched", "std_record", "read by its model", _UNMATCHED,
              ("std_record", "match_input_person", "match_input_organisation")),
    *_ends("person"),
    *_ends("organisation"),
    _held_by("matched", "std_record", "clusters", ("record_key",)),
    _held_by("matched", "clusters", "std_record", ("record_key",)),
    CrossRule("matched", "clusters", "named by one of its members", _HEADLESS, ("clusters",)),
    CrossRule("matched", "clusters", "never mixes persons and organisations", _MIXED_CLUSTERS,
              ("clusters", "std_record")),
    _held_by("golden", "std_record", "crosswalk", ("source", "record_id")),
    _held_by("golden", "crosswalk", "std_record", ("source", "record_id")),
    _held_by("golden", "crosswalk", "golden_party", ("client_number",)),
    _held_by("golden", "golden_party", "crosswalk", ("client_number",)),
    *(_held_by("golden", unit, "crosswalk", ("client_number", "record_key")) for unit in _UNITS),
    CrossRule("golden", "golden_party", "records = members", _MEMBERS_COUNTED, ("golden_party", "crosswalk")),
    CrossRule("golden", "golden_party", "number is live", _NOT_LIVE, ("golden_party", "ledger_number")),
    CrossRule("golden", "ledger_number", "merged number resolves", _DEAD_ENDS, ("ledger_number",)),
    _where("golden", "golden_party", "has a display name", "t.display_name IS NULL"),
    CrossRule("view", "std_feed", "conservation: input rows = rows of std_feed", _FED, ("std_feed", "feed_count")),
    *map(_kept, UNITS),
    *(_held_by("view", table, "golden_party", ("client_number",)) for table in COMPUTED
      if table != "view_before" and "client_number" in COMPUTED[table].column_names()),
    _held_by("view", "golden_party", "view_client", ("client_number",)),
    _where("measured", "score", "passed is part of checked", "t.passed NOT BETWEEN 0 AND t.checked", blocking=True),
)  # fmt: skip
"""Every rule across tables, in the order of the night."""
