"""Decisions in a night: tables from the log, the night's frozen end, merge and undo, changed evidence, overrides."""

import json
import sqlite3
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from rules.decisions import CANNOT_LINK, CONFIRM, MUST_LINK
from rules.errors import DecisionRefused, IntegrityError, NotFound
from stages import decide
from stages.decide import Decider
from stages.explain import explain
from stages.lookup import golden
from stages.preview import preview
from stages.start import begin, done
from stages.verify import verify
from store import lock, versions
from store.decisions import open_log
from store.decisions.state import IN_EFFECT, PENDING
from store.opening import opened
from tests.tables import table

pytestmark = pytest.mark.long
ANN, BOB = Decider("ann", "told by the client"), Decider("bob")
EVER = date(2030, 1, 1)
LEDGER = {
    "ledger_event", "ledger_member", "ledger_number", "change_event", "member_event", "history_night", "history_member",
    "history_value", "figure", "score",
}  # fmt: skip
"""Tables that tell of the nights before; figures and scores compare with the last one."""


def persons(home, records: int = 1) -> list[str]:
    """Numbers of persons with so many records, in order."""
    found = table(home, "golden_party").filter(party_type="person", records=records)
    return found.sort("client_number")["client_number"].to_list()


def members(home, number: str) -> list[str]:
    rows = table(home, "crosswalk").filter(client_number=number).sort("source", "record_id")
    return [f"{source}:{key}" for source, key in rows.select("source", "record_id").iter_rows()]


def assert_sound(home) -> None:
    found = verify(home)
    assert found["ok"], [i for i in found["invariants"] if not i["ok"]]


@pytest.fixture
def again(small_live, compute, days):
    """Another night of the same business date."""
    return lambda: compute(small_live, days.first)


@pytest.mark.slow
def test_merge_counts_once_approved_and_undo_restores_everything_but_the_ledger(small_live, again):
    home = small_live.home
    before = versions.manifest(home)
    [first, other], mine = persons(home, 2)[:2], small_live.night(before.business_date)
    waiting = decide.merge(home, first, other, ANN)
    assert done(mine) is None and open_log(home).decisions()[waiting.id].state(EVER) == PENDING
    decide.approve(home, waiting.id, BOB)
    seen = preview(home, small_live.settings, "must_link", waiting.left, waiting.right)
    merged = again()
    assert len(seen.before) == 2 and [one["party"]["client_number"] for one in seen.after] == [first]
    with opened(home) as con:
        made = golden(con, first)
    assert {part: seen.after[0][part] for part in made} == made, "the preview said what the night made"
    assert [row["resolves_to"] for row in seen.numbers] == [first, first] and not seen.nothing
    assert (merged.decisions_upto, done(mine)) == (2, merged)
    party = table(home, "golden_party").filter(client_number=first)
    assert party["records"].to_list() == [4] and other not in table(home, "golden_party")["client_number"]
    assert_sound(home)
    decide.end(home, waiting.id, ANN)
    with pytest.raises(DecisionRefused, match="cannot end alone what two persons made"):
        decide.end(home, waiting.id, ANN)
    assert open_log(home).decisions()[waiting.id].state(EVER) == IN_EFFECT
    decide.end(home, waiting.id, BOB)
    after = again()
    assert {name for name, found in after.content_hashes.items() if found != before.content_hashes[name]} <= LEDGER
    assert set(table(home, "ledger_number").filter(state="live")["client_number"]) == set(
        table(home, "golden_party", 1)["client_number"]
    )
    assert_sound(home)


@pytest.mark.slow
def test_split_confirm_and_override_in_one_night(small_live, again):
    home = small_live.home
    [pair, alone, *_], [left, right] = [*persons(home, 2)[:1], *persons(home)[:2]], persons(home)[2:4]
    parted = members(home, pair)[1:]
    decide.approve(home, decide.split(home, pair, parted, ANN).id, BOB)
    assert decide.link(home, CONFIRM, left, right, ANN).effect == CANNOT_LINK
    decide.approve(home, decide.override(home, alone, "birth_date", "1970-01-02", EVER, ANN).id, BOB)
    decide.override(home, alone, "language", "ru", date(2026, 3, 1), ANN)
    again()
    assert len(members(home, pair)) == 1 and table(home, "decided").height == 2
    party = table(home, "golden_party").filter(client_number=alone)
    assert party["birth_date"].to_list() == [date(1970, 1, 2)]
    [told] = explain(home, left, right).decisions
    assert (told.kind, told.author, told.reason) == (CONFIRM, "ann", ANN.reason)
    lineage = table(home, "golden_lineage").filter(client_number=alone, field="birth_date")
    assert lineage.select("rule", "decision").rows() == [("decision", 4)]
    assert table(home, "overridden")["field"].to_list() == ["birth_date"]
    assert_sound(home)


