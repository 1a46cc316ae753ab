"""What somebody typed → the standard forms that a night would make of it.

Here: typed clients, or single units, in the frames that a source's rows are mapped to. Not here: the standardisers
(quality/standardise), searching with the forms (stages/search), entering a unit (stages/overriding).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from quality.mapping import Mapped
from quality.standardise.driver import Cache
from rules.placeholders import Placeholders
from rules.source_map import DATE_FIELDS, DEFAULT_KIND, FRAME_OF, PARTY_UNITS, RECORD_FIELDS, DateFormat
from rules.sources import ISO_DATE
from stages.standardise import standard_forms

Typed = Mapping[str, Any]
"""Record fields, and units by the plural of their name (rules/typed)."""
_DATES = {
    f"{frame}.{name}": DateFormat(formats=ISO_DATE) for name in DATE_FIELDS for frame in ("records", *FRAME_OF.values())
}


def forms_of(typed: Sequence[Typed], declared: Placeholders, day: date, cache: Cache) -> dict[str, pl.DataFrame]:
    """The standard tables of the typed clients, the first with record key -1, the second -2."""
    rows = pl.DataFrame({"row": range(len(typed))}, schema={"row": pl.Int64})
    keys = rows.with_columns(record_key=-pl.col("row") - 1, source=pl.lit(""), row_hash=pl.lit(""))
    return standard_forms(_mapped(typed), keys, cache, declared, day)


def _mapped(typed: Sequence[Typed]) -> Mapped:
    """Typed clients in the frames that a source's rows are mapped to; empty text is no value."""
    records = [{"row": row, "record_id": "", **{name: one.get(name) for name in RECORD_FIELDS}}
               for row, one in enumerate(typed)]  # fmt: skip
    frames = {unit: _units(typed, unit) for unit in PARTY_UNITS}
    schema = {"row": pl.Int64, "record_id": pl.String, **dict.fromkeys(RECORD_FIELDS, pl.String)}
    frame = pl.DataFrame(records, schema=schema).with_columns(pl.col(pl.String).replace("", None))
    names = frames["name"].join(frame.select("row", "party_type"), on="row", how="left", maintain_order="left")
    return Mapped(frame, names, frames["identifier"], frames["address"], frames["contact"], _DATES, pl.DataFrame())


def _units(typed: Sequence[Typed], unit: str) -> pl.DataFrame:
    rows = [
        {"row": row, "ordinal": ordinal, **said}
        for row, one in enumerate(typed) for ordinal, said in enumerate(one.get(FRAME_OF[unit], ()))
    ]  # fmt: skip
    schema = {"row": pl.Int64, "ordinal": pl.Int32, **dict.fromkeys(PARTY_UNITS[unit], pl.String)}
    frame = pl.DataFrame(rows, schema=schema).with_columns(pl.col(pl.String).replace("", None))
    return frame.with_columns(pl.col("kind").fill_null(DEFAULT_KIND[unit])) if unit in DEFAULT_KIND else frame
