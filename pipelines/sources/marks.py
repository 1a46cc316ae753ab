"""Where a partial read continues: keys and watermarks in the order of their declared type.

Here: the greatest mark of a snapshot, rows after a mark, a mark as a database reads it. Not here: merging
(snapshot.py).
"""

import polars as pl

from rules.sources import Source


def mark_column(source: Source) -> str | None:
    """The column that partial reads go by; None for a full read."""
    return {"full": None, "watermark": source.read.watermark, "key": source.read.key[0]}[source.read.mode]


def last_mark(source: Source, frame: pl.DataFrame) -> str | None:
    """The greatest mark in a snapshot's rows, as the source's text."""
    column = mark_column(source)
    if column is None or frame.is_empty():
        return None
    marks = frame.select(pl.col(column), ordered(source, pl.col(column)).alias("_order"))
    greatest = marks.drop_nulls().sort("_order", column).tail(1)
    return greatest.item(0, column) if greatest.height else None


def ordered(source: Source, value: pl.Expr) -> pl.Expr:
    """Text of the mark column as values that sort as its declared type does."""
    declared = source.contract.columns[mark_column(source) or ""]
    if declared.kind in ("integer", "decimal"):
        return value.cast(pl.Decimal(38, 6), strict=False)
    if declared.date:
        kind = pl.Date if declared.kind == "date" else pl.Datetime("us")
        tries = [
            value.str.strptime(pl.Date if _day(form) else kind, form, strict=False) for form in declared.date.formats
        ]
        return pl.coalesce([one.cast(pl.Datetime("us")) for one in tries])
    return value


def _day(form: str) -> bool:
    return "%H" not in form and "%I" not in form and "%T" not in form and "%s" not in form


def rows_after(source: Source, frame: pl.DataFrame, since: str | None) -> pl.DataFrame:
    """Rows at or after a watermark, after a key; for sources that cannot filter themselves."""
    column = mark_column(source)
    if column is None or since is None:
        return frame
    value, mark = ordered(source, pl.col(column)), ordered(source, pl.lit(since))
    return frame.filter(value >= mark if source.read.mode == "watermark" else value > mark)


def iso_mark(source: Source, since: str) -> str:
    """A mark as an SQL literal's text: dates and times in ISO form."""
    if not source.contract.columns[mark_column(source) or ""].date:
        return since
    moment = pl.select(ordered(source, pl.lit(since)).dt.strftime("%Y-%m-%d %H:%M:%S%.6f")).item()
    return since if moment is None else str(moment)
