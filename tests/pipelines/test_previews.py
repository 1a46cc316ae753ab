"""Previews on Dagster's page: only what the registry makes itself, in cells that cannot become markup."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.steps import OWN_TEXTS, preview
from rules.contracts import TABLES


class Night:
    """Just enough of a night: every table has one row, `s` in every text."""

    def __init__(self, text: str = "s") -> None:
        self.text = text

    @contextmanager
    def open(self, table: str) -> Iterator[duckdb.DuckDBPyConnection]:
        empty = TABLES[table].create_empty()
        row = {name: self.text if kind == pl.String else None for name, kind in empty.schema.items()}
        frame = pl.DataFrame([row], schema=empty.schema)
        with duckdb.connect(config={"threads": 1}) as con:
            con.register(table, frame)
            yield con


def shown(table: str, night: Any = None) -> list[str]:
    return preview(night or Night(), table).splitlines()[0].split(" | ")


@pytest.mark.parametrize("table", TABLES)
def test_text_columns_are_shown_only_if_listed(table: str) -> None:
    schema = TABLES[table].create_empty().schema
    columns = TABLES[table].columns()
    assert shown(table)
    for name in shown(table):
        assert (columns[name].metadata or {}).get("pii", "-") == "-"
        assert schema[name] != pl.String or name in OWN_TEXTS


def test_what_a_record_may_say_freely_is_left_out() -> None:
    found = set(shown("std_record"))
    assert {"record_key", "source", "legal_entity", "party_type"} <= found
    assert not found & {"record_id", "branch", "roles", "status", "legal_form", "activity_code", "country", "row_hash"}
    assert shown("change_event") == ["position", "event", "client_number", "other_number"]


def test_cells_cannot_become_markup_or_columns() -> None:
    text = preview(Night("a|b<img>[x](y)`c`\n&#124;"), "crosswalk")  # type: ignore[arg-type]
    row = text.splitlines()[2]
    assert len(text.splitlines()) == 3
    assert "a&#124;b&#60;img>&#91;x](y)&#96;c&#96; &#38;#124;" in row
    assert row.count("|") == text.splitlines()[0].count("|")
