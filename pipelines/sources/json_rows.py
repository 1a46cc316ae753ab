"""Lines of JSON objects → typed columns; shared by JSON lines files and REST.

Here: parsing and flattening. Not here: where the lines come from. Nested objects become `outer.inner` columns. Lines
come in blocks and wait in a private folder until the types over all of them are known: text takes a multiple of the
memory that its columns take.
"""

import json
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from pipelines.sources.base import BAD_ROWS, Raw, no_bad_rows
from pipelines.sources.scratch import duckdb_for, private_folder

_EXAMPLES: dict[pl.DataType, object] = {
    pl.Null(): None, pl.Boolean(): True, pl.Int64(): 1, pl.Int128(): 1 << 64, pl.Float64(): 0.5, pl.String(): "",
}  # fmt: skip


class _Block(NamedTuple):
    """Lines that are objects, in a file: their positions, and the types that they alone have."""

    path: Path
    rows: pl.Series
    types: pl.Schema


def from_lines(blocks: Iterable[pl.DataFrame]) -> Raw:
    """(row, line) → columns typed over all rows; a line that is no JSON object is a bad row."""
    kept, bad = list[_Block](), [no_bad_rows()]
    with private_folder() as folder, duckdb_for() as con:
        for number, lines in enumerate(blocks):
            good, refused = _judged(con, lines)
            bad.append(refused)
            if good.height:
                kept.append(_kept(folder / str(number), good))
        return Raw(_frame(kept), pl.concat(bad))


def _judged(con: duckdb.DuckDBPyConnection, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    con.register("lines", lines.to_arrow())
    query = """SELECT row, CASE WHEN NOT json_valid(line) THEN 'the line is not JSON'
        WHEN json_type(line) <> 'OBJECT' THEN 'the line is not a JSON object' END AS reason FROM lines"""
    reasons = con.sql(query).pl()
    bad = reasons.filter(pl.col("reason").is_not_null()).with_columns(pl.lit("unreadable_row").alias("rule"))
    if bad.is_empty():
        return lines, no_bad_rows()
    good = lines.join(bad, on="row", how="anti", maintain_order="left")
    return good, bad.select(BAD_ROWS.names()).cast(BAD_ROWS).sort("row")


def _kept(path: Path, good: pl.DataFrame) -> _Block:
    text = str(good.get_column("line").str.join("\n").item()).encode()
    path.write_bytes(text)
    return _Block(path, good.get_column("row"), _types(text))


def _types(text: bytes) -> pl.Schema:
    return pl.scan_ndjson(BytesIO(text), infer_schema_length=None).collect_schema()


def _frame(blocks: list[_Block]) -> pl.DataFrame:
    if not blocks:
        return pl.DataFrame(schema={"row": pl.Int64})
    types = _types_of_all({str(block.types): block.types for block in blocks})
    return pl.concat([_typed(block, types) for block in blocks])


def _types_of_all(found: Mapping[str, pl.Schema]) -> pl.Schema:
    """What polars infers from all lines together: it is asked about one example for each set of types found."""
    if len(found) == 1:
        return next(iter(found.values()))
    return _types("\n".join(json.dumps(_example(pl.Struct(types))) for types in found.values()).encode())


def _example(kind: pl.DataType) -> object:
    """A value of which polars infers this type."""
    if isinstance(kind, pl.Struct):
        return {field.name: _example(pl.Schema({"": field.dtype})[""]) for field in kind.fields}
    if isinstance(kind, pl.List):
        return [_example(pl.Schema({"": kind.inner})[""])]
    return _EXAMPLES[kind]


def _typed(block: _Block, types: pl.Schema) -> pl.DataFrame:
    frame = pl.read_ndjson(BytesIO(block.path.read_bytes()), schema=types)
    while structs := [name for name, kind in frame.schema.items() if isinstance(kind, pl.Struct)]:
        frame = frame.unnest(structs, separator=".")
    return frame.with_columns(block.rows)
