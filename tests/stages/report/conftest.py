"""A small night of about 90 records with everything the report can show; every personal value holds a canary."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from quality.checks.expectations import Outcome
from quality.scorecard import score
from rules.contracts import TABLES
from stages.report import ModelFacts, RunFacts

CANARY = "Canaryov"
SOURCES = ("core", "crm", "cards", "loans", "leads", "correspondents")
SCRIPTS = (("Latn", "Leyla {} <b>"), ("Cyrl", "Лейла {}"), ("Latn", "Leila {}"))


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """Create `table` from its contract; columns that a row leaves out are NULL."""
    empty = TABLES[table].create_empty()
    given = pl.DataFrame(rows, infer_schema_length=None)
    frame = pl.concat([empty, given.cast({n: empty.schema[n] for n in given.columns})], how="diagonal")
    con.register("_frame", frame.to_arrow())
    con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM _frame")
    con.unregister("_frame")


def parties() -> list[dict[str, Any]]:
    """(cluster, record) skeleton: sizes repeat 1 1 2 3 1 2 5, each seventh cluster an organisation."""
    sizes = [(1, 1, 2, 3, 1, 2, 5)[n % 7] for n in range(40)]
    keys = iter(range(1, 1000))
    return [
        {"cluster": n, "member": m, "key": next(keys), "source": SOURCES[(n + m) % 6], "person": n % 7 != 6}
        for n, size in enumerate(sizes)
        for m in range(size)
    ]


def write_night(con: duckdb.DuckDBPyConnection) -> None:
    found = parties()
    head = {p["cluster"]: p["key"] for p in reversed(found)}
    fill(con, "std_record", [
        {"record_key": p["key"], "source": p["source"], "record_id": f"{p['source'][:2].upper()}-{1000 + p['key']}",
         "party_type": "person" if p["person"] else "organisation", "row_hash": "h",
         "birth_date": date(1960 + p["cluster"], 3, 1 + (p["member"] == 2)) if p["person"] and p["key"] % 9 else None,
         "registration_date": None if p["person"] else date(1999, 4, 2), "sex": "F" if p["person"] else None,
         "residence_country": "AZ" if p["person"] else None, "country": None if p["person"] else "AZ"}
        for p in found
    ])  # fmt: skip
    fill(con, "std_value", [
        {"record_key": p["key"], "field": "birth_date", "raw": f"{CANARY} 31.02", "standard": None, "valid": False}
        for p in found if p["person"] and p["key"] % 9 == 0
    ])  # fmt: skip
    fill(con, "std_name", [
        {"record_key": p["key"], "ordinal": 1, "kind": "current", "script": SCRIPTS[p["member"] % 3][0],
         "full": SCRIPTS[p["member"] % 3][1].format(f"{CANARY}a {p['cluster']}"),
         "ascii": SCRIPTS[p["member"] % 3][1].format(p["cluster"]).lower(), "valid": p["key"] % 11 != 0}
        for p in found
    ])  # fmt: skip
    fill(con, "std_identifier", [
        {"record_key": p["key"], "ordinal": 1, "type": "az_fin" if p["person"] else "az_voen",
         "number": f"7{CANARY[:3]}{p['cluster']:03}", "lifelong": True, "primary": True, "well_formed": True,
         "valid": p["key"] % 8 != 0}
        for p in found if p["key"] % 3
    ])  # fmt: skip
    fill(con, "std_contact", [
        {"record_key": p["key"], "ordinal": n, "kind": kind, "value": value.format(p["cluster"], CANARY.lower()),
         "valid": p["key"] % 7 != 0, "preferred": n == 1}
        for p in found if p["key"] % 4
        for n, (kind, value) in enumerate((("mobile", "+99450{0:07}"), ("email", "{1}.{0}@example.org")), 1)
    ])  # fmt: skip
    fill(con, "std_address", [
        {"record_key": p["key"], "ordinal": 1, "kind": "registered", "full": f"{CANARY} küçəsi {p['cluster']}, Bakı",
         "valid": True}
        for p in found if p["key"] % 2
    ])  # fmt: skip
    fill(con, "quarantine", [
        {"source": SOURCES[n % 3], "row": n, "rule": ("duplicate_key", "missing_key", "ragged_row")[n % 5 // 2],
         "reason": "a key that no other row has"}
        for n in range(7)
    ])  # fmt: skip
    write_matches(con, found, head)
    write_golden(con, found, head)
    con.execute("""
        CREATE TABLE input_count AS SELECT source, count(*) AS rows
        FROM (SELECT source FROM std_record UNION ALL SELECT source FROM quarantine) GROUP BY source
    """)
    score(con)
    con.execute("""
        CREATE TABLE score AS
        SELECT 2 AS version, DATE '2026-03-12' AS business_date, source, field, NULL AS owner, rule, checked, passed
        FROM (SELECT source, field, 'completeness' AS rule, rows AS checked, filled AS passed FROM quality_score
              UNION ALL SELECT source, field, 'validity', filled, valid FROM quality_score)""")


def write_matches(con: duckdb.DuckDBPyConnection, found: list[dict[str, Any]], head: dict[int, int]) -> None:
    fill(con, "clusters", [{"record_key": p["key"], "cluster_key": head[p["cluster"]]} for p in found])
    for model, person in (("person", True), ("organisation", False)):
        ends = [(a, b) for a in found for b in found if a["key"] < b["key"] and a["person"] == person == b["person"]]
        fill(con, f"pairs_{model}", [
            {"record_key_l": a["key"], "record_key_r": b["key"],
             "weight": (6_000_000 + (a["key"] * 37 + b["key"] * 11) % 19 * 1_300_000 if a["cluster"] == b["cluster"]
                        else -9_000_000 + (a["key"] * 7 + b["key"] * 13) % 29 * 500_000),
             "levels": "name=jaro winkler ≥ 0.92, birth_date=exact, identifier=exact, phone=empty, address=same city"}
            for a, b in ends if a["cluster"] == b["cluster"] or (a["key"] + b["key"]) % 3 == 0
        ])  # fmt: skip
    fill(con, "review", [
        {"record_key_l": n, "record_key_r": n + 1, "party_type": "person", "kind": "band" if n % 3 else "constraint",
         "weight": 1_500_000 * n, "reason": f"{CANARY} differs"}
        for n in range(1, 10)
    ])  # fmt: skip


def write_golden(con: duckdb.DuckDBPyConnection, found: list[dict[str, Any]], head: dict[int, int]) -> None:
    number = {cluster: f"{10_000_000 + cluster * 97}-{cluster % 10}" for cluster in head}
    fill(con, "crosswalk", [
        {"record_key": p["key"], "source": p["source"], "record_id": f"{p['source'][:2].upper()}-{1000 + p['key']}",
         "party_type": "person" if p["person"] else "organisation", "client_number": number[p["cluster"]]}
        for p in found
    ])  # fmt: skip
    firsts = [p for p in found if p["member"] == 0]
    fill(con, "golden_party", [
        {"client_number": number[p["cluster"]], "party_type": "person" if p["person"] else "organisation",
         "display_name": f"Leyla {CANARY}a {p['cluster']} <b>", "records": 1, "sources": p["source"],
         "birth_date": date(1960 + p["cluster"], 3, 1) if p["person"] else None, "sex": "F" if p["person"] else None,
         "residence_country": "AZ", "registration_date": None if p["person"] else date(1999, 4, 2)}
        for p in firsts
    ])  # fmt: skip
    fill(con, "golden_identifier", [
        {"client_number": number[p["cluster"]], "position": 1, "record_key": p["key"], "lifelong": True,
         "type": "az_fin" if p["person"] else "az_voen", "number": f"7{CANARY[:3]}{p['cluster']:03}", "primary": True,
         "well_formed": True}
        for p in firsts
    ])  # fmt: skip


def write_changes(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        CREATE TABLE change_event AS SELECT n AS position,
            CASE WHEN n % 9 = 0 THEN 'merged' WHEN n % 7 = 0 THEN 'created' ELSE 'changed' END AS event,
            '100000' || n AS client_number, CASE WHEN n % 9 = 0 THEN '100001' || n END AS other_number,
            CASE WHEN n % 9 > 0 AND n % 7 > 0 THEN 'birth_date, contact' END AS fields
        FROM range(1, 60) t(n)
    """)


RULES = 91
FACTS = RunFacts(
    version=2,
    parent=1,
    business_date=date(2026, 3, 12),
    bank="Caspian & Carpathian Bank",
    models=(ModelFacts("person", "bootstrap", 8.0, 2.5), ModelFacts("organisation", "bootstrap", 9.5, 3.0)),
    inputs={"core": 20, "crm": 18, "cards": 17, "loans": 15, "leads": 14, "correspondents": 12},
    checks=(
        Outcome("standardised", True, (), (("std_record", "has a usable name", 7),), RULES),
        Outcome("matched", True, (), (), RULES),
        Outcome("golden", False, (("golden_party", "primary key unique", 2),), (), RULES),
    ),
    seconds={"read": 3.2, "standardise": 12.9, "match": 20.4, "golden": 4.0, "checks": 7.7},
)


@pytest.fixture(scope="module")
def night() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        write_night(con)
        write_changes(con)
        yield con


@pytest.fixture(scope="session")
def all_facts() -> RunFacts:
    return FACTS


@pytest.fixture
def facts(all_facts: RunFacts) -> RunFacts:
    return all_facts


@pytest.fixture
def canary() -> str:
    return CANARY
