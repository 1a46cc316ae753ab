"""The client view of the demo's second night, and what the planted bank must answer."""

import csv
from pathlib import Path

import duckdb
import polars as pl
import pytest

from benchmarks.planted.run import HERE, planted
from rules.contracts.view import COMPUTED
from stages.lookup import client
from stages.verify import verify
from stages.viewed import view_of
from store import versions
from store.home import Home
from store.opening import opened


@pytest.fixture
def con(demo_home):
    with opened(Home(demo_home)) as found:
        yield found


def test_every_delivered_row_is_told_of_and_no_balance_is_lost(demo_home, con):
    [kept] = [one for one in verify(Home(demo_home))["invariants"] if one["id"] == "conservation.feeds"]
    assert kept["ok"]
    delivered = sum(entry.rows + entry.carried for entry in versions.manifest(Home(demo_home)).feeds)
    assert con.execute("SELECT count(*) FROM std_feed").fetchall() == [(delivered,)]
    total = "SELECT currency, sum(balance) FROM {} GROUP BY ALL ORDER BY ALL"
    unassigned = "SELECT currency, balance FROM view_unassigned WHERE unit = 'holding'"
    both = f"(SELECT currency, balance FROM view_holding UNION ALL {unassigned})"
    assert con.execute(total.format(both)).fetchall() == con.execute(total.format("std_holding")).fetchall()


def test_indices_add_up_to_what_the_source_says(con):
    said = "SELECT count(*), count(DISTINCT client_number) FROM view_client"
    assert con.execute(said).fetchall() == [con.execute("SELECT count(*), count(*) FROM golden_party").fetchall()[0]]
    azn = """
        SELECT sum(balance) FROM view_holding h WHERE product IN ('account', 'deposit') AND status <> 'closed'
        AND client_number IN (SELECT client_number FROM view_holding GROUP BY 1 HAVING bool_and(currency = 'AZN'))"""
    sums = """
        SELECT sum(deposits) FROM view_client
        WHERE client_number IN (SELECT client_number FROM view_holding GROUP BY 1 HAVING bool_and(currency = 'AZN'))"""
    assert con.execute(azn).fetchall() == con.execute(sums).fetchall() != [(None,)]


def test_the_demo_shows_every_table_of_the_view(con):
    empty = {name for name in COMPUTED if not con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]}
    assert empty == {"view_membership_verdict", "view_period"}, (
        "the demo's bank has no vouchers, the planted one has; both nights are of one month"
    )


def test_every_rule_that_fired_is_explained(con):
    for table, packs in (("view_risk_factor", "'risk'"), ("view_tier", "'tier'"), ("view_finding", "'finding'")):
        unknown = f"SELECT rule FROM {table} EXCEPT SELECT rule FROM view_rule WHERE pack IN ({packs})"
        assert con.execute(unknown).fetchall() == []


def test_a_client_is_shown_with_its_view(demo_home, con):
    number = con.execute(
        "SELECT client_number FROM view_client ORDER BY products DESC, client_number LIMIT 1"
    ).fetchall()[0][0]
    view = client(Home(demo_home), number)["view"]
    assert view["holdings"] and view["risk"][0]["reason"] and view["tier"][0]["reason"]
    assert len(view["indices"]) == 1


def test_a_view_of_an_earlier_release_shows_the_parts_that_it_computed():
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE view_tier AS SELECT '1' AS client_number, 'mass' AS tier, 1 AS rank, false AS premium, "
            "'desk' AS served_by, 'r' AS rule, false AS held"
        )
        con.execute("CREATE TABLE view_rule AS SELECT 'tier' AS pack, 'r' AS rule, 'why' AS reason, 'c' AS cites")
        assert [(part, rows[0]["reason"]) for part, rows in view_of(con, "1").items()] == [("tier", "why")]


def test_the_published_snapshot_holds_the_view(demo_home):
    published = next((demo_home / "published" / "parquet").glob("000002"))
    assert pl.read_parquet(published / "view_client.parquet").height > 600
    assert duckdb.sql(
        f"SELECT count(*) FROM read_csv('{demo_home}/published/csv-crm/000002/view_tier.csv')"
    ).fetchall()[0][0]


def test_cases_have_numbers_and_expectations():
    cases = list(csv.DictReader((Path(HERE) / "cases.csv").read_text(encoding="utf-8").splitlines(), delimiter=";"))
    assert len(cases) >= 200 and len({case["case"] for case in cases}) == len(cases)
    assert all(case["expected"] and case["about"] for case in cases)


@pytest.mark.slow
def test_every_planted_case_passes(tmp_path, own_environment):
    assert [one for one in planted(tmp_path) if not one.passed] == []


def test_employers_are_linked_to_their_own_client_and_documents_say_how_they_stand():
    with duckdb.connect() as con:
        con.execute("CREATE TABLE history_night AS SELECT 1 AS version, DATE '2026-03-02' AS business_date")
        con.execute("CREATE TABLE golden_identifier AS SELECT '9' AS client_number, '1400057421' AS number")
        con.execute("CREATE TABLE golden_party AS SELECT '9' AS client_number, 'organisation' AS party_type")
        con.execute("""
            CREATE TABLE view_employment AS FROM (VALUES
                ('1', 'A MMC', '1400057421', 'clerk', DATE '2020-01-01', NULL),
                ('1', 'B MMC', '77', 'intern', DATE '2018-01-01', DATE '2019-01-01'))
            t(client_number, employer_name, employer_number, position, from_date, to_date)""")
        con.execute("""
            CREATE TABLE view_document AS SELECT '1' AS client_number, 'f' AS feed, item, 0 AS ordinal, kind,
                item AS number, NULL::DATE AS made_on, expires_on::DATE AS expires_on, gone_since::DATE AS gone_since,
                NULL AS check_result
            FROM (VALUES ('a', 'contract', NULL, NULL), ('b', 'identity_copy', '2026-03-01', NULL),
                         ('c', 'photograph', '2026-04-01', NULL), ('d', 'signature', NULL, '2026-03-02'))
            t(item, kind, expires_on, gone_since)""")
        found = view_of(con, "1", ["employment", "documents"])
    told = [(row["employer_name"], row["employer_client"]) for row in found["employment"]]
    assert told == [("A MMC", "9"), ("B MMC", None)], "the present one first"
    assert [row["state"] for row in found["documents"]] == ["in order", "expired", "expires soon", "withdrawn"]


def test_parts_that_grow_with_the_years_are_shown_in_brief_unless_more_is_asked_for():
    with duckdb.connect() as con:
        con.execute("""
            CREATE TABLE view_activity AS SELECT '1' AS client_number, 'f' AS feed, i::VARCHAR AS item, 0 AS ordinal,
                TIMESTAMP '2026-01-01' + i * INTERVAL 1 DAY AS at, 'call' AS kind, false AS planned, '' AS outcome,
                '' AS manager, '' AS need FROM range(30) t(i)""")
        brief, whole = (view_of(con, "1", ["activities"], most)["activities"] for most in (10, 500))
    assert (len(brief), len(whole)) == (10, 30) and brief == whole[:10] and brief[0]["at"] > brief[-1]["at"]
