"""The cases of a version: its review items with the two clients they are about, how long they wait, what is at risk.

Here: one table, made when the version is opened. Not here: who works on which case (workbench, queue), what a case page
shows (case). Ranking: points = chance × clients' records × consequence × exposed.

- chance, in thousandths: how likely the pair is one party by its weight, 1 / (1 + 2^-bits). The two stand apart now, so
  it is the chance that the standing answer is wrong.
- records: how many records of both clients an answer moves or keeps; it stands for the exposure until a version holds
  what clients own and owe.
- consequence: what a wrong answer of this kind weighs (rules/desk).
- exposed: 3 where one of the two is politically exposed.

A case is due so many days after it was first seen as its consequence says (rules/desk). Its age and whether it is
overdue are those of the version's business date.
"""

import duckdb
import polars as pl

from matching.model import MICRO
from rules.desk import CONSEQUENCE, DUE_DAYS, POLITICALLY_EXPOSED
from store import keymap, versions
from store.duck import connect
from store.home import Home
from store.manifest import Manifest


def collect(con: duckdb.DuckDBPyConnection, home: Home, of: Manifest) -> None:
    """Create `case_item`, a row per review item, and `counted_decision`, the decisions that the version counted.

    `case_id` is the same in every version that has the item.
    """
    con.execute("CREATE TABLE counted_decision AS SELECT DISTINCT decision FROM decided")
    today = f"DATE '{of.business_date}'"
    con.register("case_seen", _first_seen(home, of).to_arrow())
    con.execute(f"""
        CREATE TABLE case_item AS
        WITH side AS (
            SELECT x.record_key, x.source || ':' || x.record_id AS name, x.source, x.legal_entity, s.branch,
                   x.client_number, p.display_name, p.records, p.sources, coalesce(p.pep, false) AS pep
            FROM crosswalk x JOIN golden_party p USING (client_number) JOIN std_record s USING (record_key)),
        paired AS (
            SELECT {_CASE} AS case_id, v.kind, v.party_type, v.weight, v.reason,
                   CASE WHEN l.name < r.name THEN l ELSE r END AS a, CASE WHEN l.name < r.name THEN r ELSE l END AS b
            FROM review v JOIN side l ON l.record_key = v.record_key_l JOIN side r ON r.record_key = v.record_key_r)
        SELECT case_id, kind, party_type, weight, reason, a.name AS one, b.name AS other, a.record_key AS key_one,
               b.record_key AS key_other, a.client_number AS number_one, b.client_number AS number_other,
               a.display_name AS name_one, b.display_name AS name_other,
               list_sort([a.source, b.source]) AS sources, list_sort([a.legal_entity, b.legal_entity]) AS entities,
               list_sort([a.branch, b.branch]) AS branches, s.first_seen, CAST({_RISK} AS BIGINT) AS risk,
               s.first_seen + CAST({_DUE} AS INTEGER) AS due, due < {today} AS overdue,
               {today} - s.first_seen AS waits, {_AGE} AS age
        FROM paired JOIN case_seen s USING (case_id) ORDER BY risk DESC, case_id""")
    con.unregister("case_seen")


_CASE = "substr(sha256(concat_ws('|', v.kind, least(l.name, r.name), greatest(l.name, r.name))), 1, 16)"
_CHANCE = f"greatest(1, round(1000 / (1 + pow(2, -weight / {MICRO}))))"
_WEIGHS = " ".join(f"WHEN '{kind}' THEN {weight}" for kind, weight in CONSEQUENCE.items())
_WEIGHT = f"(CASE kind {_WEIGHS} ELSE 1 END)"
_DUE = f"CASE {_WEIGHT} " + " ".join(f"WHEN {weight} THEN {days}" for weight, days in DUE_DAYS.items()) + " END"
_AGE = "CASE WHEN waits <= 1 THEN 'day' WHEN waits <= 7 THEN 'week' WHEN waits <= 30 THEN 'month' ELSE 'longer' END"
_RECORDS = "(a.records + CASE WHEN a.client_number = b.client_number THEN 0 ELSE b.records END)"
_EXPOSED = f"CASE WHEN a.pep OR b.pep THEN {POLITICALLY_EXPOSED} ELSE 1 END"
_RISK = f"{_CHANCE} * {_RECORDS} * {_WEIGHT} * {_EXPOSED}"


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
