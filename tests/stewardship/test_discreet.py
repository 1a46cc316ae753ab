"""What only compliance may know of a client is on nobody else's page."""

import html

import pytest

from rules.desk import ASK, COMPLY, DISCREET, MAY
from stages.viewed import view_of
from stewardship import discreet

OTHERS = [role for role, may in MAY.items() if COMPLY not in may]
VIEW = {
    "risk": [{"rule": "x"}],
    "watch lists": [{"entry": "E1"}],
    "warnings": [{"rule": "high_risk_growth"}, {"rule": "past_due"}],
    "findings about the client": [{"rule": "listed"}, {"rule": "no_questionnaire"}],
    "offers": [{"offer": "card", "blocked": "meets an entry", "blocked_by": "minor,listed"},
               {"offer": "loan", "blocked": "is a minor", "blocked_by": "minor"}],
}  # fmt: skip


@pytest.mark.parametrize("role", OTHERS)
def test_others_learn_no_more_than_whom_to_ask(role):
    assert discreet.view(role, VIEW) == {
        "warnings": [{"rule": "past_due"}],
        "findings about the client": [{"rule": "no_questionnaire"}],
        "offers": [{"offer": "card", "blocked": ASK, "blocked_by": ""}, VIEW["offers"][1]],
    }
    assert [discreet.risk_class(role, told) for told in ("prohibited", "low", None)] == ["high", "low", None]


@pytest.mark.parametrize("role", ["compliance", "auditor"])
def test_who_may_comply_sees_it_all(role):
    assert discreet.view(role, VIEW) == VIEW
    assert discreet.risk_class(role, "prohibited") == "prohibited"


def test_a_steward_sees_no_hit_on_a_watch_list(visit, live):
    with live() as now:
        [[listed]] = now.con.execute("SELECT client_number FROM view_screening ORDER BY 1 LIMIT 1").fetchall()
        hits = view_of(now.con, listed)["watch lists"]
    told = {
        role: html.unescape(visit(role).get(f"/clients/{listed}").text) for role in ("steward", "viewer", "auditor")
    }
    assert "watch lists" in told["auditor"] and all(str(hit["entry"]) in told["auditor"] for hit in hits)
    for role in ("steward", "viewer"):
        assert not any(part in told[role] for part in ("watch lists", "risk factors")), DISCREET
        assert not any(str(hit["entry"]) in told[role] for hit in hits)
