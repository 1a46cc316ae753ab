"""What each blocking rule costs and adds: pairs alone, pairs beyond the rules before it, its most common value.

Here: the counts of one list of rules on one projection. Not here: counts of a single rule (matching/blocking), common
values (matching/refinement). No value of a client is ever part of a count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from matching.blocking import Rule, named
from matching.refinement import Limits, Refined, blocks, refine
from rules.matching import key
from store.duck import scalar


@dataclass(frozen=True)
class Count:
    """One rule on one projection.

    `pairs`: that it makes alone, an upper bound for rules with `each`; `adds`: distinct pairs that no rule before it
    finds; `largest`: records of its most common value; `share`: that value's part of `pairs`; `state`: `runs`,
    `refined` (over the cap, see `refined`), `refused` (over the cap and nothing is left) or `empty` (no such field).
    """

    rule: str
    state: str
    pairs: int = 0
    adds: int = 0
    largest: int = 0
    share: float = 0.0
    refined: Refined | None = None


def count(
    con: duckdb.DuckDBPyConnection, table: str, rules: Sequence[Rule], usable: Sequence[Rule], limits: Limits
) -> list[Count]:
    """Count `rules` in their order, each after those before it; of `usable` every field is filled.

    Keys of earlier rules are compared as 64-bit hashes, one column a rule: values are long and pairs are many.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE blocking_keys AS SELECT record_key FROM {table}")
    con.execute("CREATE OR REPLACE TEMP TABLE blocking_found (record_key BIGINT, other BIGINT)")
    found: list[Count] = []
    before: list[bool] = []
    for rule in rules:
        if rule in usable:
            found.append(_count(con, table, rule, limits, before))
            before.append(_has_each(rule))
        else:
            found.append(Count(named(rule), "empty"))
    for made in ("keys", "blocks", "found", "new"):
        con.execute(f"DROP TABLE IF EXISTS blocking_{made}")
    return found


def _count(con: duckdb.DuckDBPyConnection, table: str, rule: Rule, limits: Limits, before: Sequence[bool]) -> Count:
    blocks(con, table, rule, "blocking_blocks")
    sizes = "SELECT count(*)::HUGEINT AS n FROM blocking_blocks GROUP BY block"
    [[pairs, largest]] = con.execute(f"SELECT sum(n * (n - 1) // 2), max(n) FROM ({sizes})").fetchall()
    pairs, largest = int(pairs or 0), int(largest or 0)
    left = refine(con, table, rule, limits, "blocking_blocks") if pairs > limits.pairs else None
    _note(con, len(before), _has_each(rule))
    state = "runs" if left is None else "refined" if left.pairs else "refused"
    share = round(largest * (largest - 1) / 2 / pairs, 6) if pairs else 0.0
    return Count(named(rule), state, pairs, _adds(con, before, _has_each(rule)), largest, share, left)


def _has_each(rule: Rule) -> bool:
    return any(key(part).each for part in rule)


def _note(con: duckdb.DuckDBPyConnection, place: int, several: bool) -> None:
    """Column `b<place>` of `blocking_keys`: the rule's key of every record; rules of several keys have none."""
    held = "NULL::UBIGINT" if several else "CASE WHEN b.block IS NOT NULL THEN hash(b.block) END"
    other = "" if several else " LEFT JOIN blocking_blocks b USING (record_key)"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE blocking_keys AS SELECT k.*, {held} AS b{place} FROM blocking_keys k{other}""")


def _adds(con: duckdb.DuckDBPyConnection, before: Sequence[bool], several: bool) -> int:
    """Distinct pairs of `blocking_blocks`, the rule noted last, that no rule noted before it finds.

    Rules of one key a record are asked by that key. The pairs of the others, with `each`, are few and kept as they are.
    """
    side = "(SELECT k.*, b.block FROM blocking_blocks b JOIN blocking_keys k USING (record_key))"
    keyed = [place for place, lists in enumerate(before) if not lists]
    new = "".join(f" AND NOT coalesce(l.b{place} = r.b{place}, false)" for place in keyed)
    pairs = f"""
        SELECT {"DISTINCT " if several else ""}l.record_key, r.record_key AS other FROM {side} l JOIN {side} r
        ON l.block = r.block AND l.record_key < r.record_key{new}"""
    pairs = f"SELECT p.* FROM ({pairs}) p ANTI JOIN blocking_found f USING (record_key, other)"
    if several:
        con.execute(f"CREATE OR REPLACE TEMP TABLE blocking_new AS {pairs}")
        con.execute("INSERT INTO blocking_found FROM blocking_new")
        pairs = "FROM blocking_new"
    return scalar(con, f"SELECT count(*) FROM ({pairs})")
