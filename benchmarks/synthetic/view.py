"""What a source knows of its parties on one night, before it errs: true values, some of them out of date.

Here: the choice between the two versions of an attribute, per record. Not here: format and errors (sources/, noise.py).
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from benchmarks.synthetic import chances
from benchmarks.synthetic.draws import Ints, stream
from benchmarks.synthetic.life import NEVER, day, known
from benchmarks.synthetic.names import vocabulary
from benchmarks.synthetic.records import Universe

ATTRIBUTES = {
    "address": ("city", "street", "house", "flat"), "phone": ("phone",), "email": ("email",), "surname": ("family",),
    "passport": ("passport",),
}  # fmt: skip
"""Which columns change together."""


def view(
    parties: pl.DataFrame,
    changed: dict[str, Ints],
    records: Universe,
    place: tuple[int, int, str],
    nights: Sequence[date],
    night: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The parties as (seed, chunk, source) sees them on a night, and a log of what it has not heard of yet."""
    seed, chunk, source = place
    today, rows = day(nights[night]), records.rows
    frame = parties[rows]
    columns, stale = [], []
    for attribute, names in ATTRIBUTES.items():
        if attribute not in changed:
            continue
        rng = stream(seed, f"lag {source} {attribute}", chunk)
        when = changed[attribute][rows]
        heard = known(rng, when, chances.LAG_DAYS[source], nights)
        heard = np.where((when < records.created) & (when < NEVER), when, heard)
        new = pl.Series(heard <= today)
        late = np.flatnonzero((when <= today) & (heard > today))
        stale.append(pl.DataFrame({"row": late}).with_columns(field=pl.lit(attribute), kind=pl.lit("stale")))
        columns += [pl.when(new).then(f"{name}1").otherwise(f"{name}0").alias(name) for name in names]
    return frame.with_columns(columns).with_columns(_nights(records, nights, night)), pl.concat(stale)


def with_mates(frame: pl.DataFrame, parties: pl.DataFrame) -> pl.DataFrame:
    """Add birth date, phone and given name of another member of the household (null where there is none)."""
    mate = frame.get_column("mate").to_numpy()
    other = parties.select("birth", "given", "female", "phone0", "fin")[np.maximum(mate, 0)]
    alone = pl.Series(mate < 0)
    return frame.with_columns(
        pl.when(~alone).then(other[name]).alias(f"mate_{name}")
        for name in ("birth", "given", "female", "phone0", "fin")
    )


def given(frame: pl.DataFrame, form: str) -> pl.Series:
    """Given names in the spelling `form`."""
    return vocabulary().given[form].gather(frame["given"])


def nickname(frame: pl.DataFrame, form: str) -> pl.Series:
    """What friends call them; the given name where it has no short form."""
    return vocabulary().nickname[form].gather(frame["given"])


def family(frame: pl.DataFrame, form: str) -> pl.Series:
    """Family names in the spelling `form`."""
    return vocabulary().family[form].gather(frame["family"])


def patronymic(frame: pl.DataFrame, form: str) -> pl.Series:
    """Patronymics in the spelling `form`; empty in the languages without."""
    return vocabulary().patronymic[form].gather(frame["patronymic"])


def _nights(records: Universe, nights: Sequence[date], night: int) -> list[pl.Series]:
    """Keys, day of creation and of the last change (mending counts as one)."""
    first, today = day(nights[0]), day(nights[night])
    arrived = np.array([day(when) for when in nights])[np.minimum(records.comes, len(nights) - 1)]
    created = np.where(records.comes > 0, arrived, records.created)
    updated = np.where(records.mended <= night, today, np.minimum(created + (first - created) // 2, today))
    return [
        records.record_id.alias("key"),
        pl.Series("created", created.astype(np.int32)).cast(pl.Date),
        pl.Series("updated", updated.astype(np.int32)).cast(pl.Date),
    ]