def test_an_address_a_contact_and_a_document_are_decided_as_a_night_writes_them(small_live, again):
    home = small_live.home
    contact = table(home, "golden_contact").filter(kind="mobile").sort("client_number").row(0, named=True)
    number, old = contact["client_number"], contact["value"]
    typed = {"street": "Nizami küçəsi", "house": "12 A", "city": "Bakı", "postcode": "AZ1000", "country": "Azerbaijan"}
    passport = {"number": "aze-5831947", "country": "AZ", "expires_on": "2031-05-06"}
    said = {
        "address.actual": json.dumps(typed), "contact.email": "Sevinj.Z@Bank.AZ",
        "contact.mobile": json.dumps({"value": "+994 50 831 72 64", "replaces": old}),
        "identifier.passport": json.dumps(passport),
    }  # fmt: skip
    made = [decide.override(home, number, field, value, EVER, ANN) for field, value in said.items()]
    again()
    assert table(home, "overridden").is_empty(), "nobody approved them"
    for each in made:
        decide.approve(home, each.id, BOB)
    again()
    address = table(home, "golden_address").filter(client_number=number, kind="actual").row(0, named=True)
    assert (address["house"], address["postcode"], address["country"]) == ("12a", "AZ1000", "AZ")
    held = table(home, "golden_contact").filter(client_number=number)
    assert {"+994508317264", "sevinj.z@bank.az"} <= set(held["value"]) and old not in held["value"].to_list()
    assert held.filter(value="+994508317264")["preferred"].to_list() == [contact["preferred"]]
    paper = table(home, "golden_identifier").filter(client_number=number, number="AZE5831947").row(0, named=True)
    assert (paper["type"], paper["expires_on"]) == ("passport", date(2031, 5, 6))
    told = table(home, "golden_lineage").filter(client_number=number, rule="decision")
    assert sorted(told["decision"]) == [each.id for each in made]
    past = table(home, "history_value").filter(
        pl.col("value").str.contains('"house":"12a"', literal=True), client_number=number
    )
    assert past.filter(pl.col("valid_to").is_null(), pl.col("known_to").is_null()).height == 1
    assert_sound(home)
    for person in (BOB, ANN):
        decide.end(home, made[0].id, person)
    again()
    assert "12a" not in table(home, "golden_address").filter(client_number=number)["house"].to_list()


@pytest.mark.slow
def test_a_must_link_that_contradicts_holds_and_review_says_so(small_live, again):
    home = small_live.home
    rows = table(home, "match_input_person").filter(pl.col("lifelong").list.len() > 0)
    held = rows.join(table(home, "crosswalk").select("record_key", "client_number"), on="record_key")
    numbers = held.sort("client_number").unique("client_number", maintain_order=True)["client_number"].to_list()[:2]
    [a, b] = (members(home, number)[0] for number in numbers)
    decide.approve(home, decide.link(home, MUST_LINK, a, b, ANN).id, BOB)
    again()
    assert members(home, numbers[0])[0] == a and b in members(home, numbers[0])
    assert "must_link" in set(table(home, "review")["kind"])
    assert_sound(home)


@pytest.mark.slow
def test_changed_evidence_reopens_the_case_while_the_decision_holds(small_live, compute, days):
    home = small_live.home
    card, loan = _born_alike(home)
    made = decide.link(home, CONFIRM, f"cards:{card}", f"loans:{loan}", ANN)
    assert (
        made.effect == MUST_LINK and '"birth_date": "agrees"' in made.evidence and '"weight": null' not in made.evidence
    )
    set_ = decide.override(home, f"cards:{card}", "birth_date", "1970-01-02", EVER, ANN).id
    unit = decide.override(home, f"cards:{card}", "address.mailing", "Nizami 12, Baku", EVER, ANN).id
    for decision in (set_, unit):
        decide.approve(home, decision, BOB)
    file = small_live.data / "files" / f"cards_{days.second}.csv"
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    said = {head.split(";").index("birth"): "09.11.1931", head.split(";").index("address"): "SAHIL KUC., 3, BAKI"}
    file.write_text("\n".join([head, *(_otherwise(line, card, said) for line in lines)]) + "\n", encoding="utf-8")
    compute(small_live, days.second)
    crosswalk = table(home, "crosswalk").filter(pl.col("record_id").is_in([card, loan]))
    assert crosswalk["client_number"].n_unique() == 1
    first, second = sorted(table(home, "review").filter(kind="reopened")["reason"].to_list())
    assert first.startswith(f"decision {made.id} holds, but what it rests on changed: birth date: agrees then,")
    assert second == (
        f"decision {set_} holds, but what it rests on changed: the source changed its birth date; "
        f"decision {unit} holds, but what it rests on changed: the source changed its address mailing"
    )
    party = table(home, "golden_party").filter(client_number=crosswalk["client_number"][0])
    assert party["birth_date"].to_list() == [date(1970, 1, 2)]


