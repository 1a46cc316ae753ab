"""A decision entered from a desk, which has just explained the pair, keeps the same evidence as one entered anew."""

import json

import pytest

from rules.decisions import TWO_CLIENTS
from stages import decide
from stages.decide import Decider, Seen
from stages.explain import explain
from store.decisions import open_log
from store.decisions.entries import SECOND_PERSON
from store.home import Home
from store.opening import opened


@pytest.fixture
def pair(home_copy):
    """A home, and two records of different clients that stand in review."""
    home = Home(home_copy)
    with opened(home) as con:
        [(one, other)] = con.execute("""
            SELECT l.source || ':' || l.record_id, r.source || ':' || r.record_id FROM review v
            JOIN crosswalk l ON l.record_key = v.record_key_l JOIN crosswalk r ON r.record_key = v.record_key_r
            WHERE l.client_number <> r.client_number AND v.party_type = 'person' ORDER BY ALL LIMIT 1""").fetchall()
    return home, one, other


@pytest.mark.slow
def test_what_was_shown_is_not_scored_again_and_is_the_same(pair, monkeypatch):
    home, one, other = pair
    by = Decider("ann", "seen")
    anew = decide.merge(home, one, other, by)
    shown = explain(home, one, other)
    with opened(home) as con:
        monkeypatch.setattr(decide.evidence, "weigh", None)
        seen = decide.merge(home, one, other, by, Seen(con, shown))
        apart = decide.apart(home, other, one, Decider("bob", "no"), Seen(con, shown))
    assert seen.evidence == anew.evidence
    assert json.loads(anew.evidence) == json.loads(apart.evidence) | {SECOND_PERSON: [TWO_CLIENTS]}
    assert json.loads(anew.evidence)["weight"] is not None
    assert {*apart.left, *apart.right} > {tuple(side.split(":", 1)) for side in (one, other)}
    assert (":".join(apart.left[0]), ":".join(apart.right[0])) == (other, one) and len(open_log(home).decisions()) == 3


def test_another_pairs_explanation_is_not_taken(pair):
    home, one, other = pair
    with opened(home) as con:
        [(third,)] = con.execute(
            """
            SELECT source || ':' || record_id FROM crosswalk WHERE party_type = 'person'
            AND source || ':' || record_id NOT IN (?, ?) ORDER BY ALL LIMIT 1""",
            [one, other],
        ).fetchall()
        made = decide.merge(home, one, other, Decider("ann", "x"), Seen(con, explain(home, one, third)))
    assert json.loads(made.evidence) == json.loads(decide.merge(home, one, other, Decider("ann", "y")).evidence)
