"""What compliance cleared: who it takes, how long it holds, and what brings it back."""

from datetime import date, timedelta

import pytest

from client_view.clearing import judged, list_of
from rules.view.packs import FINDING
from rules.view.shape import Compiled

from .conftest import TODAY

NEXT = TODAY + timedelta(days=1)
ABROAD = "residence_country IS NOT NULL"


def rule(name="abroad", condition=ABROAD, **gives):
    given = dict.fromkeys(FINDING.gives) | {"severity": "high"} | gives
    return Compiled(name, condition, given, "r", "c", ("residence_country",))


@pytest.fixture
def client(insert):
    def one(number="1", country="US"):
        insert("view_client", client_number=number, party_type="person", residence_country=country, loans_owed=5)
        insert("ledger_number", client_number=number, state="live", resolves_to=number)

    return one


@pytest.fixture
def night(con, rows):
    """`night(day, *rules)`: a night on the one before it; (client, since, cleared) of its findings."""

    def run(day, *rules):
        judged(con, FINDING, {"finding": rules or (rule(),)}, "view_client", day)
        con.execute("CREATE OR REPLACE TABLE parent_view_finding AS FROM view_finding")
        return rows("SELECT client_number, since, cleared FROM view_finding ORDER BY ALL")

    return run


@pytest.fixture
def clear(insert, rows):
    def one(author="ann", number="1", rule="abroad"):
        [(evidence,)] = rows(f"SELECT evidence FROM view_finding WHERE client_number = '{number}'")
        insert("view_clearing", client_number=number, feed="desk", item=author, ordinal=0, list=list_of("finding"),
               entry=rule, evidence=evidence, author=author)  # fmt: skip

    return one


def test_a_cleared_finding_stays_cleared_while_it_stands_and_comes_back_with_other_facts(client, night, clear, con):
    client()
    assert night(TODAY) == [("1", TODAY, False)]
    clear()
    con.execute("UPDATE view_client SET loans_owed = 6")
    assert night(NEXT) == [("1", TODAY, True)], "a number counts by the limit that the rule sets it"
    con.execute("UPDATE view_client SET residence_country = 'MD'")
    assert night(NEXT) == [("1", NEXT, False)]


def test_what_went_away_and_comes_again_is_another_finding(client, night, clear, con):
    client()
    night(TODAY)
    clear()
    con.execute("UPDATE view_client SET residence_country = NULL")
    assert night(NEXT) == []
    con.execute("UPDATE view_client SET residence_country = 'US'")
    assert night(NEXT + timedelta(days=1)) == [("1", NEXT + timedelta(days=1), False)]


def test_where_the_pack_wants_two_one_person_twice_is_one(client, night, clear):
    client()
    two = rule(cleared_by="two")
    night(TODAY, two)
    clear("ann")
    clear(" Ann ")
    assert night(NEXT, two) == [("1", TODAY, False)]
    clear("bob")
    assert night(NEXT, two) == [("1", TODAY, True)]
    assert night(NEXT, rule(cleared_by="nobody")) == [("1", TODAY, False)]


def test_a_clearing_follows_a_redirect_and_a_merge_with_an_older_one_opens_it(client, night, clear, con):
    client("2")
    night(TODAY)
    clear(number="2")
    client("1", None)
    con.execute("UPDATE ledger_number SET state = 'merged', resolves_to = '1' WHERE client_number = '2'")
    con.execute("DELETE FROM view_client WHERE client_number = '1'")
    for table in ("view_client", "view_clearing"):
        con.execute(f"UPDATE {table} SET client_number = '1'")
    assert night(NEXT) == [("1", TODAY, True)]
    con.execute("UPDATE parent_view_finding SET since = DATE '2026-01-01', evidence = "
                "md5(concat_ws(chr(31), rule, 'US', DATE '2026-01-01'))")  # fmt: skip
    assert night(NEXT) == [("1", date(2026, 1, 1), False)]


def test_an_event_is_another_one_every_night(client, night, clear):
    client()
    event = rule(event=True)
    night(TODAY, event)
    clear()
    assert night(TODAY, event) == [("1", TODAY, True)] and night(NEXT, event) == [("1", NEXT, False)]
