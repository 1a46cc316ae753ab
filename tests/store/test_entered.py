"""What was entered at the desk: appended, replaced, ended, chained, forgotten."""

import sqlite3

import pytest

from rules.errors import DecisionRefused, IntegrityError
from store.entered import FILE, Entered, Entry
from store.home import Home


@pytest.fixture
def entered(tmp_path):
    return Entered(Home(tmp_path))


def holding(entered, *records):
    return [one for one, holds in entered.about([("core", each) for each in records]) if holds]


def note(text="likes tea", record="1", request="r" * 8, replaces=None):
    return Entry("note", "note", "core", record, "ann", request, {"text": text} if text else {}, replaces)


def test_nobody_entered_anything_and_no_file_is_made(entered, tmp_path):
    assert holding(entered, "1") == [] == entered.broken() == entered.forget([("core", "1")])
    assert not (tmp_path / FILE).exists()


def test_sending_twice_counts_once_and_a_row_takes_the_place_of_another(entered):
    one = entered.add(note())
    assert entered.add(note("other words")) == one and one.id == 1
    two = entered.add(note("likes coffee", request="s" * 8, replaces=1))
    assert [one.fields["text"] for one in holding(entered, "1")] == ["likes coffee"]
    with pytest.raises(DecisionRefused, match="changed or ended already"):
        entered.add(note("likes water", request="t" * 8, replaces=1))
    entered.add(note("", request="u" * 8, replaces=two.id))
    assert holding(entered, "1") == [] == entered.broken() and entered.delivered().is_empty()


def test_rows_of_some_records_and_of_a_unit(entered):
    for place, record in enumerate("1223"):
        entered.add(note(record=record, request=f"request {place}"))
    assert [one.id for one in holding(entered, "2", "9")] == [2, 3]
    assert entered.delivered(unit="gift").is_empty() and entered.delivered(but="note").is_empty()
    assert entered.delivered(unit="note", after=1)["record_id"].to_list() == ["2", "2", "3"]


def test_a_new_client_is_named_by_its_row(entered):
    entered.add(note())
    made = entered.add(Entry("client", "client", "desk", "", "ann", "n" * 8, {"family": "Example"}))
    assert (made.record_id, [one for one, _ in entered.about([("desk", "2")])]) == ("2", [made])


@pytest.mark.parametrize("change", ["UPDATE entered SET user = 'bob'", "UPDATE said SET fields = '{}'"])
def test_a_changed_row_is_noticed(entered, tmp_path, change):
    entered.add(note())
    with sqlite3.connect(tmp_path / FILE) as con:
        con.execute(change)
    assert entered.broken() == [1]


def test_nothing_is_added_behind_a_changed_row(entered, tmp_path):
    entered.add(note())
    with sqlite3.connect(tmp_path / FILE) as con:
        con.execute("UPDATE entered SET record_id = '2'")
    with pytest.raises(IntegrityError, match="row 1"):
        entered.add(note(request="s" * 8))


def test_forgotten_values_are_gone_from_the_file_and_the_chain_holds(entered, tmp_path):
    entered.add(note("a secret word"))
    entered.add(note("an older secret", request="s" * 8, replaces=1))
    entered.add(note("of another", record="2", request="t" * 8))
    assert len(entered.forget([("core", "1")])) == 2
    assert entered.delivered()["record_id"].to_list() == ["2"] and entered.broken() == []
    assert b"secret" not in (tmp_path / FILE).read_bytes()
