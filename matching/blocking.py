"""Blocking rules: which pairs are compared at all, counted before they run.

Here: declared rules → Splink's blocking rules, their pair counts. Not here: the rules themselves (rules/matching),
rules that exceed the cap (matching/refinement), the search for better ones (matching/proposal).
"""

from collections.abc import Sequence
from typing import Any

import duckdb

from rules.matching import Key, key
from store.duck import scalar

Rule = tuple[str, ...]


def splink_rule(rule: Rule) -> dict[str, Any]:
    """Splink's blocking rule: equality of every part; a list field is exploded."""
    parts = [key(part) for part in rule]
    exploded = [part.field for part in parts if part.each]
    made: dict[str, Any] = {"blocking_rule": " AND ".join(_equal(part) for part in parts), "sql_dialect": "duckdb"}
    return made | ({"arrays_to_explode": exploded} if exploded else {})


def named(rule: Rule) -> str:
    """A rule as shown and stored: its parts joined by ` + `."""
    return " + ".join(rule)


def parsed(text: str) -> Rule:
    """The rule that `named` shows."""
    return tuple(text.split(" + "))


def usable(rules: Sequence[Rule], filled: set[str]) -> list[Rule]:
    """The rules of which every field is filled in the data."""
    return [rule for rule in rules if all(key(part).field in filled for part in rule)]


def keys_sql(table: str, rule: Rule, also: Sequence[str] = ()) -> str:
    """A query of (record_key, c0, c1, … and the parts `also` as a0, a1, …): each key a rule puts a record under, once.

    Records of which a part of the rule is empty have no key; parts `also` may be empty.
    """
    parts = [key(part) for part in rule]
    columns = [f"t.u_{part.field}" if part.each else _expression(part, f"t.{part.field}") for part in parts]
    kept = [f"{column} AS c{place}" for place, column in enumerate(columns)]
    kept += [f"{_expression(key(part), f't.{key(part).field}')} AS a{place}" for place, part in enumerate(also)]
    filled = " AND ".join(f"({column}) IS NOT NULL" for column in columns)
    return f"SELECT t.record_key, {', '.join(kept)} FROM {_unnested(table, parts)} t WHERE {filled}"


def _unnested(table: str, parts: Sequence[Key]) -> str:
    """`table` with a row for each distinct element of every list part; DuckDB is slow with an unnest in FROM."""
    for part in parts:
        if part.each:
            elements = f"list_distinct({_elements(part, 't')})"
            table = f"(SELECT t.*, unnest({elements}) AS u_{part.field} FROM {table} t)"
    return table


def count_pairs(con: duckdb.DuckDBPyConnection, table: str, rule: Rule) -> int:
    """How many pairs a rule makes on its own, without making them.

    Exact for rules without `each`; with it an upper bound, because two records that share two elements count twice.
    """
    sizes = f"SELECT count(*)::HUGEINT AS n FROM ({keys_sql(table, rule)}) GROUP BY {_columns(rule)}"
    return scalar(con, f"SELECT sum(n * (n - 1) // 2) FROM ({sizes})")


def pairs_sql(table: str, rule: Rule) -> str:
    """A query of the distinct pairs (record_key_l, record_key_r) that a rule makes, the lesser key left."""
    side = f"({keys_sql(table, rule)})"
    equal = " AND ".join(f"l.c{place} = r.c{place}" for place in range(len(rule)))
    return f"""
        SELECT DISTINCT l.record_key AS record_key_l, r.record_key AS record_key_r
        FROM {side} l JOIN {side} r ON {equal} AND l.record_key < r.record_key"""


def pairs_around_sql(table: str, touched: str, rule: Rule) -> str:
    """The same of the pairs with an end in `touched(record_key)`; a pair may come twice."""
    some = f"(SELECT t.* FROM {table} t SEMI JOIN {touched} USING (record_key))"
    equal = " AND ".join(f"l.c{place} = r.c{place}" for place in range(len(rule)))
    return f"""
        SELECT DISTINCT least(l.record_key, r.record_key) AS record_key_l,
               greatest(l.record_key, r.record_key) AS record_key_r
        FROM ({keys_sql(some, rule)}) l JOIN ({keys_sql(table, rule)}) r ON {equal} AND l.record_key <> r.record_key"""


def true_pairs_found(rules: Sequence[Rule], projection: str) -> str:
    """A query of the pairs of `everyone(record_key, entity_id)` that are true and that some rule finds.

    True pairs are few, so each rule's condition is tried on them instead of making all its candidates.
    """
    found = " OR ".join(f"({holds(rule)})" for rule in rules)
    return f"""
        SELECT l.record_key AS record_key_l, r.record_key AS record_key_r
        FROM everyone a JOIN everyone b ON a.entity_id = b.entity_id
        JOIN {projection} l ON l.record_key = a.record_key JOIN {projection} r ON r.record_key = b.record_key
        WHERE l.record_key < r.record_key AND ({found})"""


def holds(rule: Rule) -> str:
    """Condition: the rule finds the pair of records `l` and `r` (as SQL; unknown where a part is empty)."""
    return " AND ".join(_holds(key(part)) for part in rule)


def _holds(part: Key) -> str:
    if not part.each:
        return _equal(part)
    left, right = (_elements(part, side) for side in "lr")
    return f"list_has_any({left}, {right})"


def _elements(part: Key, side: str) -> str:
    column = f"{side}.{part.field}"
    return f"list_transform({column}, lambda x: {part.of('x')})"


def _columns(rule: Rule) -> str:
    return ", ".join(f"c{place}" for place in range(len(rule)))


def _equal(part: Key) -> str:
    return f"{_expression(part, f'l.{part.field}')} = {_expression(part, f'r.{part.field}')}"


def _expression(part: Key, column: str) -> str:
    column = f"{column}[1]" if part.first else column
    return part.of(column)
