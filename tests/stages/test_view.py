"""The client view of the demo's second night, and what the planted bank must answer."""

import csv
from pathlib import Path

import duckdb
import polars as pl
import pytest

from benchmarks.planted.run import HERE, planted
from rules.contracts.view import COMPUTED
from stages.lookup import client, live
from stages.verify import verify
from stages.viewed import view_of
from store import versions
from store.home import Home


@pytest.fixture
def con(demo_home):
    with live(Home(demo_home)) as found:
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
    assert empty == {"view_screening", "view_membership_verdict", "view_period"}, (
        "the demo's bank has no watch list and no vouchers, the planted one has; both nights are of one month"
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
        f"SELECT count(*) FROM read_csv('{demo_home}/published/csv-crm/000002/view_rule.csv')"
    ).fetchall()[0][0]


def test_cases_have_numbers_and_expectations():
    cases = list(csv.DictReader((Path(HERE) / "cases.csv").read_text(encoding="utf-8").splitlines(), delimiter=";"))
    assert len(cases) >= 200 and len({case["case"] for case in cases}) == len(cases)
    assert all(case["expected"] and case["about"] for case in cases)


@pytest.mark.slow
def test_every_planted_case_passes(tmp_path, own_environment):
    assert [one for one in planted(tmp_path) if not one.passed] == []
