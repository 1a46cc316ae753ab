"""Loan and leasing system (Parquet): typed, native script, full name in one field; persons and companies."""

import polars as pl

from benchmarks.synthetic import formats
from benchmarks.synthetic.noise import Noise
from benchmarks.synthetic.sources.common import email, fin, identifier, organisation_name, phones
from benchmarks.synthetic.view import family, given, patronymic

COLUMNS: dict[str, type[pl.DataType]] = {
    "borrower_id": pl.Int64, "borrower_type": pl.Int32, "full_name": pl.String, "birth_date": pl.Date,
    "gender": pl.Int32,
    "pin": pl.String, "passport": pl.String, "tax_id": pl.String, "registration_no": pl.String, "phone": pl.Int64,
    "email": pl.String, "city": pl.String, "address_line": pl.String, "country": pl.String, "employer": pl.String,
    "since": pl.Date, "changed_on": pl.Date,
}  # fmt: skip


def people(frame: pl.DataFrame, noise: Noise) -> pl.DataFrame:
    """Borrowers who are persons: family, given, patronymic in native script."""
    last, first = noise.name(family(frame, "native"), "family"), noise.name(given(frame, "native"), "given")
    fathers = pl.select(pl.when(pl.Series(noise.pick(0.6))).then(patronymic(frame, "native"))).to_series()
    return _table(
        frame, noise, borrower_type=pl.lit(1), full_name=formats.words(last, first, fathers),
        birth_date=noise.birth(frame["birth"], frame["mate_birth"]), gender=frame["female"] + 1,
        pin=fin(frame, noise, 0.5), passport=identifier(frame["passport"], noise, "passport", 0.2),
    )  # fmt: skip


def organisations(frame: pl.DataFrame, noise: Noise) -> pl.DataFrame:
    """Borrowers and lessees that are companies."""
    return _table(
        frame, noise, borrower_type=pl.lit(2), full_name=organisation_name(frame, noise, "native", 0.1),
        tax_id=identifier(frame["voen"], noise, "az_voen", 0.75),
        registration_no=identifier(frame["registration"], noise, "registration_number", 0.4),
    )  # fmt: skip


def _table(frame: pl.DataFrame, noise: Noise, **columns: pl.Series | pl.Expr) -> pl.DataFrame:
    made = frame.select(
        pl.col("key").alias("borrower_id"), phone=phones(frame, noise), email=email(frame, noise, 0.3),
        city=formats.city(frame, "native"),
        address_line=noise.name(formats.address(frame, "native", ("", "")), "address"),
        country=frame["country"], since=frame["created"], changed_on=frame["updated"], **columns,
    )  # fmt: skip
    return made.select(
        (pl.col(name) if name in made.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in COLUMNS.items()
    )
