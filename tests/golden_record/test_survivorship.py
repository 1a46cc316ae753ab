"""Literal clients in, golden record out: who wins each field and unit, and what lineage says about it."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from golden_record.survivorship import survive
from rules.contracts import TABLES
from rules.errors import ConfigError
from rules.survivorship import Survivorship, load_survivorship

NUMBER = "10000000146"
OTHER = "10000000243"
GOLDEN = ("golden_party", "golden_name", "golden_identifier", "golden_address", "golden_contact", "golden_lineage")
Fill = Callable[..., None]
POLICY = load_survivorship()


@pytest.fixture
def home(con: duckdb.DuckDBPyConnection, put: Fill) -> Callable[..., duckdb.DuckDBPyConnection]:
    """Fill the inputs: records 1 (core, trusted, old), 2 and 3 (crm, less trusted, newer) of one client."""

    def build(**tables: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
        records = tables.pop("std_record", [{}, {}, {}])
        base = [
            {"record_key": key, "source": source, "record_id": f"r{key}", "party_type": "person", "updated_at": when}
            for key, source, when in (
                (1, "core", datetime(2026, 1, 1)),
                (2, "crm", datetime(2026, 3, 1)),
                (3, "crm", datetime(2026, 2, 1)),
            )
        ]
        rows = [{**known, **own} for known, own in zip(base, records, strict=False)]
        put("std_record", rows)
        put("crosswalk", [{"record_key": row["record_key"], "client_number": NUMBER} for row in rows])
        for table in ("std_name", "std_identifier", "std_address", "std_contact"):
            put(table, [{"ordinal": 0, "valid": True, **row} for row in tables.get(table, [])])
        con.execute("CREATE OR REPLACE TABLE source_trust AS SELECT 'core' AS source, 90 AS trust")
        con.execute("CREATE OR REPLACE TABLE placeholder (kind VARCHAR, value VARCHAR, records BIGINT, rule VARCHAR)")
        for row in tables.get("placeholder", []):
            con.execute("INSERT INTO placeholder VALUES ($1, $2, 99, 'learned')", [row["kind"], row["value"]])
        if "std_value" in tables:
            put("std_value", tables["std_value"])
        return con

    return build


def golden(con: duckdb.DuckDBPyConnection, column: str, policy: Survivorship = POLICY) -> Any:
    survive(con, policy)
    return con.execute(f"SELECT {column} FROM golden_party").fetchall()[0][0]


def lineage(con: duckdb.DuckDBPyConnection, field: str) -> tuple[Any, ...]:
    rows = con.execute("SELECT record_key, rule, candidates FROM golden_lineage WHERE field = $1", [field]).fetchall()
    assert len(rows) == 1
    return rows[0]


def policy_with(**fields: str) -> Survivorship:
    return Survivorship.model_validate(
        {**POLICY.model_dump(), "fields": {**POLICY.fields.model_dump(), **fields}},
    )


def test_trusted_beats_newer(home: Any) -> None:
    con = home(std_record=[{"sex": "F"}, {"sex": "M"}, {"sex": "M"}])
    assert golden(con, "sex") == "F"
    assert lineage(con, "sex") == (1, "trusted", 2)


def test_trusted_then_newer_when_the_best_source_is_silent(home: Any) -> None:
    con = home(std_record=[{}, {"occupation": "new"}, {"occupation": "old"}])
    assert golden(con, "occupation") == "new"


def test_recent_beats_trusted(home: Any) -> None:
    con = home(std_record=[{"life_status": "alive"}, {"life_status": "dead"}, {"life_status": "alive"}])
    assert golden(con, "life_status") == "dead"
    assert lineage(con, "life_status") == (2, "recent", 2)


def test_verified_by_right_check_digits_beats_trusted(home: Any) -> None:
    con = home(
        std_record=[{"birth_date": date(1980, 1, 1)}, {}, {"birth_date": date(1981, 2, 2)}],
        std_identifier=[{"record_key": 3, "type": "ro_cnp", "number": "1", "lifelong": True, "check_ok": True}],
    )
    assert golden(con, "birth_date") == date(1981, 2, 2)
    assert lineage(con, "birth_date") == (3, "verified", 2)


@pytest.mark.parametrize(("result", "winner"), [("Verified", 2), ("failed", 3)])
def test_verified_outside_beats_check_digits(home: Any, result: str, winner: int) -> None:
    con = home(
        std_record=[{}, {"birth_date": date(1980, 1, 1)}, {"birth_date": date(1981, 2, 2)}],
        std_identifier=[
            {"record_key": 2, "type": "passport", "number": "P", "verified_result": result},
            {"record_key": 3, "type": "ro_cnp", "number": "1", "lifelong": True, "check_ok": True},
        ],
    )
    golden(con, "birth_date")
    assert lineage(con, "birth_date")[0] == winner


def test_frequent_counts_records(home: Any) -> None:
    con = home(std_record=[{"language": "az"}, {"language": "ru"}, {"language": "ru"}])
    assert golden(con, "language", policy_with(language="frequent")) == "ru"
    assert lineage(con, "language") == (2, "frequent", 2)


def test_ties_end_in_source_and_record_id(home: Any) -> None:
    same = {"source": "crm", "updated_at": datetime(2026, 1, 1)}
    con = home(std_record=[{**same, "sex": "F", "record_id": "b"}, {**same, "sex": "M", "record_id": "a"}])
    assert golden(con, "sex") == "M"


def test_a_placeholder_never_wins(home: Any) -> None:
    con = home(
        std_record=[{"birth_date": date(1900, 1, 1)}, {"birth_date": date(1981, 2, 2)}],
        std_contact=[{"record_key": 1, "kind": "mobile", "value": "+994000000000"}],
        std_identifier=[{"record_key": 1, "type": "passport", "number": "00000"}],
        std_name=[{"record_key": 1, "kind": "current", "full": "Test Test", "ascii": "test test"}],
        placeholder=[
            {"kind": "birth_date", "value": "1900-01-01"},
            {"kind": "phone", "value": "+994000000000"},
            {"kind": "identifier", "value": "passport:00000"},
            {"kind": "name", "value": "test test"},
        ],
    )
    assert golden(con, "birth_date") == date(1981, 2, 2)
    for table in ("golden_contact", "golden_identifier", "golden_name"):
        assert con.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]


def test_a_flagged_scalar_never_wins(home: Any) -> None:
    con = home(
        std_record=[{"birth_date": date(2999, 1, 1)}, {"birth_date": date(1981, 2, 2)}],
        std_value=[{"record_key": 1, "field": "birth_date", "valid": False, "reason": "future"}],
    )
    assert golden(con, "birth_date") == date(1981, 2, 2)


def test_fields_of_the_other_party_type_stay_empty(home: Any) -> None:
    con = home(std_record=[{"party_type": "bank", "sex": "F", "country": "AZ", "total_assets": Decimal("1.50")}])
    survive(con, POLICY)
    row = con.execute("SELECT party_type, sex, country, total_assets FROM golden_party").fetchall()
    assert row == [("bank", None, "AZ", Decimal("1.50"))]


def test_party_tells_sources_roles_records_and_latest_change(home: Any) -> None:
    con = home(std_record=[{"roles": "owner, client"}, {"roles": "client"}, {}])
    survive(con, POLICY)
    row = con.execute("SELECT roles, sources, records, updated_at FROM golden_party").fetchall()
    assert row == [("client,owner", "core,crm", 3, datetime(2026, 3, 1))]


def test_one_current_name_survives_whole_and_other_kinds_as_a_union(home: Any) -> None:
    con = home(
        std_name=[
            {"record_key": 1, "kind": "current", "full": "Ana Pop", "given": "Ana", "family": "Pop"},
            {"record_key": 2, "kind": "current", "full": "Ana Maria Popa", "given": "Ana", "middle": "Maria"},
            {"record_key": 2, "ordinal": 1, "kind": "former", "full": "Ana Rusu", "latin": "Ana Rusu"},
            {"record_key": 3, "kind": "former", "full": "Ана Русу", "latin": "Ana Rusu"},
            {"record_key": 3, "ordinal": 1, "kind": "alias", "full": "Ani", "valid": False},
        ]
    )
    assert golden(con, "display_name") == "Ana Pop"
    rows = con.execute('SELECT position, kind, "full", middle, record_key FROM golden_name ORDER BY ALL').fetchall()
    assert rows == [(1, "current", "Ana Pop", None, 1), (2, "former", "Ana Rusu", None, 2)]
    assert lineage(con, "name.current") == (1, "verified", 2)
    assert lineage(con, "name.former.2") == (2, "union", 1)


def test_identifiers_are_a_union_with_the_best_proved_row_and_invalid_ones_last(home: Any) -> None:
    con = home(
        std_identifier=[
            {"record_key": 1, "type": "az_fin", "number": "X", "valid": False, "well_formed": False},
            {"record_key": 1, "ordinal": 1, "type": "passport", "number": "P1", "issuer": "core says"},
            {"record_key": 2, "type": "passport", "number": "P1", "issuer": "checked", "verified_result": "ok"},
            {"record_key": 3, "type": "az_fin", "number": "Y", "primary": True, "lifelong": True},
        ]
    )
    survive(con, POLICY)
    rows = con.execute("SELECT position, type, number, issuer FROM golden_identifier ORDER BY position").fetchall()
    assert rows == [(1, "az_fin", "Y", None), (2, "passport", "P1", "checked"), (3, "az_fin", "X", None)]
    assert lineage(con, "identifier.passport.2")[0] == 2


def test_one_address_of_each_kind_survives_whole(home: Any) -> None:
    con = home(
        std_address=[
            {"record_key": 1, "kind": "registered", "full": "A 1", "street": "A", "house": "1", "unit": "9"},
            {"record_key": 2, "kind": "registered", "full": "Old", "to_date": date(2020, 1, 1)},
            {"record_key": 2, "ordinal": 1, "kind": "registered", "full": "B 2", "street": "B", "house": "2"},
            {"record_key": 3, "kind": "mailing", "full": "C 3"},
            {"record_key": 2, "ordinal": 2, "kind": "work", "full": "?", "valid": False},
        ]
    )
    survive(con, POLICY)
    rows = con.execute('SELECT position, kind, "full", unit FROM golden_address ORDER BY position').fetchall()
    assert rows == [(1, "registered", "B 2", None), (2, "mailing", "C 3", None)]
    assert lineage(con, "address.registered") == (2, "recent", 3)


def test_contacts_are_a_union_with_one_preferred(home: Any) -> None:
    con = home(
        std_contact=[
            {"record_key": 1, "kind": "mobile", "value": "+1", "preferred": True},
            {"record_key": 2, "kind": "email", "value": "a@b", "preferred": True},
            {"record_key": 3, "kind": "mobile", "value": "+1", "preferred": False},
            {"record_key": 3, "ordinal": 1, "kind": "phone", "value": "bad", "valid": False},
        ]
    )
    survive(con, POLICY)
    rows = con.execute("SELECT position, value, preferred, record_key FROM golden_contact ORDER BY ALL").fetchall()
    assert rows == [(1, "a@b", True, 2), (2, "+1", False, 1)]


def test_an_identifier_flagged_as_placeholder_stays_out_and_one_flagged_otherwise_does_not(home: Any) -> None:
    con = home(
        std_identifier=[
            {"record_key": 1, "type": "az_fin", "number": "1111111", "valid": False, "reason": "placeholder"},
            {"record_key": 2, "type": "az_fin", "number": "X", "valid": False, "reason": "wrong form"},
        ]
    )
    survive(con, POLICY)
    assert con.execute("SELECT number FROM golden_identifier").fetchall() == [("X",)]
    assert lineage(con, "identifier.az_fin.1") == (2, "union", 1)


@pytest.mark.parametrize("strategy", ["trusted", "recent", "verified", "frequent"])
def test_every_strategy_works_for_units(home: Any, strategy: str) -> None:
    con = home(
        std_name=[{"record_key": key, "kind": "current", "full": text} for key, text in ((1, "A"), (2, "B"), (3, "B"))],
        std_address=[{"record_key": key, "kind": "work", "full": text} for key, text in ((1, "A"), (2, "B"), (3, "B"))],
        std_contact=[{"record_key": 1, "kind": "email", "value": "a@b"}],
    )
    units = {"name": strategy, "address": strategy, "contact": strategy}
    survive(con, Survivorship.model_validate({**POLICY.model_dump(), "units": units}))
    expected = "B" if strategy in ("recent", "frequent") else "A"
    assert con.execute('SELECT "full" FROM golden_name').fetchall() == [(expected,)]
    assert con.execute('SELECT "full" FROM golden_address').fetchall() == [(expected,)]


@pytest.mark.parametrize("table", GOLDEN)
def test_golden_tables_keep_their_contract_and_ignore_row_order(home: Any, table: str) -> None:
    con = home(
        std_record=[{"sex": "F", "birth_date": date(1980, 1, 1)}, {"sex": "M", "pep": True}, {"sex": "M"}],
        std_name=[{"record_key": 1, "kind": "current", "full": "Ana"}],
        std_identifier=[{"record_key": 1, "type": "lei", "number": "L", "lifelong": False, "primary": False,
                         "well_formed": True}],
        std_address=[{"record_key": 2, "kind": "work", "full": "W"}],
        std_contact=[{"record_key": 3, "kind": "email", "value": "a@b", "preferred": False}],
    )  # fmt: skip
    survive(con, POLICY)
    frame = con.sql(f"SELECT * FROM {table} ORDER BY ALL").pl()
    TABLES[table].validate(frame, cast=True)
    assert frame.columns == TABLES[table].column_names()
    for source in ("std_record", "crosswalk"):
        con.execute(f"CREATE OR REPLACE TABLE {source} AS SELECT * FROM {source} ORDER BY record_key DESC")
    survive(con, POLICY)
    assert con.sql(f"SELECT * FROM {table} ORDER BY ALL").pl().equals(frame)


def test_a_bank_overlays_one_field(tmp_path: Path) -> None:
    own = tmp_path / "survivorship.yaml"
    own.write_text("fields: {sex: recent}\n", encoding="utf-8")
    policy = load_survivorship(own)
    assert (policy.strategy("sex"), policy.strategy("birth_date")) == ("recent", "verified")


def test_a_misspelt_field_names_the_nearest(tmp_path: Path) -> None:
    own = tmp_path / "survivorship.yaml"
    own.write_text("fields:\n  birth_dat: recent\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"survivorship\.yaml:2.*birth_dat.*birth_date"):
        load_survivorship(own)


def test_a_decided_value_wins_and_the_lineage_names_the_decision(home: Callable[..., Any], put: Fill) -> None:
    con = home(std_record=[{"sex": "F", "birth_date": date(1980, 1, 1)}, {"sex": "F"}, {"sex": "F"}])
    decided = {"birth_date": ("1981-02-03", 4), "country": ("AZ", 5), "language": ("az", 6), "display_name": ("Ana", 8)}
    rows = [{"record_key": 2, "field": name, "value": v, "decision": n} for name, (v, n) in decided.items()]
    put("overridden", [*rows, {"record_key": 3, "field": "language", "value": "ru", "decision": 7}])
    survive(con, POLICY)
    shown = con.execute("SELECT sex, birth_date, country, language, display_name FROM golden_party").fetchall()
    assert shown == [("F", date(1981, 2, 3), None, "ru", "Ana")]
    told = con.execute("SELECT field, record_key, rule, candidates, decision FROM golden_lineage ORDER BY 1").fetchall()
    assert told == [
        ("birth_date", 2, "decision", 1, 4), ("display_name", 2, "decision", 0, 8), ("language", 3, "decision", 0, 7),
        ("party_type", 1, "trusted", 1, None), ("sex", 1, POLICY.strategy("sex"), 1, None),
    ]  # fmt: skip


def decided(*said: tuple[int, int, str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `overridden`: decision, record, field, unit."""
    return [{"record_key": key, "field": f, "value": json.dumps(unit), "decision": n} for n, key, f, unit in said]


