"""Column lineage that Dagster is told: from each golden column over the standard ones to the columns of sources."""

from dagster import AssetKey

from pipelines import lineage
from pipelines.steps import run_step
from rules.contracts import TABLES
from rules.origin import origins
from store import lock


def test_every_golden_column_leads_to_standard_columns_that_exist(bank_place):
    found = lineage.golden(bank_place).deps_by_column
    assert set(found) == {f"{one.table}.{one.column}" for one in origins()}
    sources = {f"std_{source.name}" for source in bank_place.settings.sources}
    for name, deps in found.items():
        assert {dep.asset_key.to_user_string() for dep in deps} in (sources, set()), name
        for table, column in (dep.column_name.split(".") for dep in deps):
            assert column in TABLES[table].columns(), name
    computed = {name for name, deps in found.items() if not deps}
    assert computed == {
        "golden_party.client_number", "golden_party.records", "golden_party.sources",
        *(f"golden_{unit}.{column}" for unit in ("name", "identifier", "address", "contact")
          for column in ("client_number", "position", "record_key")),
    }  # fmt: skip


def test_a_standard_column_leads_to_the_columns_that_a_source_maps_to_it(bank_place):
    source = bank_place.settings.source("core")
    found = lineage.standard(source).deps_by_column
    for deps in found.values():
        assert {dep.column_name for dep in deps} <= set(source.contract.columns)
        assert {dep.asset_key for dep in deps} == {AssetKey("raw_core")}
    [entry] = [entry for entry in source.map if entry.target == "birth_date"]
    assert [dep.column_name for dep in found["std_record.birth_date"]] == list(entry.fields["birth_date"].columns)
    assert found["std_name.latin"], "what is made of a whole unit is from all its columns"


def test_a_step_tells_it_with_what_it_wrote(small_live, days):
    night = small_live.night(days.second)
    try:
        told = run_step(night, "golden_record", lambda: {}, lineage.golden(small_live)).metadata
    finally:
        lock.release(night.home)
    deps = told["dagster/column_lineage"].deps_by_column["golden_party.birth_date"]
    assert {dep.column_name for dep in deps} == {"std_record.birth_date"} and len(deps) == 2
