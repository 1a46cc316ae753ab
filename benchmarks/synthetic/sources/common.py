"""What several sources write alike.

Here: shared pieces of extracts. Not here: columns of one source (its own module).
"""

import polars as pl

from benchmarks.synthetic import chances
from benchmarks.synthetic.formats import words
from benchmarks.synthetic.noise import Noise

DUMMY_PHONE = "994500000000"
BRANCHES = ("010", "020", "030", "040", "050", "060", "070", "080")


def branch(frame: pl.DataFrame) -> pl.Series:
    """The branch of each party, by the city it lives in."""
    return pl.select(pl.lit(pl.Series(BRANCHES)).gather(frame["city"] % len(BRANCHES))).to_series()


def phones(frame: pl.DataFrame, noise: Noise) -> pl.Series:
    """Phone digits with household copies, wrong digits, dummies and blanks."""
    values = frame["phone"]
    if "mate_phone0" in frame.columns:
        values = noise.put(values, "phone", "household_phone", noise.pick(noise.rates["home"]), frame["home_phone"])
        values = noise.put(values, "phone", "household_copy", noise.pick(noise.rates["copy"]), frame["mate_phone0"])
    return noise.number(values, "phone", DUMMY_PHONE, chances.DUMMY_PHONE)


def identifier(values: pl.Series, noise: Noise, field: str, share: float, dummy: str = "") -> pl.Series:
    """A number that only a `share` of the records carry, with this source's errors."""
    present = noise.pick(share)
    kept = pl.select(pl.when(pl.Series(present)).then(values)).to_series()
    return noise.number(kept, field, dummy, chances.DUMMY_ID if dummy else 0.0)


def fin(frame: pl.DataFrame, noise: Noise, share: float) -> pl.Series:
    """The FIN, in rare cases another household member's."""
    values = identifier(frame["fin"], noise, "az_fin", share, "0000000")
    return noise.put(values, "az_fin", "other_person", noise.pick(chances.OTHER_PERSON), frame["mate_fin"])


def email(frame: pl.DataFrame, noise: Noise, share: float) -> pl.Series:
    """E-mails of a `share` of the records."""
    known = pl.select(pl.when(pl.Series(noise.pick(share))).then(frame["email"])).to_series()
    return noise.blank(noise.name(known, "email"), "email")


def organisation_name(frame: pl.DataFrame, noise: Noise, form: str, no_form: float) -> pl.Series:
    """Organisation names with their legal form before (ru, uk) or after, or without it."""
    core = noise.name(frame[f"name_{form}"], "name")
    legal = frame["form_native" if form == "native" else "form_ascii"]
    without = noise.pick(no_form)
    noise.note("name", "no_legal_form", without & legal.is_not_null().to_numpy() & ~noise.spared)
    shown = pl.select(pl.when(pl.Series(~without | noise.spared)).then(legal)).to_series()
    before = frame["lang"].is_in([2, 5])
    return pl.select(pl.when(before).then(words(shown, core)).otherwise(words(core, shown))).to_series()
