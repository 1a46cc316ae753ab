"""Core banking (PostgreSQL): careful, typed, national Latin script, family name first, with patronymic.

Here: table client. Not here: accounts and operations (children.py).
"""

import polars as pl

from benchmarks.synthetic import formats
from benchmarks.synthetic.noise import Noise
from benchmarks.synthetic.sources.common import branch, email, fin, identifier, organisation_name, phones
from benchmarks.synthetic.view import family, given, patronymic

COLUMNS: dict[str, type[pl.DataType] | pl.DataType] = {
    "client_no": pl.String, "kind": pl.String, "family_name": pl.String, "first_name": pl.String,
    "patronymic": pl.String, "org_name": pl.String, "birth_date": pl.Date, "sex": pl.String, "fin": pl.String,
    "passport_no": pl.String, "passport_expires": pl.Date, "national_type": pl.String, "national_no": pl.String,
    "citizenship": pl.String, "voen": pl.String, "registration_no": pl.String, "lei": pl.String,
    "legal_form": pl.String,
    "registration_date": pl.Date, "registered_capital": pl.Decimal(24, 2), "activity_code": pl.String,
    "mobile": pl.String, "home_phone": pl.String, "email": pl.String, "registered_address": pl.String,
    "postcode": pl.String, "country": pl.String, "branch": pl.String, "status": pl.String, "opened_on": pl.Date,
    "updated_at": pl.Datetime("us"),
}  # fmt: skip
KINDS = {"organisation": "C", "institution": "I", "bank": "B"}


def people(frame: pl.DataFrame, noise: Noise) -> pl.DataFrame:
    """Clients who are persons."""
    line = noise.name(formats.address(frame, "latin"), "address")
    passport = identifier(frame["passport"], noise, "passport", 0.8)
    fathers = pl.select(pl.when(pl.Series(noise.pick(0.9))).then(patronymic(frame, "latin"))).to_series()
    return _table(
        frame,
        kind=pl.lit("P"), family_name=noise.name(family(frame, "latin"), "family"),
        first_name=noise.name(given(frame, "latin"), "given"), patronymic=formats.nothing_if_blank(fathers),
        birth_date=noise.birth(frame["birth"], frame["mate_birth"]),
        sex=pl.when(frame["female"] == 1).then(pl.lit("F")).otherwise(pl.lit("M")), fin=fin(frame, noise, 0.88),
        passport_no=passport,
        passport_expires=pl.when(passport.is_not_null()).then(frame["created"].dt.offset_by("10y")),
        national_type=frame["national_type"], national_no=identifier(frame["national"], noise, "national", 0.6),
        citizenship=frame["country"], mobile=formats.phone(phones(frame, noise), "plus"),
        home_phone=pl.when(pl.Series(noise.pick(0.3))).then("+" + frame["home_phone"]), email=email(frame, noise, 0.5),
        registered_address=noise.blank(line, "address"),
    )  # fmt: skip


def organisations(frame: pl.DataFrame, noise: Noise) -> pl.DataFrame:
    """Clients that are companies, institutions or banks."""
    return _table(
        frame,
        kind=frame["kind"].replace_strict(KINDS), org_name=organisation_name(frame, noise, "latin", 0.01),
        voen=identifier(frame["voen"], noise, "az_voen", 0.95),
        registration_no=identifier(frame["registration"], noise, "registration_number", 0.8),
        lei=identifier(frame["lei"], noise, "lei", 0.6), legal_form=frame["form_ascii"],
        registration_date=noise.blank(frame["registered"], "registration_date"),
        registered_capital=frame["capital"], activity_code=frame["activity"],
        mobile=formats.phone(phones(frame, noise), "plus"), email=email(frame, noise, 0.6),
        registered_address=noise.name(formats.address(frame, "latin"), "address"),
    )  # fmt: skip


def _table(frame: pl.DataFrame, **columns: pl.Series | pl.Expr) -> pl.DataFrame:
    made = frame.select(
        pl.col("key").alias("client_no"), postcode=formats.postcode(frame), country=frame["country"],
        branch=branch(frame), status=pl.lit("A"), opened_on=frame["created"],
        updated_at=frame["updated"].cast(pl.Datetime("us")), **columns,
    )  # fmt: skip
    return made.select(
        (pl.col(name) if name in made.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in COLUMNS.items()
    )
