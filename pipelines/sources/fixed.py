"""Fixed-width text without a header: every column has a declared start and length, in characters.

Here: cutting lines. Not here: types and names (contract.py).
"""

from pathlib import Path

import polars as pl

from pipelines.sources.base import BAD_ROWS, Connector, Raw, Request
from pipelines.sources.files import read_files
from pipelines.sources.transcode import as_utf8, check_end, line_blocks


def read(request: Request) -> Raw:
    """All files of a fixed source; a line that does not reach its last column is a bad row."""
    return read_files(request, _read_one)


def _read_one(request: Request, path: Path) -> Raw:
    with as_utf8(request, path) as plain:
        parts = [_cut(request, lines) for lines in line_blocks(request, plain, path)]
        raw = Raw(pl.concat([part.frame for part in parts]), pl.concat([part.bad_rows for part in parts]))
        check_end(request, plain, path, raw)
    return raw


def _cut(request: Request, lines: pl.DataFrame) -> Raw:
    judged = lines.with_columns(_fault(request).alias("reason"))
    good = judged.filter(pl.col("reason").is_null())
    bad = judged.filter(pl.col("reason").is_not_null()).with_columns(pl.lit("ragged_row").alias("rule"))
    return Raw(good.select("row", *_columns(request)), bad.select(BAD_ROWS.names()).cast(BAD_ROWS))


def _fault(request: Request) -> pl.Expr:
    """Why a line is no row; blanks at its end may be missing within the last column."""
    spans = list((request.source.read.widths or {}).values())
    least, most = max(start for start, _ in spans), max(start + length for start, length in spans)
    length = pl.col("line").str.strip_chars_end(" ").str.len_chars()
    return (
        pl.when(pl.col("line").str.len_chars() <= least)
        .then(pl.lit("the row is shorter than the declared widths"))
        .when(length > most)
        .then(pl.lit("the row is longer than the declared widths"))
    )


def _columns(request: Request) -> list[pl.Expr]:
    widths = request.source.read.widths or {}
    return [pl.col("line").str.slice(*span).str.strip_chars(" ").alias(name) for name, span in widths.items()]


CONNECTOR = Connector(("fixed",), read)