def units(con: duckdb.DuckDBPyConnection, table: str, columns: str) -> list[tuple[Any, ...]]:
    return con.execute(f"SELECT {columns} FROM {table} ORDER BY position").fetchall()


def test_a_decided_address_stands_for_its_kind_and_the_others_stay(home: Any, put: Fill) -> None:
    con = home(std_address=[{"record_key": 1, "kind": "actual", "full": "Old 1", "house": "1"},
                            {"record_key": 2, "kind": "actual", "full": "Newer 2"},
                            {"record_key": 1, "ordinal": 1, "kind": "registered", "full": "Own 3"}])  # fmt: skip
    put("overridden", decided((4, 1, "address.actual", {"kind": "actual", "full": "Decided 4", "city": "Baku"}),
                              (5, 2, "address.work", {"kind": "work", "full": "Decided 5"}),
                              (6, 3, "address.registered", {})))  # fmt: skip
    survive(con, POLICY)
    assert units(con, "golden_address", 'kind, "full", city, house, record_key') == [
        ("actual", "Decided 4", "Baku", None, 1), ("work", "Decided 5", None, None, 2),
    ]  # fmt: skip
    told = con.execute("SELECT field, record_key, rule, candidates, decision FROM golden_lineage WHERE field LIKE 'a%'")
    assert sorted(told.fetchall()) == [("address.actual", 1, "decision", 1, 4), ("address.work", 2, "decision", 1, 5)]


