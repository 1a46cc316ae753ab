"""A read → the day's snapshot: usable rows under their keys, and every other row in quarantine with its reason.

Here: keys, required fields, row counts, merging a partial read onto the last snapshot. Not here: reading, storing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from pipelines.sources.base import BAD_ROWS, Extract
from pipelines.sources.extract import extract
from pipelines.sources.marks import last_mark
from rules.errors import ContractError
from rules.sources import Source

QUARANTINE = pl.Schema(
    {"source": pl.String, "row": pl.Int64, "record_id": pl.String, "rule": pl.String, "reason": pl.String}
)
_JOIN = "|"


@dataclass(frozen=True)
class Snapshot:
    """`frame`: row, record_id and the declared columns as text, sorted by record_id; `quarantine`: the table of that
    name. Together they hold every row that was read. `cleaned` counts values that lost hidden characters.
    """

    frame: pl.DataFrame
    quarantine: pl.DataFrame
    cleaned: int

    @property
    def rows(self) -> int:
        """Rows read, usable or not."""
        return self.frame.height + self.quarantine.height


Waived = Callable[[pl.Series], pl.DataFrame]
"""Keys of refused rows → `record_id`, `rule` of those that a person released from a rule."""


def snapshot(
    source: Source, folder: Path, business_date: date, previous: Snapshot | None = None, waived: Waived | None = None
) -> Snapshot:
    """Read `source` and apply its contract.

    With mode key or watermark and a `previous` snapshot only new rows are pulled and laid over it, unless one of those
    in quarantine there was released. Raises SourceError or ContractError; then there is no snapshot at all.
    """
    again = previous is not None and waived is not None and _held(previous, waived)
    since = last_mark(source, previous.frame) if previous and not again else None
    taken = from_extract(source, extract(source, folder, business_date, since), waived)
    if previous is not None and since is not None:
        taken = _laid_over(previous, taken)
    check_counts(source, taken.rows, previous.rows if previous else None)
    return taken


def _held(previous: Snapshot, waived: Waived) -> bool:
    """Whether a row that was refused, and of whose key no other is used, is released now."""
    keys = previous.quarantine.join(previous.frame, on="record_id", how="anti").get_column("record_id")
    return not waived(keys).is_empty()


def from_extract(source: Source, read: Extract, waived: Waived | None = None) -> Snapshot:
    """Split a read into usable rows and quarantine; `waived` says which rules no longer refuse which rows."""
    keyed = read.frame.with_columns(record_id(source.read.key).alias("_id"))
    judged = keyed.with_columns(_refusal(source).alias("_rule"))
    broken = judged.filter(pl.col("_rule").is_not_null()).get_column("_id").unique()
    if waived and not (released := waived(broken)).is_empty():
        rules = released.group_by(_id="record_id").agg(pl.col("rule").alias("_waived"))
        again = keyed.join(rules, on="_id", how="left", maintain_order="left")
        judged = again.with_columns(_refusal(source, pl.col("_waived")).alias("_rule"))
    refused = judged.filter(pl.col("_rule").is_not_null())
    columns = [name for name in source.contract.columns if name != "record_id"]
    good = judged.filter(pl.col("_rule").is_null()).select("row", pl.col("_id").alias("record_id"), *columns)
    return Snapshot(good.sort("record_id"), _quarantine(source, refused, read.bad_rows), read.cleaned)


def record_id(key: tuple[str, ...]) -> pl.Expr:
    """The key columns joined, as the source's key of a record; null when any part is missing."""
    return pl.concat_str([pl.col(column).str.strip_chars() for column in key], separator=_JOIN)


def _refusal(source: Source, waived: pl.Expr | None = None) -> pl.Expr:
    """The first rule a row breaks, as "rule: reason", else null. Every copy of a duplicate key is refused.

    Where that rule is among those `waived` for the key, all copies but the one delivered last are.
    """
    named = pl.lit([], pl.List(pl.String)) if waived is None else waived.fill_null(pl.lit([], pl.List(pl.String)))
    earlier = pl.col("row") < pl.col("row").max().over("_id")
    lacking = {column: f"required:the column '{column}' has a value" for column in source.contract.required}
    rules = [
        (pl.col("_id").is_null(), f"null_key:the key {_JOIN.join(source.read.key)} has a value"),
        (
            pl.col("_id").is_duplicated() & (~named.list.contains("duplicate_key") | earlier),
            "duplicate_key:the key stands in one row only",
        ),
        *((pl.col(column).is_null() & ~named.list.contains("required"), text) for column, text in lacking.items()),
    ]
    return pl.coalesce([pl.when(broken).then(pl.lit(text)) for broken, text in rules])


def _quarantine(source: Source, refused: pl.DataFrame, bad_rows: pl.DataFrame) -> pl.DataFrame:
    parts = pl.col("_rule").str.splitn(":", 2)
    judged = refused.select(
        "row",
        pl.col("_id").alias("record_id"),
        parts.struct.field("field_0").alias("rule"),
        parts.struct.field("field_1").alias("reason"),
    )
    unreadable = bad_rows.cast(BAD_ROWS).with_columns(pl.lit(None, pl.String).alias("record_id"))
    rows = pl.concat([judged, unreadable.select(judged.columns)]).with_columns(pl.lit(source.name).alias("source"))
    return rows.select(QUARANTINE.names()).cast(QUARANTINE).sort("row")


def _laid_over(previous: Snapshot, pulled: Snapshot) -> Snapshot:
    """New rows replace those of the same key; what was in quarantine and did not come again stays there.

    Rows are numbered anew, usable ones first: a merged snapshot is nobody's file.
    """
    keys = pl.concat([pulled.frame.select("record_id"), pulled.quarantine.select("record_id")]).drop_nulls()
    kept = previous.frame.join(keys, on="record_id", how="anti")
    held = previous.quarantine.join(keys, on="record_id", how="anti")
    frame = pl.concat([kept, pulled.frame]).sort("record_id")
    quarantine = pl.concat([held, pulled.quarantine])
    place = pl.int_range(pl.len(), dtype=pl.Int64).alias("row")
    return Snapshot(
        frame.with_columns(place), quarantine.with_columns(place + frame.height), previous.cleaned + pulled.cleaned
    )


def check_counts(source: Source, rows: int, previous_rows: int | None = None) -> None:
    """Row count against min_rows, max_rows and max_drop; ContractError names the bound."""
    contract, place = source.contract, f"source {source.name}"
    if rows < contract.min_rows:
        raise ContractError(place, f"{rows} rows, min_rows is {contract.min_rows}", "ask for the delivery again")
    if contract.max_rows is not None and rows > contract.max_rows:
        raise ContractError(place, f"{rows} rows, max_rows is {contract.max_rows}", "check the delivery or the bound")
    if contract.max_drop is not None and previous_rows and rows < previous_rows * (1 - Decimal(contract.max_drop)):
        problem = f"{rows} rows after {previous_rows}, max_drop is {contract.max_drop:%}"
        raise ContractError(place, problem, "ask the source's owner whether the drop is meant")
