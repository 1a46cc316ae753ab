"""Decisions of any kind wait for a second person where their clients ask for it, and say why."""

from datetime import date

import pytest

from rules.decisions import CANNOT_LINK, CONFIRM, MUST_LINK, PREMIUM, RISK, TWO_CLIENTS
from stages import decide, second_person
from stages.decide import Decider
from store.decisions import open_log
from store.decisions.state import IN_EFFECT, PENDING
from store.home import Home
from store.opening import opened

ANN, BOB = Decider("ann", "seen"), Decider("bob")
DAY = date(2026, 3, 2)
RISKY = "SELECT client_number FROM view_risk WHERE risk_class IN ('high', 'prohibited')"
CALM = f"ANTI JOIN (SELECT client_number FROM view_tier WHERE premium UNION {RISKY}) USING (client_number)"


@pytest.fixture
def home(home_copy):
    return Home(home_copy)


def asked(home: Home, sql: str) -> list[str]:
    with opened(home) as con:
        return [name for (name,) in con.execute(sql).fetchall()]


def standing(home: Home, number: int) -> str:
    return open_log(home).decisions()[number].state(DAY)


def test_premium_and_high_risk_clients_are_named(home):
    [rich, *_] = asked(home, "SELECT client_number FROM view_tier WHERE premium ORDER BY 1")
    [risky, *_] = asked(home, f"{RISKY} ORDER BY 1")
    [calm, *_] = asked(home, f"SELECT client_number FROM view_tier {CALM} ORDER BY 1")
    with opened(home) as con:
        assert second_person.reasons(con, CONFIRM, MUST_LINK, (calm,)) == []
        assert PREMIUM in second_person.reasons(con, CONFIRM, MUST_LINK, (calm, rich))
        assert RISK in second_person.reasons(con, CONFIRM, MUST_LINK, (risky, calm))
        assert second_person.reasons(con, MUST_LINK, MUST_LINK, (calm, calm)) == []
        assert second_person.reasons(con, CANNOT_LINK, CANNOT_LINK, (calm, calm)) == [TWO_CLIENTS]


@pytest.mark.slow
def test_an_override_of_a_premium_client_waits_for_a_second_person(home):
    [rich, *_] = asked(home, "SELECT client_number FROM view_tier JOIN golden_party p USING (client_number) "
                             "WHERE premium AND p.party_type = 'person' ORDER BY 1")  # fmt: skip
    made = decide.override(home, rich, "education", "university", date(2026, 6, 1), ANN)
    assert (standing(home, made.id), PREMIUM in made.second_person) == (PENDING, True)
    decide.approve(home, made.id, BOB)
    assert standing(home, made.id) == IN_EFFECT


@pytest.mark.slow
def test_a_link_that_changes_golden_records_waits_and_one_that_does_not_counts(home):
    calm = f"SELECT source || ':' || record_id FROM crosswalk {CALM} WHERE party_type = 'person'"
    pairs = "QUALIFY count(*) OVER (PARTITION BY client_number) = 2 ORDER BY client_number, 1 LIMIT 2"
    one, other = asked(home, f"{calm} {pairs}")
    [third, *_] = asked(home, f"{calm} QUALIFY count(*) OVER (PARTITION BY client_number) = 1 ORDER BY 1 LIMIT 1")
    assert standing(home, decide.link(home, MUST_LINK, one, other, ANN).id) == IN_EFFECT
    joined = decide.link(home, MUST_LINK, one, third, ANN)
    assert (standing(home, joined.id), joined.second_person) == (PENDING, (TWO_CLIENTS,))
    decide.end(home, 1, ANN)
    parted = decide.link(home, CANNOT_LINK, one, other, ANN)
    assert (standing(home, parted.id), parted.second_person) == (PENDING, (TWO_CLIENTS,))
