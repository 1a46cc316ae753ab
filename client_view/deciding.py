"""Running a rule pack over rows: one scan of the input, whatever the number of rules.

Here: rules → one SQL query. Not here: any pack (rules/view/packs) or where its result goes.
"""

from collections.abc import Mapping
from datetime import date

import duckdb

from client_view.literals import dated
from rules.view.cells import TODAY, literal
from rules.view.packs import BY_HAND, PROFILE
from rules.view.shape import Compiled, Pack

Rules = Mapping[str, tuple[Compiled, ...]]
"""The rules in effect, by pack."""


def note_rules(con: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Write `view_rule`: every rule in effect, and what stands for a profile given by hand."""
    every = [*((pack, rule) for pack, own in rules.items() for rule in own), (PROFILE.name, BY_HAND)]
    rows = [(pack, rule.id, rule.reason, rule.cites) for pack, rule in every]
    con.execute("CREATE OR REPLACE TABLE view_rule (pack VARCHAR, rule VARCHAR, reason VARCHAR, cites VARCHAR)")
    con.executemany("INSERT INTO view_rule VALUES (?, ?, ?, ?)", rows)


def fire_sql(pack: Pack, rules: tuple[Compiled, ...], relation: str, keys: str, day: date) -> str:
    """A query: `keys` of `relation`, `rule`, and what the rule gives; of a first-hit pack at most one row for each.

    An unknown value fulfils no condition. The order of rules is that of their declaration.
    """
    given = ", ".join(f'"{name}"' for name in pack.gives)
    if not rules:
        nothing = ", ".join(f'{_empty(kind)} AS "{name}"' for name, kind in pack.gives.items())
        return f"SELECT {keys}, '' AS rule, {nothing} FROM {relation} WHERE FALSE"
    rows = ", ".join(_row(place, pack, rule) for place, rule in enumerate(rules))
    return f"""
        SELECT {keys}, rule, {given}
        FROM (SELECT {keys}, {_places(pack, rules)} AS place
              FROM (SELECT *, {dated(day)} AS {TODAY} FROM {relation}))
        JOIN (VALUES {rows}) AS fired(place, rule, {given}) USING (place)"""


def _places(pack: Pack, rules: tuple[Compiled, ...]) -> str:
    if pack.first:
        cases = " ".join(f"WHEN {rule.condition} THEN {place}" for place, rule in enumerate(rules))
        return f"CASE {cases} END"
    each = ", ".join(f"CASE WHEN {rule.condition} THEN {place} END" for place, rule in enumerate(rules))
    return f"unnest(list_filter([{each}], lambda place: place IS NOT NULL))"


def _row(place: int, pack: Pack, rule: Compiled) -> str:
    values = (
        _empty(kind) if rule.gives[name] is None else literal(rule.gives[name]) for name, kind in pack.gives.items()
    )
    return f"({place}, {literal(rule.id)}, {', '.join(values)})"


def _empty(kind: type | tuple[str, ...]) -> str:
    names = {int: "INTEGER", bool: "BOOLEAN"}
    return f"CAST(NULL AS {'VARCHAR' if isinstance(kind, tuple) else names.get(kind, 'VARCHAR')})"
