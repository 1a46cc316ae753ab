"""A sound small home passes; each invariant fails when it, and what depends on it, is broken on purpose."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl
import pytest

from golden_record.identity import assign_numbers
from golden_record.invariants import INVARIANTS, verify
from golden_record.survivorship import survive
from rules.contracts import TABLES
from rules.survivorship import load_survivorship
from tests.tables import blank

LEDGER = ("crosswalk", "ledger_number", "ledger_member", "ledger_event")


@pytest.fixture(scope="module")
def home() -> Iterator[duckdb.DuckDBPyConnection]:
    """Built once; each test damages it inside a transaction."""
    with blank() as con:
        build(con)
        yield con


@pytest.fixture
def sound(home: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    home.execute("BEGIN")
    yield home
    home.execute("ROLLBACK")


def put(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]], schema: str | None = None) -> None:
    """Write `rows` as `table`; columns that a row leaves out are null."""
    empty = TABLES[schema or table].create_empty()
    whole = pl.DataFrame([{name: row.get(name) for name in empty.columns} for row in rows], schema=empty.schema)
    con.register("_rows", whole)
    con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM _rows")
    con.unregister("_rows")


def build(con: duckdb.DuckDBPyConnection) -> None:
    """Two nights of four records: the second merges two clients."""
    records = [
        {"record_key": key, "source": "s", "record_id": f"r{key}", "party_type": "person", "sex": "F",
         "birth_date": date(1980, 1, key), "updated_at": datetime(2026, 1, key), "roles": "client"}
        for key in (1, 2, 3, 4)
    ]  # fmt: skip
    put(con, "std_record", records)
    put(con, "std_name", [{"record_key": 1, "ordinal": 0, "kind": "current", "full": "Ana", "valid": True}])
    put(
        con,
        "std_identifier",
        [
            {
                "record_key": 1,
                "ordinal": 0,
                "type": "passport",
                "number": "P1",
                "lifelong": False,
                "primary": True,
                "well_formed": True,
                "valid": True,
            }
        ],
    )
    put(con, "std_address", [{"record_key": 3, "ordinal": 0, "kind": "actual", "full": "A 1", "valid": True}])
    put(
        con,
        "std_contact",
        [
            {"record_key": key, "ordinal": 0, "kind": "email", "value": "a@b", "valid": True, "preferred": True}
            for key in (3, 4)
        ],
    )
    con.execute("CREATE TABLE source_trust AS SELECT 's' AS source, 50 AS trust")
    con.execute("CREATE TABLE placeholder (kind VARCHAR, value VARCHAR, records BIGINT, rule VARCHAR)")
    work = '{"kind": "work", "full": "B 2", "house": "2"}'
    put(con, "overridden", [{"record_key": 3, "field": "sex", "value": "M", "decision": 9},
                            {"record_key": 4, "field": "address.work", "value": work, "decision": 10}])  # fmt: skip
    for table in LEDGER:
        put(con, f"parent_{table}", [], table)
    for version, clusters in ((1, {1: 1, 2: 2, 3: 3, 4: 3}), (2, {1: 1, 2: 1, 3: 3, 4: 3})):
        put(con, "clusters", [{"record_key": key, "cluster_key": cluster} for key, cluster in clusters.items()])
        assign_numbers(con, version, date(2026, 1, version))
        for table in LEDGER:
            con.execute(f"CREATE OR REPLACE TABLE parent_{table} AS SELECT * FROM {table}")
    survive(con, load_survivorship())


def broken(con: duckdb.DuckDBPyConnection) -> set[str]:
    return {result.id for result in verify(con) if not result.ok}


def test_a_sound_home_passes(sound: duckdb.DuckDBPyConnection) -> None:
    results = verify(sound)
    assert all(result.ok and result.rows == 0 for result in results)
    assert [result.id for result in results] == [invariant.id for invariant in INVARIANTS]


FIRST = "(SELECT min(client_number) FROM crosswalk)"
SECOND = "(SELECT client_number FROM ledger_number WHERE state = 'merged')"
BREAKS = [
    ("conservation.crosswalk", "DELETE FROM crosswalk WHERE record_key = 4"),
    ("conservation.crosswalk", "INSERT INTO crosswalk SELECT * FROM crosswalk WHERE record_key = 4"),
    ("conservation.crosswalk", "DELETE FROM std_record WHERE record_key = 2"),
    ("conservation.clusters", "DELETE FROM clusters WHERE record_key = 4"),
    ("conservation.clusters", "INSERT INTO clusters VALUES (4, 1)"),
    ("provenance.member", "UPDATE golden_lineage SET record_key = 3 WHERE record_key IN (1, 2)"),
    ("provenance.member", "UPDATE golden_name SET record_key = 4"),
    ("provenance.value", "UPDATE golden_party SET birth_date = DATE '1999-09-09'"),
    ("provenance.value", "UPDATE golden_party SET sex = 'M'"),
    ("provenance.decision", "UPDATE golden_party SET sex = 'F'"),
    ("provenance.decision", "UPDATE overridden SET value = 'F'"),
    ("provenance.decision", "DELETE FROM overridden"),
    ("provenance.decision", "UPDATE golden_lineage SET rule = 'decision' WHERE field = 'birth_date'"),
    ("provenance.lineage", "DELETE FROM golden_lineage WHERE field = 'sex'"),
    ("provenance.name", "UPDATE golden_name SET given = 'Ana'"),
    ("provenance.name", "UPDATE golden_name SET record_key = 2"),
    ("provenance.identifier", "UPDATE golden_identifier SET number = 'P2'"),
    ("provenance.identifier", "UPDATE std_identifier SET issuer = 'other'"),
    ("provenance.address", "UPDATE golden_address SET house = '7'"),
    ("provenance.address", "DELETE FROM std_address"),
    ("provenance.address", "UPDATE golden_address SET house = '3' WHERE kind = 'work'"),
    ("provenance.address", "DELETE FROM overridden WHERE decision = 10"),
    ("provenance.decision", "UPDATE overridden SET field = 'contact.phone' WHERE decision = 10"),
    ("provenance.decision", "UPDATE golden_lineage SET decision = 11 WHERE field = 'address.work'"),
    ("provenance.contact", "UPDATE golden_contact SET value = 'b@a'"),
    ("provenance.contact", "UPDATE golden_contact SET record_key = 1"),
    ("provenance.lineage", "UPDATE golden_party SET country = 'AZ'"),
    ("numbers.form", "UPDATE ledger_number SET sequence = sequence + 5"),
    ("numbers.form", "UPDATE ledger_number SET client_number = '10000000147' WHERE sequence = 100000001"),
    ("numbers.unique", "INSERT INTO ledger_number SELECT * FROM ledger_number LIMIT 1"),
    ("numbers.unique", f"INSERT INTO ledger_event VALUES (3, 1, DATE '2026-01-03', 'mint', {FIRST}, NULL, 'again')"),
    ("numbers.resolve", f"UPDATE ledger_number SET resolves_to = {SECOND} WHERE client_number = {SECOND}"),
    ("numbers.resolve", "UPDATE ledger_number SET resolves_to = NULL WHERE state = 'merged'"),
    ("numbers.resolve", "UPDATE ledger_number SET state = 'gone' WHERE state = 'merged'"),
    ("numbers.remembered", "DELETE FROM ledger_member WHERE record_id = 'r3'"),
    ("numbers.remembered", f"DELETE FROM ledger_number WHERE client_number = {SECOND}"),
    ("numbers.live", f"DELETE FROM golden_party WHERE client_number = {FIRST}"),
    ("numbers.live", "UPDATE ledger_number SET state = 'live', resolves_to = client_number"),
    ("numbers.cluster", f"UPDATE crosswalk SET client_number = {FIRST} WHERE record_key = 3"),
    ("numbers.cluster", f"UPDATE crosswalk SET client_number = {FIRST}"),
]


@pytest.mark.parametrize(("invariant", "damage"), BREAKS)
def test_damage_is_noticed(sound: duckdb.DuckDBPyConnection, invariant: str, damage: str) -> None:
    sound.execute(damage)
    assert invariant in broken(sound)


def test_every_invariant_has_a_test_that_breaks_it() -> None:
    assert {invariant for invariant, _ in BREAKS} == {invariant.id for invariant in INVARIANTS}


def test_tables_read_back_with_enums_are_judged_the_same(sound: duckdb.DuckDBPyConnection) -> None:
    for table in ("ledger_number", "ledger_event", "golden_party"):
        frame = TABLES[table].cast(sound.sql(f"FROM {table}").pl())
        sound.register("typed", frame)
        sound.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM typed")
        sound.unregister("typed")
    assert broken(sound) == set()
