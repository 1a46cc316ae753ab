"""Candidate blocking rules: what they cost, and which pairs near some records they find.

Here: rules made of the parts below whose field is filled. Not here: the choice among them (matching/proposal), where
true pairs come from (stages/blocking). A rule is joined with a further part only while it is expensive.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations

import duckdb
import polars as pl

from matching.blocking import Rule
from rules.matching import Key, key
from store.duck import scalar

PARTS: Rule = (
    "each identifiers", "each emails", "each phones", "birth_date", "birth_date[:7]", "birth_date[:4]",
    "family", "family[:4]", "given", "given[:3]", "middle", "name", "name[:6]", "birth_place", "postcode",
    "address", "street", "house", "city", "occupation", "country",
)  # fmt: skip
"""Templates of parts; all of them fields of the match projection."""
MOST_PARTS = 3
CHEAP = 20
"""A rule that costs less than this part of the budget is not joined with a further one."""


def templates(filled: set[str]) -> list[str]:
    """The parts whose field is filled."""
    return [part for part in PARTS if key(part).field in filled]


def encode(con: duckdb.DuckDBPyConnection, table: str, parts: Sequence[str]) -> None:
    """Create `blocking_parts(record_key, p0, p1, …)`: every part of every record as a 64-bit hash, lists as lists."""
    columns = ", ".join(f"{_hashed(part)} AS p{place}" for place, part in enumerate(parts))
    con.execute(f"CREATE OR REPLACE TEMP TABLE blocking_parts AS SELECT record_key, {columns} FROM {table}")


def _hashed(part: str) -> str:
    found = key(part)
    value = "x" if found.each else f"{found.field}[1]" if found.first else found.field
    value = found.of(value)
    if found.each:
        return f"list_distinct(list_transform({found.field}, lambda x: hash({value})))"
    return f"CASE WHEN {value} IS NOT NULL THEN hash({value}) END"


def candidates(
    con: duckdb.DuckDBPyConnection, parts: Sequence[str], declared: Iterable[Rule], budget: int
) -> dict[Rule, int]:
    """Pairs of every candidate within the budget, the declared rules among them; needs `blocking_parts`.

    Exact but for rules with `each`, where pairs that share two elements count twice, and for colliding hashes: both
    only raise a count.
    """
    known = {frozenset(rule): rule for rule in declared}
    counts = {rule: count_encoded(con, parts, rule) for rule in known.values()}
    wide: set[Rule] = set()
    for size in range(1, MOST_PARTS + 1):
        for made in combinations(parts, size):
            if _worthwhile(made, wide):
                rule = known.setdefault(frozenset(made), made)
                counts[rule] = pairs = counts.get(rule) or count_encoded(con, parts, rule)
                wide |= {made} if pairs > budget // CHEAP else set()
    return {rule: pairs for rule, pairs in counts.items() if 0 < pairs <= budget}


def _worthwhile(rule: Rule, wide: set[Rule]) -> bool:
    """Parts of different fields, of which any fewer would cost too much."""
    fields = {key(part).field for part in rule}
    fewer = combinations(rule, len(rule) - 1) if len(rule) > 1 else ()
    return len(fields) == len(rule) and all(shorter in wide for shorter in fewer)


def count_encoded(con: duckdb.DuckDBPyConnection, parts: Sequence[str], rule: Rule) -> int:
    """Pairs that a rule makes on its own, from `blocking_parts`."""
    by = ", ".join(f"k{place}" for place in range(len(rule)))
    sizes = f"SELECT count(*)::HUGEINT AS n FROM ({_keys(parts, rule)}) GROUP BY {by}"
    return scalar(con, f"SELECT sum(n * (n - 1) // 2) FROM ({sizes})")


def _keys(parts: Sequence[str], rule: Rule) -> str:
    """A query of (record_key, k0, k1, …) of the records that have every part of the rule."""
    table, shown = "blocking_parts", []
    for part in rule:
        column = f"p{parts.index(part)}"
        if key(part).each:
            table = f"(SELECT *, unnest({column}) AS u_{column} FROM {table})"
        shown.append(f"u_{column}" if key(part).each else column)
    named = ", ".join(f"{value} AS k{place}" for place, value in enumerate(shown))
    return f"SELECT record_key, {named} FROM {table} WHERE {' AND '.join(f'{value} IS NOT NULL' for value in shown)}"


def broadest(rules: Iterable[Rule]) -> list[Rule]:
    """The rules that together find every pair any of `rules` finds: those that no broader one among them covers."""
    kept: list[Rule] = []
    for rule in rules:
        if not any(covers(other, rule) for other in kept):
            kept = [other for other in kept if not covers(rule, other)] + [rule]
    return kept


def covers(broad: Rule, narrow: Rule) -> bool:
    """Whether `broad` finds every pair that `narrow` finds, whatever the data."""
    return all(any(_implies(key(own), key(part)) for own in narrow) for part in broad)


def _implies(own: Key, part: Key) -> bool:
    same = (own.field, own.each, own.first) == (part.field, part.each, part.first)
    return same and _within(own.prefix, part.prefix) and _within(own.suffix, part.suffix)


def _within(own: int | None, part: int | None) -> bool:
    return own is None or (part is not None and own >= part)


def near_pairs(con: duckdb.DuckDBPyConnection, parts: Sequence[str], rules: Iterable[Rule], seeds: str) -> str:
    """Create and name a table of the distinct pairs that some rule finds and of which an end is in `seeds`."""
    con.execute("CREATE OR REPLACE TEMP TABLE blocking_near (record_key_l BIGINT, record_key_r BIGINT)")
    for rule in rules:
        side = f"({_keys(parts, rule)})"
        equal = " AND ".join(f"l.k{place} = r.k{place}" for place in range(len(rule)))
        con.execute(f"""
            INSERT INTO blocking_near
            SELECT DISTINCT least(l.record_key, r.record_key), greatest(l.record_key, r.record_key)
            FROM (SELECT * FROM {side} SEMI JOIN {seeds} USING (record_key)) l
            JOIN {side} r ON {equal} AND l.record_key <> r.record_key""")
    con.execute("CREATE OR REPLACE TEMP TABLE blocking_near AS SELECT DISTINCT * FROM blocking_near")
    return "blocking_near"


def agreements(con: duckdb.DuckDBPyConnection, parts: Sequence[str], true_pairs: str) -> pl.DataFrame:
    """Which parts agree in `true_pairs(record_key_l, record_key_r, mass)`: each bit `pattern` with its `mass`."""
    bits = " + ".join(
        f"(coalesce({_agrees(part, place)}, false)::BIGINT << {place})" for place, part in enumerate(parts)
    )
    found: pl.DataFrame = con.sql(f"""
        SELECT {bits} AS pattern, sum(mass)::BIGINT AS mass
        FROM {true_pairs} t JOIN blocking_parts l ON l.record_key = t.record_key_l
        JOIN blocking_parts r ON r.record_key = t.record_key_r GROUP BY pattern ORDER BY pattern""").pl()
    return found


def _agrees(part: str, place: int) -> str:
    return f"list_has_any(l.p{place}, r.p{place})" if key(part).each else f"l.p{place} = r.p{place}"
