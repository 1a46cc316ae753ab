"""The cases of a version: its review items with the two clients they are about, how long they wait, what is at risk.

Here: their table, made when the version is opened, and of their clients what each holds and whom it is tied to. Two
numbers that a source gave one client are a case until somebody confirmed them. Not here: who works on which case
(workbench, queue), what a case page shows (case).

Ranking: value at risk = chance × exposure × consequence × exposed, in the reporting currency.

- chance: how likely the standing answer is wrong by the pair's weight: 1 / (1 + 2^-bits) where the two stand apart, and
  what is left of 1 where they are one client; a thousandth at least.
- exposure: what both clients own and owe, and so much for each of their records (rules/desk).
- consequence: what a wrong answer of this kind weighs (rules/desk).
- exposed: 3 where one of the two is politically exposed.

A case is due so many days after it was first seen as its consequence says (rules/desk). How old it is and whether it
is overdue is asked of a day (`dated`): people's days go on where no night does.
"""

from datetime import date

import duckdb
import polars as pl

from matching.model import MICRO
from rules.desk import A_RECORD, CONSEQUENCE, DUE_DAYS, POLITICALLY_EXPOSED
from store import keymap, versions
from store.duck import connect, tables
from store.home import Home
from store.manifest import Manifest


def dated(cases: str, today: date) -> str:
    """SQL: cases with their `age` on a day, and whether they are `overdue`."""
    on = f"DATE '{today}'"
    return f"(SELECT *, due < {on} AS overdue, {on} - first_seen AS waits, {_AGE} AS age FROM {cases})"


def collect(con: duckdb.DuckDBPyConnection, home: Home, of: Manifest) -> None:
    """Create `case_item`, a row per review item or open finding, `case_client` and `case_tie` of their clients, and
    `counted_decision`, the decisions that the version counted.

    `case_id` is the same in every version that has the item.
    """
    known = tables(con)
    con.execute(_HELD if "view_client" in known else _NOTHING_HELD)
    con.execute("CREATE TABLE counted_decision AS SELECT DISTINCT decision FROM decided")
    con.register("case_seen", _first_seen(home, of).to_arrow())
    con.execute(f"""
        CREATE TABLE case_item AS
        WITH side AS (
            SELECT x.record_key, x.source || ':' || x.record_id AS name, x.source, x.legal_entity, s.branch,
                   x.client_number, p.display_name, p.records, p.sources, coalesce(p.pep, false) AS pep,
                   coalesce(h.financial_assets + h.loans_owed, 0) + p.records * {A_RECORD} AS exposure
            FROM crosswalk x JOIN golden_party p USING (client_number) JOIN std_record s USING (record_key)
            LEFT JOIN case_holder h USING (client_number)),
        paired AS (
            SELECT {_CASE} AS case_id, v.kind, v.party_type, v.weight, v.reason, v.found,
                   CASE WHEN l.name < r.name THEN l ELSE r END AS a, CASE WHEN l.name < r.name THEN r ELSE l END AS b
            FROM ({_ITEMS}) v JOIN side l ON l.record_key = v.record_key_l JOIN side r ON r.record_key = v.record_key_r)
        SELECT case_id, kind, party_type, weight, reason, a.name AS one, b.name AS other, a.record_key AS key_one,
               b.record_key AS key_other, a.client_number AS number_one, b.client_number AS number_other,
               a.display_name AS name_one, b.display_name AS name_other,
               list_sort([a.source, b.source]) AS sources, list_sort([a.legal_entity, b.legal_entity]) AS entities,
               list_sort([a.branch, b.branch]) AS branches, coalesce(s.first_seen, found) AS first_seen,
               CAST({_EXPOSURE} AS BIGINT) AS exposure, CAST({_RISK} AS BIGINT) AS risk,
               coalesce(s.first_seen, found) + CAST({_DUE} AS INTEGER) AS due
        FROM paired LEFT JOIN case_seen s USING (case_id) ORDER BY risk DESC, case_id""")
    con.unregister("case_seen")
    about = "client_number IN (SELECT unnest([number_one, number_other]) FROM case_item)"
    con.execute(f"CREATE TABLE case_client AS FROM case_holder WHERE {about}")
    con.execute(f"CREATE TABLE case_tie AS {_TIES if 'view_association' in known else _NO_TIES} WHERE {about}")
    con.execute("DROP VIEW case_holder")


