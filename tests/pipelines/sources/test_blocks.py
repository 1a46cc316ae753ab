"""Sources larger than memory: they are read in blocks, and give what they would give in one."""

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.sources import scratch, transcode
from pipelines.sources.extract import extract
from pipelines.sources.json_rows import from_lines
from rules.errors import SourceError, StoreError
from rules.sources import Source

MakeSource = Callable[..., Source]
DAY = date(2026, 11, 20)
VALUES = st.sampled_from([
    (None, 1), (1, 2.5), (1, 1 << 70), ("é", None), ("a", 1), (True, None), ([], ["x"]), ([None], [1]),
    ([{"p": 1}], [{"p": 2.5}]), ({"p": 1}, {"q": {"r": "x"}}), ({}, None),
])  # fmt: skip
"""Two values that a column may have."""


@st.composite
def objects(draw: st.DrawFn) -> list[str]:
    columns = {name: draw(VALUES) for name in "abc"}
    cells = [st.tuples(st.just(name), st.sampled_from(pair)) for name, pair in columns.items()]
    rows = st.lists(st.tuples(*(st.none() | cell for cell in cells)), min_size=1, max_size=8)
    return [json.dumps(dict(cell for cell in row if cell), ensure_ascii=False) for row in draw(rows)]


@settings(max_examples=200, deadline=None)
@given(lines=objects(), size=st.integers(1, 8))
def test_types_are_those_of_all_lines_however_they_are_cut(lines: list[str], size: int) -> None:
    rows = pl.DataFrame({"row": range(len(lines)), "line": lines}, schema={"row": pl.Int64, "line": pl.String})
    whole, cut = from_lines([rows]), from_lines(rows.iter_slices(size))
    assert_frame_equal(whole.frame, cut.frame, check_column_order=False)
    inferred = pl.read_ndjson(BytesIO("\n".join(lines).encode()), infer_schema_length=None)
    flat = [name for name, kind in inferred.schema.items() if not isinstance(kind, pl.Struct)]
    assert_frame_equal(cut.frame.select(flat), inferred.select(flat))


def test_bad_lines_keep_their_place_in_every_block() -> None:
    lines = ["nope", '{"a": 1}', "[1]", '{"a": 2}', "nope"]
    rows = pl.DataFrame({"row": range(5), "line": lines}, schema={"row": pl.Int64, "line": pl.String})
    read = from_lines(rows.iter_slices(2))
    assert read.frame.to_dict(as_series=False) == {"a": [1, 2], "row": [1, 3]}
    assert read.bad_rows.get_column("row").to_list() == [0, 2, 4]


@pytest.mark.parametrize("block", [1, 7, 20, 1 << 20])
@pytest.mark.parametrize("ended", [True, False])
def test_a_file_of_lines_is_read_in_blocks(
    make_source: MakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, ended: bool
) -> None:
    monkeypatch.setattr(transcode, "BLOCK", block)
    lines = ['{"id": "é", "name": "A"}\r', "", "broken", '{"id": "2", "name": "B"}', " "]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n" * ended, encoding="utf-8")
    read = extract(make_source("jsonl"), tmp_path, DAY)
    assert read.frame.select("row", "id").rows() == [(0, "é"), (2, "2")]
    assert read.bad_rows.get_column("row").to_list() == [1]


@pytest.mark.parametrize("block", [1, 1 << 20])
def test_an_unfinished_last_line_fails_in_any_block(
    make_source: MakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(transcode, "BLOCK", block)
    (tmp_path / "in.csv").write_text('{"id": "1", "name": "A"}\n{"id": "2", "na', encoding="utf-8")
    with pytest.raises(SourceError, match="truncated in its last row"):
        extract(make_source("jsonl"), tmp_path, DAY)


def test_memory_that_does_not_suffice_is_named_as_such(
    make_source: MakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "MEMORY", "100KB")
    (tmp_path / "in.csv").write_text('{"id": "1", "name": "A"}\n' * 100_000, encoding="utf-8")
    with pytest.raises(StoreError, match="memory 100KB, and the free disk"):
        extract(make_source("jsonl"), tmp_path, DAY)
