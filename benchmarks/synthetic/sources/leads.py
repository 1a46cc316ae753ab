"""Leads and partners (Excel): prospects as anyone typed them, every cell text, very dirty."""

import polars as pl

from benchmarks.synthetic import formats
from benchmarks.synthetic.noise import Noise
from benchmarks.synthetic.sources.common import email, fin, identifier, organisation_name, phones
from benchmarks.synthetic.view import family, given, nickname

COLUMNS = (
    "lead_no", "contact_type", "full_name", "date_of_birth", "phone", "email", "city", "pin", "tax_number", "partner",
    "entered",
)  # fmt: skip


def people(frame: pl.DataFrame, noise: Noise) -> pl.DataFrame:
    """Prospects: given name first, nicknames, initials, seldom a number."""
    first = noise.put(given(frame, "informal"), "given", "nickname", noise.pick(0.12), nickname(frame, "informal"))
    first = noise.name(first, "given")
    initial = noise.put(first, "given", "initial", noise.pick(0.03), first.str.slice(0, 1) + ".")
    last = noise.blank(noise.name(family(frame, "informal"), "family"), "family", 0.02)
    birth = noise.blank(noise.birth(frame["birth"], frame["mate_birth"]), "birth_date", 0.3)
    lower = pl.Series(noise.pick(0.15))
    full = formats.words(initial, last)
    return _sheet(
        frame, noise, contact_type=pl.lit("person"),
        full_name=pl.when(lower).then(full.str.to_lowercase()).otherwise(full),
        date_of_birth=formats.messy_date(noise.rng, birth), pin=fin(frame, noise, 0.1),
    )  # fmt: skip


def organisations(frame: pl.DataFrame, noise: Noise) -> pl.DataFrame:
    """Partners and corporate prospects."""
    return _sheet(
        frame, noise, contact_type=pl.lit("company"), full_name=organisation_name(frame, noise, "ascii", 0.5),
        tax_number=identifier(frame["voen"], noise, "az_voen", 0.25),
    )  # fmt: skip


def _sheet(frame: pl.DataFrame, noise: Noise, **columns: pl.Series | pl.Expr) -> pl.DataFrame:
    town = noise.blank(noise.name(formats.city(frame, "ascii"), "city"), "city")
    made = frame.select(
        pl.col("key").alias("lead_no"), phone=formats.messy_phone(noise.rng, phones(frame, noise)),
        email=email(frame, noise, 0.5), city=town,
        partner=pl.when(pl.Series(noise.pick(0.1))).then(pl.lit("yes")).otherwise(pl.lit("no")),
        entered=frame["created"].dt.strftime("%d.%m.%Y"), **columns,
    )  # fmt: skip
    return made.select(
        pl.col(name) if name in made.columns else pl.lit(None, dtype=pl.String).alias(name) for name in COLUMNS
    )
