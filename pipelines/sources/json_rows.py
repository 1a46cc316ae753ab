"""Lines of JSON objects → typed columns; shared by JSON lines files and REST.

Here: parsing and flattening. Not here: where the lines come from. Nested objects become `outer.inner` columns.
"""

from io import BytesIO

import polars as pl

from pipelines.sources.base import BAD_ROWS, Raw, no_bad_rows
from pipelines.sources.scratch import duckdb_for


def from_lines(lines: pl.DataFrame) -> Raw:
    """(row, line) → columns typed over all rows; a line that is no JSON object is a bad row."""
    good, bad = _judged(lines)
    frame = _typed(good.get_column("line"))
    return Raw(frame.with_columns(good.get_column("row")), bad)


def _judged(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    with duckdb_for() as con:
        con.register("lines", lines.to_arrow())
        query = """SELECT row, CASE WHEN NOT json_valid(line) THEN 'the line is not JSON'
            WHEN json_type(line) <> 'OBJECT' THEN 'the line is not a JSON object' END AS reason FROM lines"""
        reasons = con.sql(query).pl()
    bad = reasons.filter(pl.col("reason").is_not_null()).with_columns(pl.lit("unreadable_row").alias("rule"))
    if bad.is_empty():
        return lines, no_bad_rows()
    good = lines.join(bad, on="row", how="anti", maintain_order="left")
    return good, bad.select(BAD_ROWS.names()).cast(BAD_ROWS).sort("row")


def _typed(lines: pl.Series) -> pl.DataFrame:
    if lines.is_empty():
        return pl.DataFrame()
    text = str(lines.str.join("\n").item())
    frame = pl.read_ndjson(BytesIO(text.encode()), infer_schema_length=None)
    while structs := [name for name, kind in frame.schema.items() if isinstance(kind, pl.Struct)]:
        frame = frame.unnest(structs, separator=".")
    return frame