def _born_alike(home) -> tuple[str, str]:
    """A card and a loan of one client with one birth date."""
    rows = table(home, "std_record").join(table(home, "crosswalk").select("record_key", "client_number"), "record_key")
    cards, loans = (
        rows.filter(pl.col("source") == source, pl.col("birth_date").is_not_null()) for source in ("cards", "loans")
    )
    both = cards.join(loans, ["client_number", "birth_date"]).sort("client_number")
    return both.row(0, named=True)["record_id"], both.row(0, named=True)["record_id_right"]


def _otherwise(line: str, key: str, said: dict[int, str]) -> str:
    cells = line.split(";")
    return ";".join(said.get(place, cell) for place, cell in enumerate(cells)) if cells[0] == key else line


def test_what_is_named_wrongly_is_refused(small_live):
    home = small_live.home
    one, two = persons(home)[:2]
    with pytest.raises(DecisionRefused, match="same record"):
        decide.link(home, MUST_LINK, one, members(home, one)[0], ANN)
    with pytest.raises(DecisionRefused, match="some, not all"):
        decide.split(home, one, members(home, one), ANN)
    with pytest.raises(DecisionRefused, match="some, not all"):
        decide.split(home, one, members(home, two), ANN)
    with pytest.raises(NotFound):
        decide.link(home, MUST_LINK, "cards:none", one, ANN)
    for field, value in (("birth_dat", "1970-01-02"), ("birth_date", "2.1.70"), ("sex", "X"), ("legal_form", "LLC")):
        with pytest.raises(DecisionRefused):
            decide.override(home, one, field, value, EVER, ANN)
    for field, value, said in (
        ("address.summer", "Baku", "is no address"), ("address.actual", "-", "placeholder|empty"),
        ("address.actual", '{"streat": "Nizami"}', "street"), ("contact.email", "nowhere", "not an e-mail"),
        ("contact.email", '{"replaces": "nobody@a.az"}', "does not have"), ("contact.email", "{}", "says nothing"),
        ("identifier.passprt", "A1234567", "passport"),
        ("identifier.passport", '{"number": "AZE5831947", "expires_on": "soon"}', "is no date"),
    ):  # fmt: skip
        with pytest.raises(DecisionRefused, match=said):
            decide.override(home, one, field, value, EVER, ANN)
    firm = table(home, "golden_party").filter(party_type="organisation")["client_number"].to_list()
    for number in firm[:1]:
        with pytest.raises(DecisionRefused, match="organisation"):
            decide.merge(home, one, number, ANN)
    assert open_log(home).entries() == []


def test_a_decision_during_a_run_counts_from_the_next_one_and_a_cut_log_stops_the_night(small_live, days):
    home = small_live.home
    one, two = persons(home)[:2]
    night = small_live.night(days.second)
    begin(night)
    try:
        made = decide.link(home, CANNOT_LINK, one, two, replace(ANN, request="r"))
        assert decide.link(home, CANNOT_LINK, one, two, replace(ANN, request="r")) == made
        assert (night.decisions_upto, open_log(home).decisions()[1].state(EVER)) == (0, IN_EFFECT)
        with pytest.raises(DecisionRefused, match="cannot_link"):
            decide.link(home, MUST_LINK, one, two, ANN)
    finally:
        lock.release(home)


@pytest.mark.slow
def test_a_log_that_lost_rows_or_was_changed_stops_the_night(small_live, again, days):
    home = small_live.home
    one, two = persons(home)[:2]
    decide.link(home, CANNOT_LINK, one, two, ANN)
    again()
    file = home.root / "decisions.sqlite"
    kept = file.read_bytes()
    file.unlink()
    assert {i["id"] for i in verify(home)["invariants"] if not i["ok"]} == {"decisions.chain", "decisions.two_persons"}
    with pytest.raises(IntegrityError, match="counted 1"):
        again()
    lock.release(home)
    file.write_bytes(kept)
    with sqlite3.connect(file) as raw:
        raw.execute("DROP TRIGGER decision_log_no_update")
        raw.execute("UPDATE decision_log SET author = 'eve'")
    raw.close()
    with pytest.raises(IntegrityError, match="row 1"):
        again()
    lock.release(home)
