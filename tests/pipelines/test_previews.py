"""Previews on Dagster's page: only what the registry makes itself, in cells that cannot become markup."""

from collections.abc import Iterator

import duckdb
import polars as pl
import pytest

from pipelines.steps import OWN_TEXTS, preview
from rules.contracts import TABLES


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database for one row of any table."""
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def previewed(con: duckdb.DuckDBPyConnection, table: str, text: str = "s") -> list[str]:
    """Lines of the preview of a table of one row, with `text` in every text."""
    empty = TABLES[table].create_empty()
    row = {name: text if kind == pl.String else None for name, kind in empty.schema.items()}
    con.register(table, pl.DataFrame([row], schema=empty.schema))
    return preview(con, table).splitlines()


def shown(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return previewed(con, table)[0].split(" | ")


@pytest.mark.parametrize("table", TABLES)
def test_text_columns_are_shown_only_if_listed(con: duckdb.DuckDBPyConnection, table: str) -> None:
    schema = TABLES[table].create_empty().schema
    columns = TABLES[table].columns()
    assert shown(con, table)
    for name in shown(con, table):
        assert (columns[name].metadata or {}).get("pii", "-") == "-"
        assert schema[name] != pl.String or name in OWN_TEXTS


def test_what_a_record_may_say_freely_is_left_out(con: duckdb.DuckDBPyConnection) -> None:
    found = set(shown(con, "std_record"))
    assert {"record_key", "source", "legal_entity", "party_type"} <= found
    assert not found & {"record_id", "branch", "roles", "status", "legal_form", "activity_code", "country", "row_hash"}
    assert shown(con, "change_event") == ["position", "event", "client_number", "other_number"]


def test_cells_cannot_become_markup_or_columns(con: duckdb.DuckDBPyConnection) -> None:
    lines = previewed(con, "crosswalk", "a|b<img>[x](y)`c`\n&#124;")
    row = lines[2]
    assert len(lines) == 3
    assert "a&#124;b&#60;img>&#91;x](y)&#96;c&#96; &#38;#124;" in row
    assert row.count("|") == lines[0].count("|")