_HELD = """
    CREATE VIEW case_holder AS
    SELECT client_number, products_held, financial_assets, loans_owed, days_past_due, household_size, group_size
    FROM view_client"""
_NOTHING_HELD = """
    CREATE VIEW case_holder AS
    SELECT '' AS client_number, '' AS products_held, 0::DECIMAL(24, 2) AS financial_assets,
           0::DECIMAL(24, 2) AS loans_owed, 0 AS days_past_due, 1 AS household_size, 1 AS group_size
    WHERE false"""
"""Of a version by a release without a client view."""
_TIES = """
    SELECT a.client_number, a.kind, a.other_number, p.display_name
    FROM view_association a
    JOIN (SELECT client_number AS other_number, display_name FROM golden_party) p USING (other_number)"""
_NO_TIES = "SELECT '' AS kind, '' AS other_number, '' AS display_name, client_number FROM case_holder"
_ITEMS = """
    SELECT kind, party_type, weight, reason, record_key_l, record_key_r, CAST(NULL AS DATE) AS found FROM review
    UNION ALL
    SELECT CAST(f.kind AS VARCHAR), CAST(l.party_type AS VARCHAR), coalesce(p.weight, 0), f.evidence, l.record_key,
           r.record_key, f.first_seen
    FROM finding f JOIN crosswalk l ON (l.source, l.record_id) = (f.source, f.records[1])
    JOIN crosswalk r ON (r.source, r.record_id) = (f.source, f.records[2])
    LEFT JOIN (FROM pairs_person UNION ALL BY NAME FROM pairs_organisation) p
      ON p.record_key_l = least(l.record_key, r.record_key) AND p.record_key_r = greatest(l.record_key, r.record_key)
    ANTI JOIN (FROM decided WHERE kind = 'must_link') d
      ON d.record_key_l = least(l.record_key, r.record_key) AND d.record_key_r = greatest(l.record_key, r.record_key)
    WHERE f.state = 'open' AND l.client_number = r.client_number"""


_CASE = "substr(sha256(concat_ws('|', v.kind, least(l.name, r.name), greatest(l.name, r.name))), 1, 16)"
_WRONG = "CASE WHEN a.client_number = b.client_number THEN weight ELSE -weight END"
_CHANCE = f"greatest(1, round(1000 / (1 + pow(2, {_WRONG} / {MICRO}))))"
_WEIGHS = " ".join(f"WHEN '{kind}' THEN {weight}" for kind, weight in CONSEQUENCE.items())
_WEIGHT = f"(CASE kind {_WEIGHS} ELSE 1 END)"
_DUE = f"CASE {_WEIGHT} " + " ".join(f"WHEN {weight} THEN {days}" for weight, days in DUE_DAYS.items()) + " END"
_AGE = "CASE WHEN waits <= 1 THEN 'day' WHEN waits <= 7 THEN 'week' WHEN waits <= 30 THEN 'month' ELSE 'longer' END"
_EXPOSURE = "(a.exposure + CASE WHEN a.client_number = b.client_number THEN 0 ELSE b.exposure END)"
_EXPOSED = f"CASE WHEN a.pep OR b.pep THEN {POLITICALLY_EXPOSED} ELSE 1 END"
_RISK = f"round({_CHANCE} * {_EXPOSURE} * {_WEIGHT} * {_EXPOSED} / 1000)"


def _first_seen(home: Home, of: Manifest) -> pl.DataFrame:
    """(case_id, first_seen): the earliest business date of a kept version with the item.

    On a connection of its own, so that the desk keeps no earlier version from being cleaned.
    """
    named = "(SELECT record_key, source || ':' || record_id AS name FROM key_map)"
    with connect([home.root], home.cache) as con:
        keymap.attach(con, home)
        con.execute("CREATE TABLE seen (case_id VARCHAR, first_seen DATE)")
        for number in (number for number in versions.kept(home) if number <= of.version):
            found = versions.manifest(home, number)
            versions.attach(con, home, found, ["review"])
            con.execute(f"""
                INSERT INTO seen SELECT {_CASE}, DATE '{found.business_date}' FROM review v
                JOIN {named} l ON l.record_key = v.record_key_l JOIN {named} r ON r.record_key = v.record_key_r""")
        seen: pl.DataFrame = con.sql("SELECT case_id, min(first_seen) AS first_seen FROM seen GROUP BY 1").pl()
        return seen
