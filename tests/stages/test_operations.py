"""Operation requests on the clients of a tiny live version."""

import json

import pytest

from rules.errors import ConfigError, DecisionRefused, NotFound
from rules.operations import load_operations
from stages.operations import Asked, hand_over, requests
from store.home import Home
from store.opening import opened


@pytest.fixture
def home(home_copy):
    return Home(home_copy)


@pytest.fixture
def card(home):
    """(client number, reference) of an open card."""
    with opened(home) as con:
        return con.execute("""
            SELECT client_number, reference FROM view_holding WHERE product = 'card' AND status <> 'closed'
            ORDER BY ALL LIMIT 1""").fetchall()[0]  # fmt: skip


def asked(card, operation="block", fields=None, documents=None, **changes):
    whole = {
        "number": card[0], "product": "card", "reference": card[1], "operation": operation,
        "fields": {"reason": "lost"} if fields is None else fields, "documents": documents or {}, "user": "ann",
    }  # fmt: skip
    return Asked(**{**whole, **changes})


def test_a_request_is_handed_over_once_to_the_system_that_keeps_the_product(home, card):
    first = hand_over(home, load_operations(), asked(card))
    again = hand_over(home, load_operations(), asked(card))
    assert (first["source"], first["new"], again["new"], again["id"]) == ("cards", True, False, first["id"])
    [path] = home.outbox.glob("cards/*.json")
    told = json.loads(path.read_text("utf-8"))
    assert (told["id"], told["operation"], told["fields"], told["asked_by"]) == (
        first["id"], "block", {"reason": "lost"}, "ann",
    )  # fmt: skip
    assert path.stat().st_mode & 0o077 == 0
    assert [(one["id"], one["status"]) for one in requests(home)] == [(first["id"], "handed over")]


REISSUE = {"operation": "reissue", "fields": {"delivery_branch": "b"}}


@pytest.mark.parametrize(
    ("changes", "problem", "mend"),
    [
        ({"operation": "blok"}, "'blok' is no operation", "block"),
        ({"fields": {}}, "needs the field 'reason'", "--field reason"),
        ({"fields": {"reason": " "}}, "needs the field 'reason'", "--field reason"),
        ({"fields": {"reason": "x", "limt": "5"}}, "takes no field 'limt'", ""),
        ({**REISSUE}, "cites a document 'identity_copy'", "--document"),
        ({**REISSUE, "documents": {"identity_copy": "none"}}, "cites a document 'identity_copy'", "--document"),
    ],
)  # fmt: skip
def test_what_the_catalogue_does_not_allow_is_refused_and_nothing_is_written(changes, problem, mend, home, card):
    with pytest.raises(DecisionRefused) as found:
        hand_over(home, load_operations(), asked(card, **changes))
    assert problem in found.value.expected and mend in found.value.typed and "--" not in found.value.next_step
    assert not home.outbox.exists()


def test_a_product_that_the_client_does_not_hold_is_refused_without_telling_its_reference(home, card):
    with pytest.raises(NotFound) as found:
        hand_over(home, load_operations(), asked(card, reference="SECRET-1"))
    assert "SECRET-1" not in str(found.value)


def test_a_typo_in_the_catalogue_is_refused_with_file_and_line(tmp_path):
    own = tmp_path / "operations.yaml"
    own.write_text("products:\n  crad:\n    block: {fields: [reason]}\n")
    with pytest.raises(ConfigError) as found:
        load_operations(own)
    assert found.value.place == f"{own}:2" and "card" in found.value.next_step
