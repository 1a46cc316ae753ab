from client_view.children import under_clients
from rules.contracts.children import UNITS


def test_rows_follow_their_record_to_its_client_and_the_rest_is_unassigned(insert, con, rows):
    insert("crosswalk", record_key=1, source="core", record_id="A", client_number="1")
    insert("crosswalk", record_key=2, source="crm", record_id="B", client_number="1")
    for source, record in (("core", "A"), ("crm", "B"), ("crm", "quarantined")):
        insert(
            "std_holding", feed="f", item=record, ordinal=0, source=source, record_id=record, balance=10, currency="AZN"
        )
    under_clients(con)
    assert rows("SELECT client_number, item FROM view_holding ORDER BY ALL") == [("1", "A"), ("1", "B")]
    assert rows("SELECT unit, item, currency, balance::INT FROM view_unassigned") == [
        ("holding", "quarantined", "AZN", 10)
    ]


def test_a_split_moves_the_rows_of_the_record_that_left(insert, con, rows):
    insert("std_note", feed="crm", item="B", ordinal=0, source="crm", record_id="B")
    insert("crosswalk", record_key=2, source="crm", record_id="B", client_number="2")
    under_clients(con)
    assert rows("SELECT client_number FROM view_note") == [("2",)]


def test_every_kind_of_unit_has_its_table(con, rows):
    under_clients(con)
    for unit in UNITS:
        assert rows(f"SELECT count(*) FROM view_{unit}") == [(0,)]
