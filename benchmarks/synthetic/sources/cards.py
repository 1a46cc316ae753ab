"""Card system (CSV): embossed upper-case names in passport Latin, dates as dd.mm.yyyy, persons only."""

import polars as pl

from benchmarks.synthetic import formats
from benchmarks.synthetic.noise import Noise
from benchmarks.synthetic.sources.common import branch, fin, identifier, phones
from benchmarks.synthetic.view import family, given


def people(frame: pl.DataFrame, noise: Noise) -> pl.DataFrame:
    """Card holders; `embossed` is what the card says, at most 26 letters."""
    first = noise.name(given(frame, "ascii"), "given").str.to_uppercase()
    last = noise.name(family(frame, "ascii"), "family").str.to_uppercase()
    birth = noise.birth(frame["birth"], frame["mate_birth"])
    line = noise.name(formats.address(frame, "ascii", ("", "m")), "address").str.to_uppercase()
    return frame.select(
        pl.col("key").alias("holder_id"),
        embossed=formats.words(first, last).str.slice(0, 26),
        surname=last,
        name=first,
        birth=birth.dt.strftime("%d.%m.%Y"),
        document=identifier(frame["passport"], noise, "passport", 0.3),
        fin=fin(frame, noise, 0.45),
        mobile=formats.phone(phones(frame, noise), "digits"),
        address=noise.blank(line, "address"),
        branch=branch(frame),
        issued=frame["created"].dt.strftime("%d.%m.%Y"),
        changed=frame["updated"].dt.strftime("%d.%m.%Y"),
    )
