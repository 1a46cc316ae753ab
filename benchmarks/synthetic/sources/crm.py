"""CRM (REST, JSON): one name field as typed by sales staff, nicknames, lists of phones and e-mails.

Here: resource clients. Not here: activities, requests, questionnaires (children.py).
"""

import polars as pl

from benchmarks.synthetic import formats
from benchmarks.synthetic.noise import Noise
from benchmarks.synthetic.sources.common import email, fin, identifier, organisation_name, phones
from benchmarks.synthetic.view import family, given, nickname, patronymic

COLUMNS = (
    "id", "type", "full_name", "date_of_birth", "gender", "phones", "emails", "city", "street", "house", "flat",
    "postcode", "country", "pin", "tax_number", "language", "stage", "created", "modified",
)  # fmt: skip
LANGUAGES = ("az", "ro", "ru", "en", "tr", "uk", "zh")


def people(frame: pl.DataFrame, noise: Noise) -> pl.DataFrame:
    """Contacts who are persons: native script for some, informal Latin for most; either order of names."""
    native = pl.Series(noise.pick(0.35))
    first = _mixed(native, given(frame, "native"), given(frame, "informal"))
    short = _mixed(native, nickname(frame, "native"), nickname(frame, "informal"))
    first = noise.put(first, "given", "nickname", noise.pick(noise.rates["nickname"] * 3), short)
    last = _mixed(native, family(frame, "native"), family(frame, "informal"))
    fathers = _mixed(native, patronymic(frame, "native"), patronymic(frame, "informal"))
    fathers = pl.select(pl.when(pl.Series(noise.pick(0.15))).then(fathers)).to_series()
    first, last = noise.name(first, "given"), noise.blank(noise.name(last, "family"), "family", 0.01)
    turned = pl.Series(noise.pick(0.25))
    full = pl.when(turned).then(formats.words(first, last)).otherwise(formats.words(last, first, fathers))
    birth = formats.messy_date(noise.rng, noise.birth(frame["birth"], frame["mate_birth"]))
    sex = pl.select(pl.when(frame["female"] == 1).then(pl.lit("female")).otherwise(pl.lit("male"))).to_series()
    return _resource(
        frame, noise, type=pl.lit("person"), full_name=full, date_of_birth=birth,
        gender=noise.blank(sex, "sex", 0.15), pin=fin(frame, noise, 0.5),
    )  # fmt: skip


def organisations(frame: pl.DataFrame, noise: Noise) -> pl.DataFrame:
    """Accounts that are firms, often without legal form."""
    return _resource(
        frame, noise, type=pl.lit("company"), full_name=organisation_name(frame, noise, "ascii", 0.3),
        tax_number=identifier(frame["voen"], noise, "az_voen", 0.5),
    )  # fmt: skip


def _mixed(native: pl.Series, one: pl.Series, other: pl.Series) -> pl.Series:
    return pl.select(pl.when(native).then(one).otherwise(other)).to_series()


def _resource(frame: pl.DataFrame, noise: Noise, **columns: pl.Series | pl.Expr) -> pl.DataFrame:
    own = formats.messy_phone(noise.rng, phones(frame, noise))
    second = frame["home_phone"] if "home_phone" in frame.columns else frame["phone1"]
    second = pl.select(pl.when(pl.Series(noise.pick(0.25))).then("+" + second)).to_series()
    mail, street = email(frame, noise, 0.6), noise.name(formats.street(frame, "ascii"), "address")
    made = frame.select(
        pl.col("key").alias("id"), phones=_both(own, second), emails=_both(mail),
        city=noise.blank(noise.name(formats.city(frame, "ascii"), "city"), "city"),
        street=noise.blank(street, "address"),
        house=frame["house"].cast(pl.String), flat=frame["flat"].cast(pl.String),
        postcode=noise.blank(formats.postcode(frame), "postcode", 0.3), country=frame["country"],
        language=pl.lit(pl.Series(LANGUAGES)).gather(frame["lang"]), stage=pl.lit("client"),
        created=frame["created"].dt.strftime("%Y-%m-%dT00:00:00"),
        modified=frame["updated"].dt.strftime("%Y-%m-%dT00:00:00"),
        **columns,
    )  # fmt: skip
    return made.select(
        pl.col(name) if name in made.columns else pl.lit(None, dtype=pl.String).alias(name) for name in COLUMNS
    )


def _both(*parts: pl.Series) -> pl.Series:
    return pl.select(pl.concat_list(*parts).list.drop_nulls()).to_series()
