"""Edges, ownership chains, households and groups on a handful of clients."""

from decimal import Decimal

import pytest

from client_view import owners, relations
from client_view.connected import connected
from client_view.households import households
from client_view.layers import start

from .conftest import TODAY


@pytest.fixture
def tie(insert):
    def one(client, other, kind, share=None):
        insert("view_association", client_number=client, other_number=other, kind=kind, share=share, feed="f", item="i")

    return one


@pytest.fixture
def party(insert):
    def some(*numbers, kind="person"):
        for number in numbers:
            insert("golden_party", client_number=number, party_type=kind, birth_date="1980-01-01")

    return some


def related(insert, client, other, item="1", **values):
    insert("view_relationship", client_number=client, feed="f", item=item, ordinal=0, source="core", record_id=client,
           other_source="core", other_record=other, **{"kind": "spouse", **values})  # fmt: skip


def test_the_other_end_is_found_by_record_or_by_number(insert, con, rows):
    insert("crosswalk", record_key=2, source="core", record_id="B", client_number="2")
    insert("golden_identifier", client_number="3", position=1, number="1234567890")
    related(insert, "1", "B")
    related(insert, "1", None, "2", kind="owner", other_number="1234567890", share=30)
    related(insert, "1", None, "3", kind="owner", other_number="nobody's")
    relations.associate(con, TODAY)
    assert rows("SELECT other_number, kind FROM view_association ORDER BY ALL") == [("2", "spouse"), ("3", "owner")]


def test_relations_that_ended_or_whose_ends_became_one_are_none(insert, con, rows):
    insert("crosswalk", record_key=1, source="core", record_id="A2", client_number="1")
    insert("crosswalk", record_key=2, source="core", record_id="B", client_number="2")
    related(insert, "1", "A2")
    related(insert, "1", "B", "2", to_date=TODAY)
    related(insert, "1", "B", "3", kind="proxy", from_date="2026-03-04")
    related(insert, "1", "B", "4", kind="owner", from_date=TODAY)
    relations.associate(con, TODAY)
    assert rows("SELECT kind FROM view_association") == [("owner",)]


def test_of_two_rows_for_one_edge_the_latest_decides_so_that_no_share_counts_twice(insert, con, rows):
    insert("crosswalk", record_key=2, source="core", record_id="B", client_number="2")
    related(insert, "1", "B", "old", kind="owner", share=60, from_date="2020-01-01")
    related(insert, "1", "B", "new", kind="owner", share=20, from_date="2024-01-01")
    relations.associate(con, TODAY)
    assert rows("SELECT share::INT, item FROM view_association") == [(20, "new")]


def owned(con, rows, percent=25):
    owners.chains(con, Decimal(percent))
    return rows("SELECT client_number, owner_number, share, chains, control, beneficial FROM view_owner ORDER BY ALL")


def test_an_owner_passes_25_per_cent_only_when_two_chains_are_added(tie, party, con, rows):
    party("firm", "holding", kind="organisation")
    party("anna")
    tie("firm", "holding", "owner", 40)
    tie("holding", "anna", "owner", 50)
    tie("firm", "anna", "owner", 10)
    assert owned(con, rows) == [
        ("firm", "anna", Decimal("30.0000"), 2, False, True),
        ("holding", "anna", Decimal("50.0000"), 1, False, True),
    ]


@pytest.mark.parametrize(("share", "beneficial"), [("24.9999", False), ("25", True)])
def test_the_bound_of_25_per_cent_is_inclusive(share, beneficial, tie, party, con, rows):
    party("firm", kind="organisation")
    party("anna")
    tie("firm", "anna", "owner", share)
    assert owned(con, rows) == [("firm", "anna", Decimal(share), 1, False, beneficial)]


def test_an_owner_whose_share_nobody_told_is_shown_and_controls_nothing(tie, party, con, rows):
    party("firm", kind="organisation")
    party("anna")
    tie("firm", "anna", "owner")
    assert owned(con, rows) == [("firm", "anna", Decimal(0), 1, False, False)]


def test_control_passes_undiminished_where_the_share_shrinks(tie, party, con, rows):
    party("firm", "middle", "top", kind="organisation")
    party("anna", "boris")
    tie("firm", "middle", "owner", 51)
    tie("middle", "top", "controls")
    tie("top", "anna", "owner", "50.01")
    tie("top", "boris", "owner", "49.99")
    found = [row for row in owned(con, rows) if row[0] == "firm"]
    assert found == [
        ("firm", "anna", Decimal("0.0000"), 1, True, True),
        ("firm", "boris", Decimal("0.0000"), 1, False, False),
    ]


