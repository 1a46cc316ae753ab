"""Findings and warnings that compliance cleared: on what evidence they stand, since when, and who cleared them.

Here: what all of them share, also meetings with watch lists. Not here: which rules there are (rules/defaults/view),
entering a clearing (the desk). A clearing names the evidence that was looked at. Of a finding that is the rule, the
texts and flags that its condition asks, and the day since when it stands without a break: numbers count by the limits
that the rule sets them, or a clearing would end every day. What a rule calls an event is another one every night.
"""

from datetime import date

import duckdb

from client_view.before import under_tonight
from client_view.deciding import Rules, fire_sql
from client_view.literals import dated
from rules.view.packs import ONE, TWO
from rules.view.shape import Compiled, Pack
from store.duck import quote

CLEARED = """
    SELECT client_number, list, entry, evidence, count(DISTINCT lower(trim(COALESCE(author, '')))) AS persons
    FROM view_clearing GROUP BY ALL"""
"""How many persons cleared what."""


def is_cleared(needed: str, persons: str) -> str:
    """SQL: whether so many persons are enough."""
    return f"COALESCE({persons} >= CASE {needed} WHEN '{TWO}' THEN 2 WHEN '{ONE}' THEN 1 END, FALSE)"


def list_of(pack: str) -> str:
    """What a clearing calls a pack of findings; no watch list can be called so."""
    return f"pack {pack}"


def judged(con: duckdb.DuckDBPyConnection, pack: Pack, rules: Rules, relation: str, day: date) -> None:
    """Write `view_<pack>`: every rule that fires, with its evidence, since when, and whether it was cleared.

    Reads `relation`, `parent_view_<pack>`, `ledger_number`, `view_clearing`.
    """
    own = rules[pack.name]
    keys = ", ".join(("client_number", *sorted({name for rule in own for name in rule.facts})))
    shown = ", ".join(name for name in pack.gives if name not in ("event", "cleared_by"))
    today = dated(day)
    con.execute(f"""
        CREATE OR REPLACE TABLE view_{pack.name} AS
        WITH fired AS (
            SELECT client_number, rule, {shown}, COALESCE(event, FALSE) AS event,
                   COALESCE(cleared_by, '{ONE}') AS cleared_by, {_facts(own)} AS facts
            FROM ({fire_sql(pack, own, relation, keys, day)})),
        known AS (
            SELECT f.client_number, f.rule, min(b.since) AS since FROM fired f
            JOIN ({under_tonight(f"parent_view_{pack.name}")}) b
              ON b.client_number = f.client_number AND b.rule = f.rule AND b.evidence = {_evidence("b.since")}
            GROUP BY ALL),
        dated AS (
            SELECT f.*, CASE WHEN f.event THEN {today} ELSE COALESCE(k.since, {today}) END AS since
            FROM fired f LEFT JOIN known k USING (client_number, rule)),
        told AS (SELECT f.* EXCLUDE (event, facts), {_evidence("f.since")} AS evidence FROM dated f)
        SELECT t.*, {is_cleared("t.cleared_by", "c.persons")} AS cleared
        FROM told t LEFT JOIN ({CLEARED}) c
          ON c.client_number = t.client_number AND c.list = '{list_of(pack.name)}' AND c.entry = t.rule
         AND c.evidence = t.evidence""")


def _facts(rules: tuple[Compiled, ...]) -> str:
    """SQL: the texts and flags that the rule which fired asks."""
    texts = " ".join(
        f"WHEN {quote(rule.id)} THEN concat_ws(chr(31), {', '.join(_text(name) for name in rule.facts)})"
        for rule in rules if rule.facts
    )  # fmt: skip
    return f"CASE rule {texts} ELSE '' END" if texts else "''"


def _text(name: str) -> str:
    return f"COALESCE(CAST({name} AS VARCHAR), '')"


def _evidence(since: str) -> str:
    return f"md5(concat_ws(chr(31), f.rule, f.facts, {since}))"
