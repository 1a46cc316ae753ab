"""Companies, institutions and correspondent banks (JSON lines), as the corporate desk keeps them."""

import polars as pl

from benchmarks.synthetic import formats
from benchmarks.synthetic.noise import Noise
from benchmarks.synthetic.sources.common import identifier, organisation_name, phones


def organisations(frame: pl.DataFrame, noise: Noise) -> pl.DataFrame:
    """One JSON object per organisation: Latin and native name, numbers, figures of the last statement."""
    native = formats.words(frame["name_native"], frame["form_native"])
    return frame.select(
        pl.col("key").alias("id"),
        kind=frame["kind"],
        name=organisation_name(frame, noise, "ascii", 0.05),
        native_name=noise.blank(native, "native_name", 0.4),
        legal_form=frame["form_ascii"],
        lei=identifier(frame["lei"], noise, "lei", 0.9),
        bic=frame["bic"],
        registration_number=identifier(frame["registration"], noise, "registration_number", 0.8),
        voen=identifier(frame["voen"], noise, "az_voen", 0.7),
        idno=identifier(frame["idno"], noise, "md_idno", 0.8),
        inn=identifier(frame["inn"], noise, "ru_inn", 0.8),
        registered=noise.blank(frame["registered"], "registration_date").dt.strftime("%Y-%m-%d"),
        capital=frame["capital"],
        total_assets=frame["assets"],
        statement_date=pl.lit("2025-12-31"),
        activity=frame["activity"],
        admin_level=formats.nothing_if_blank(frame["level"]),
        phone=formats.phone(phones(frame, noise), "plus"),
        email=noise.blank(noise.name(frame["email"], "email"), "email", 0.2),
        street=formats.street(frame, "ascii"),
        house=frame["house"].cast(pl.String),
        city=formats.city(frame, "ascii"),
        postcode=formats.postcode(frame),
        country=frame["country"],
        updated=frame["updated"].dt.strftime("%Y-%m-%d"),
    )