def test_a_decided_contact_takes_the_place_of_one_and_the_later_word_counts(home: Any, put: Fill) -> None:
    con = home(std_contact=[{"record_key": key, "kind": "email", "value": value} for key, value in
                            ((1, "old@a"), (2, "other@a"), (3, "gone@a"))])  # fmt: skip
    said = [(4, 1, "contact.email", {"kind": "email", "value": "new@a", "replaces": "old@a", "preferred": True}),
            (5, 1, "contact.email", {"kind": "email", "value": "third@a", "replaces": "new@a"}),
            (6, 2, "contact.email", {"replaces": "gone@a"})]  # fmt: skip
    put("overridden", decided(*said))
    survive(con, POLICY)
    assert sorted(units(con, "golden_contact", "value")) == [("other@a",), ("third@a",)]
    back = (7, 1, "contact.email", {"kind": "email", "value": "old@a", "replaces": "third@a", "preferred": True})
    put("overridden", decided(*said, back))
    survive(con, POLICY)
    assert units(con, "golden_contact", "value, preferred, record_key") == [("old@a", True, 1), ("other@a", False, 2)]
    told = con.execute("SELECT rule, decision FROM golden_lineage WHERE field LIKE 'contact.%' ORDER BY field")
    assert told.fetchall() == [("decision", 7), ("union", None)]


def test_a_decided_document_replaces_its_number_and_a_placeholder_never_wins(home: Any, put: Fill) -> None:
    con = home(std_identifier=[{"record_key": 1, "type": "passport", "number": "A1"},
                               {"record_key": 1, "ordinal": 1, "type": "az_fin", "number": "A1"}],
               placeholder=[{"kind": "identifier", "value": "passport:P0"}])  # fmt: skip
    made = {"type": "passport", "number": "B2", "expires_on": "2030-01-02", "well_formed": True, "primary": True}
    put("overridden", decided((4, 2, "identifier.passport", {**made, "replaces": "A1"}),
                              (5, 2, "identifier.passport", {**made, "number": "P0"})))  # fmt: skip
    survive(con, POLICY)
    assert units(con, "golden_identifier", "type, number, expires_on, record_key") == [
        ("passport", "B2", date(2030, 1, 2), 2), ("az_fin", "A1", None, 1),
    ]  # fmt: skip