def test_a_circle_of_owners_ends_and_adds_nothing(tie, party, con, rows):
    party("a", "b", kind="organisation")
    party("anna")
    tie("a", "b", "owner", 50)
    tie("b", "a", "owner", 50)
    tie("b", "anna", "owner", 50)
    assert [row[:4] for row in owned(con, rows)] == [
        ("a", "anna", Decimal("25.0000"), 1), ("b", "anna", Decimal("50.0000"), 1),
    ]  # fmt: skip


def live_at(insert, number, family, born, address="nizami 1 baku", house="1"):
    insert("golden_party", client_number=number, party_type="person", birth_date=born)
    key = int(number)
    insert("golden_address", client_number=number, position=1, record_key=key, kind="actual", full=address, house=house)
    insert("std_address", record_key=key, ordinal=0, kind="actual", full=address, ascii=address, valid=True)
    insert("golden_name", client_number=number, position=1, record_key=key, kind="current", full=family)
    insert("std_name", record_key=key, ordinal=0, kind="current", full=family, family_ascii=family, valid=True)


def grouped(con, rows):
    start(con)
    households(con, 60)
    connected(con)
    return rows("SELECT layer, group_number, client_number, evidence FROM view_group ORDER BY ALL")


def test_a_household_needs_one_address_and_a_relation_or_a_name(insert, tie, con, rows):
    live_at(insert, "1", "mammadov", "1980-01-01")
    live_at(insert, "2", "mammadov", "2010-01-01")
    live_at(insert, "3", "other", "1982-01-01")
    live_at(insert, "4", "stranger", "1982-01-01")
    live_at(insert, "5", "mammadov", "1982-01-01", "elsewhere 2")
    tie("3", "1", "spouse")
    tie("5", "1", "spouse")
    named, family = "family name and age at one address", "family relation at one address"
    assert grouped(con, rows) == [
        ("household", "1", "1", family),
        ("household", "1", "2", named),
        ("household", "1", "3", family),
    ]


def test_a_decided_address_joins_a_household_as_any_other(insert, con, rows):
    live_at(insert, "1", "mammadov", "1980-01-01")
    live_at(insert, "2", "mammadov", "2010-01-01", "elsewhere 2")
    con.execute("""UPDATE golden_address SET "full" = 'Nizami 1, Baku' WHERE client_number = '2'""")
    said = '{"kind": "actual", "full": "Nizami 1, Baku", "house": "1", "ascii": "nizami 1 baku"}'
    insert("overridden", record_key=2, field="address.actual", value=said, decision=7)
    insert("overridden", record_key=1, field="sex", value="M", decision=8)
    assert [row[2] for row in grouped(con, rows)] == ["1", "2"]


def test_a_name_joins_nobody_at_a_crowded_address(insert, con, rows):
    for number in range(1, 15):
        live_at(insert, str(number), "mammadov", "1980-01-01")
    assert grouped(con, rows) == []


def test_control_connects_and_a_shared_address_does_not(insert, tie, con, rows):
    tie("b", "a", "owner", 60)
    tie("c", "a", "controls")
    tie("d", "a", "owner", 50)
    assert grouped(con, rows) == [("connected", "a", number, "control") for number in "abc"]


def test_two_clients_on_whom_a_third_depends_stand_in_two_groups(tie, con, rows):
    tie("supplier", "a", "depends_on")
    tie("supplier", "b", "depends_on")
    assert grouped(con, rows) == [
        ("connected", "a", "a", "control"), ("connected", "a", "supplier", "economic dependency"),
        ("connected", "b", "b", "control"), ("connected", "b", "supplier", "economic dependency"),
    ]  # fmt: skip


def test_dependence_goes_on_through_others_and_round_a_circle_once(tie, con, rows):
    tie("b", "a", "depends_on")
    tie("c", "b", "depends_on")
    tie("y", "x", "depends_on")
    tie("x", "y", "depends_on")
    assert [(group, client) for _, group, client, _ in grouped(con, rows)] == [
        ("a", "a"), ("a", "b"), ("a", "c"), ("x", "x"), ("x", "y"),
    ]  # fmt: skip
