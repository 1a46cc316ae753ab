"""A tiny, right night in DuckDB: three records, one quarantined row, two clients."""

from collections.abc import Iterator
from datetime import date

import duckdb
import polars as pl
import pytest

from rules.contracts import TABLES


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, object]]) -> None:
    """Create `table` from its contract; columns that a row leaves out are NULL."""
    schema = TABLES[table]
    given = pl.DataFrame(rows, infer_schema_length=None)
    empty = schema.create_empty()
    frame = pl.concat([empty, given.cast({n: empty.schema[n] for n in given.columns})], how="diagonal")
    con.register("_frame", frame.to_arrow())
    con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM _frame")
    con.unregister("_frame")


PERSON = {"source": "core", "party_type": "person", "row_hash": "h"}
COUNTS = {
    name: False if column.dtype == pl.Boolean else 0
    for name, column in TABLES["view_client"].columns().items()
    if not column.nullable and (column.dtype.is_numeric() or column.dtype == pl.Boolean)
}
NUMBER = {"source": "core", "legal_entity": "bank", "party_type": "person"}


@pytest.fixture
def con(right_night: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The right night; what a test changes is rolled back."""
    right_night.execute("BEGIN")
    yield right_night
    right_night.execute("ROLLBACK")


@pytest.fixture(scope="module")
def right_night() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        for table in TABLES:
            fill(con, table, [])
        fill(con, "std_record", [
            {"record_key": 1, "record_id": "a", "birth_date": date(1980, 1, 1), "sex": "F", **PERSON},
            {"record_key": 2, "record_id": "b", "birth_date": None, "sex": "F", **PERSON},
            {"record_key": 3, "record_id": "c", "country": "AZ", **PERSON, "party_type": "bank"},
        ])  # fmt: skip
        fill(con, "std_value", [
            {"record_key": 1, "field": "birth_date", "raw": "01.01.1980", "standard": "1980-01-01", "valid": False},
            {"record_key": 2, "field": "birth_date", "raw": "CANARY-7f", "valid": False, "reason": "no date"},
        ])  # fmt: skip
        fill(con, "std_name", [
            {"record_key": k, "ordinal": 1, "kind": "current", "full": "CANARY-7f", "valid": True} for k in (1, 2, 3)
        ])  # fmt: skip
        fill(con, "std_contact", [
            {"record_key": 1, "ordinal": 1, "kind": "email", "value": "x", "valid": False, "preferred": True},
        ])  # fmt: skip
        fill(con, "quarantine", [{"source": "core", "row": 3, "rule": "key", "reason": "a key"}])
        fill(con, "match_input_person", [{"record_key": k, "source": "core"} for k in (1, 2)])
        fill(con, "match_input_organisation", [{"record_key": 3, "source": "core"}])
        fill(con, "pairs_person", [
            {"record_key_l": 1, "record_key_r": 2, "weight": 9_000_000, "levels": "name=exact", "raised": 0},
        ])  # fmt: skip
        fill(con, "clusters", [{"record_key": k, "cluster_key": c} for k, c in ((1, 1), (2, 1), (3, 3))])
        fill(con, "crosswalk", [
            {"record_key": k, "record_id": r, "client_number": n, **NUMBER}
            for k, r, n in ((1, "a", "N1"), (2, "b", "N1"), (3, "c", "N2"))
        ])  # fmt: skip
        fill(con, "golden_party", [
            {"client_number": n, "party_type": "person", "records": r, "sources": "core", "display_name": "CANARY-7f"}
            for n, r in (("N1", 2), ("N2", 1))
        ])  # fmt: skip
        fill(con, "ledger_number", [
            {"client_number": n, "sequence": s, "minted_version": 1, "state": state, "resolves_to": to}
            for s, (n, state, to) in enumerate((("N1", "live", "N1"), ("N2", "live", "N2"), ("N0", "merged", "N1")))
        ])  # fmt: skip
        fill(con, "std_feed", [{"feed": "notes", "row": 0, "item": "7", "source": "core", "record_id": "a"}])
        note = {"feed": "notes", "item": "7", "ordinal": 0, "source": "core", "record_id": "a"}
        fill(con, "std_note", [note])
        fill(con, "view_note", [{"client_number": "N1", **note}])
        fill(con, "view_client", [{"client_number": n, "party_type": "person", **COUNTS} for n in ("N1", "N2")])
        con.execute("CREATE TABLE feed_count AS SELECT 'notes' AS source, 1::BIGINT AS rows")
        con.execute("CREATE TABLE input_count AS SELECT 'core' AS source, 4::BIGINT AS rows")
        yield con
