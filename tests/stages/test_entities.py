"""What a legal entity is given: its clients and records, and another's values only where that is declared."""

from typing import Any

import duckdb
import pytest

from rules.contracts import TABLES
from stages.entities import NEEDED, restrict
from store.tables import empty_sql

BANK, LEASE = 1, 2
"""Record keys of the same client at both entities."""


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """N is known to both; the bank's record won the birth date, the lease's the name. M is the lease's alone."""
    con = duckdb.connect(config={"threads": 1})
    for name in NEEDED:
        con.execute(f"CREATE TABLE all_{name} AS {empty_sql(TABLES[name])}")
    put = {
        "crosswalk": [
            {"record_key": BANK, "source": "core", "record_id": "1", "legal_entity": "bank", "client_number": "N"},
            {"record_key": LEASE, "source": "loans", "record_id": "2", "legal_entity": "lease", "client_number": "N"},
            {"record_key": 3, "source": "loans", "record_id": "3", "legal_entity": "lease", "client_number": "M"},
        ],
        "golden_party": [
            {"client_number": "N", "records": 2, "sources": "core,loans", "roles": "client,owner", "sex": "F",
             "birth_date": "1990-01-01", "display_name": "Ann"},
            {"client_number": "M", "records": 1, "sources": "loans", "display_name": "Bob"},
        ],
        "golden_lineage": [
            {"client_number": "N", "field": "birth_date", "record_key": BANK},
            {"client_number": "N", "field": "sex", "record_key": LEASE},
        ],
        "golden_name": [{"client_number": "N", "position": 1, "record_key": LEASE, "full": "Ann"}],
        "view_note": [
            {"client_number": "N", "feed": "f", "item": str(key), "ordinal": 0, "source": source, "record_id": str(key)}
            for key, source in ((1, "core"), (2, "loans"))
        ],
        "std_record": [
            {"record_key": BANK, "roles": "client"}, {"record_key": LEASE, "roles": "owner"}, {"record_key": 3},
        ],
        "ledger_number": [
            {"client_number": "N", "resolves_to": "N"}, {"client_number": "O", "resolves_to": "N"},
            {"client_number": "M", "resolves_to": "M"},
        ],
    }  # fmt: skip
    for name, rows in put.items():
        for row in rows:
            columns, marks = ", ".join(f'"{column}"' for column in row), ", ".join("?" for _ in row)
            con.execute(f"INSERT INTO all_{name} ({columns}) VALUES ({marks})", list(row.values()))
    return con


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


_PARTY = (
    "SELECT client_number, records, sources, roles, sex, CAST(birth_date AS VARCHAR), display_name FROM golden_party"
)


def test_across_entities_a_client_is_given_whole_to_each_that_knows_it(con: duckdb.DuckDBPyConnection) -> None:
    restrict(con, "bank", across=True)
    assert rows(con, _PARTY) == [("N", 2, "core,loans", "client,owner", "F", "1990-01-01", "Ann")]
    assert rows(con, 'SELECT "full" FROM golden_name') == [("Ann",)]
    assert rows(con, "SELECT record_id FROM crosswalk") == [("1",)]
    assert rows(con, "SELECT client_number FROM ledger_number ORDER BY 1") == [("N",), ("O",)]


def test_otherwise_it_is_given_what_its_own_records_say(con: duckdb.DuckDBPyConnection) -> None:
    restrict(con, "bank", across=False)
    assert rows(con, _PARTY) == [("N", 1, "core", "client", None, "1990-01-01", None)]
    assert rows(con, "SELECT * FROM golden_name") == []
    assert rows(con, "SELECT field FROM golden_lineage") == [("birth_date",)]


@pytest.mark.parametrize(("anchor", "named"), [(BANK, [None, "Zoe"]), (LEASE, ["Zoe", None])])
def test_a_decided_name_is_of_the_entity_whose_record_it_was_decided_for(
    con: duckdb.DuckDBPyConnection, anchor: int, named: list[str | None]
) -> None:
    con.execute("UPDATE all_golden_party SET display_name = 'Zoe' WHERE client_number = 'N'")
    con.execute(
        "INSERT INTO all_golden_lineage (client_number, field, record_key, rule) VALUES ('N', 'display_name', ?, "
        "'decision')", [anchor],
    )  # fmt: skip
    for entity, name in zip(("lease", "bank"), named, strict=True):
        other = con.cursor()
        other.execute("BEGIN")
        restrict(other, entity, across=False)
        asked = "SELECT display_name FROM golden_party WHERE client_number = 'N'"
        assert rows(other, asked) == [(name,)]
        other.execute("ROLLBACK")


@pytest.mark.parametrize("across", [True, False])
def test_every_table_keeps_its_columns(con: duckdb.DuckDBPyConnection, across: bool) -> None:
    restrict(con, "lease", across=across)
    for name in set(NEEDED) - {"ledger_member", "std_record"}:
        assert con.table(name).columns == TABLES[name].column_names(), name
    assert [row[0] for row in rows(con, "SELECT client_number FROM golden_party ORDER BY 1")] == ["M", "N"]


@pytest.mark.parametrize("across", [True, False])
def test_what_hangs_on_another_entity_s_record_is_not_given(con: duckdb.DuckDBPyConnection, across: bool) -> None:
    restrict(con, "bank", across)
    assert rows(con, "SELECT client_number, item FROM view_note") == [("N", "1")]
