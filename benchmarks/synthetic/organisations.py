"""Companies, institutions and correspondent banks of one chunk, with their directors and owners.

Here: true attributes of organisations. Not here: people (population.py) or what sources write (sources/).
"""

from datetime import date

import numpy as np
import polars as pl

from benchmarks.synthetic import chances, identifiers
from benchmarks.synthetic.draws import Ints, stream, weighted
from benchmarks.synthetic.facts import table
from benchmarks.synthetic.life import day
from benchmarks.synthetic.names import draw_family, vocabulary
from benchmarks.synthetic.population import COUNTRIES, HOME, phone_numbers, places
from benchmarks.synthetic.scripts import spellings

KINDS = ("organisation", "institution", "bank")
ACTIVITIES = ("41.20", "46.90", "49.41", "10.71", "62.01", "68.20", "01.11", "56.10", "86.10", "85.31", "64.19")
LEVELS = ("national", "regional", "city", "district", "township")


def organisations(seed: int, chunk: int, offset: int, count: int, persons: int, today: date) -> pl.DataFrame:
    """`count` organisations numbered from `offset`; director and owner are rows of the chunk's `persons` people."""
    rng = stream(seed, "organisations", chunk)
    special = (chances.INSTITUTION_SHARE, chances.CORRESPONDENT_SHARE)
    kind = weighted(rng, (1 - sum(special), *special), count)
    lang = np.where(kind == 1, 0, weighted(rng, (0.55, 0.1, 0.1, 0.1, 0.06, 0.04, 0.05), count))
    country = np.array([COUNTRIES.index(HOME[code]) for code in chances.LANGUAGES])[lang]
    serial = np.arange(offset, offset + count, dtype=np.int64)
    own = np.arange(count)
    frame = pl.DataFrame({"party": serial, "lang": lang, "kind": np.array(KINDS)[kind],
                          "country": np.array(COUNTRIES)[country]})  # fmt: skip
    return frame.with_columns(
        *_names(rng, lang, kind), *places(rng, country, own, "0"), *places(rng, country, own, "1"),
        phone_numbers(rng, country).alias("phone0"), phone_numbers(rng, country).alias("phone1"),
        *_numbers(rng, serial, lang, kind), *_figures(rng, kind, today),
        pl.Series("director", rng.integers(0, max(persons, 1), count)),
        pl.Series("owner", rng.integers(0, max(persons, 1), count)),
        pl.Series("share", rng.choice([100, 75, 51, 50, 30, 25, 10], count)),
    ).with_columns(email=pl.concat_str(pl.lit("info@"), _domain(), pl.lit(".com")))  # fmt: skip


def _domain() -> pl.Expr:
    return pl.col("name_ascii").str.to_lowercase().str.replace_all("[^a-z0-9]", "").str.slice(0, 24)


def _names(rng: np.random.Generator, lang: Ints, kind: Ints) -> list[pl.Series]:
    n = len(lang)
    surname, by_family = 2 * draw_family(rng, lang), rng.random(n) < 0.5
    number = pl.Series(np.where(kind == 1, rng.integers(1, 400, n), rng.integers(2, 100, n))).cast(pl.String)
    numbered = pl.Series((kind == 1) | (rng.random(n) < 0.2))
    core, middle, form = _word(rng, lang, "core"), _middle(rng, lang, kind), _word(rng, lang, "form")
    names = []
    for spelling in ("native", "latin", "ascii"):
        family = vocabulary().family[spelling].gather(surname)
        first = pl.select(
            pl.when(pl.Series(by_family & (kind != 2))).then(family).otherwise(core[spelling])
        ).to_series()
        words = pl.DataFrame({"first": first, "middle": middle[spelling], "number": number, "numbered": numbered})
        core_name = words.select(
            pl.concat_str(
                "first", pl.lit(" "), "middle", pl.when("numbered").then(" " + pl.col("number")).otherwise(pl.lit(""))
            )
        )
        names.append(core_name.to_series().alias(f"name_{spelling}"))
    legal = pl.select(pl.when(pl.Series(kind != 1)).then(form["native"])).to_series()
    latin = pl.select(pl.when(pl.Series(kind != 1)).then(form["ascii"])).to_series()
    return [*names, legal.alias("form_native"), latin.alias("form_ascii")]


def _middle(rng: np.random.Generator, lang: Ints, kind: Ints) -> pl.DataFrame:
    parts = {p: _word(rng, lang * (0 if p == "institution" else 1), p) for p in ("trade", "institution", "bank")}
    code = pl.Series(kind)
    return pl.select(
        pl.when(code == 1).then(parts["institution"][s]).when(code == 2).then(parts["bank"][s])
        .otherwise(parts["trade"][s]).alias(s) for s in ("native", "latin", "ascii")
    )  # fmt: skip


def _word(rng: np.random.Generator, lang: Ints, part: str) -> pl.DataFrame:
    """A word of the given part in each language; spelled out once per distinct word."""
    facts = table("organisation_words").filter(part=part)
    forms = pl.DataFrame([spellings(w, g, x) for g, w, x in facts.select("lang", "native", "latin").iter_rows()])
    langs = facts.get_column("lang").to_numpy()
    pick = np.zeros(len(lang), dtype=np.int64)
    for number, code in enumerate(chances.LANGUAGES):
        at, words = np.flatnonzero(lang == number), np.flatnonzero(langs == code)
        pick[at] = words[rng.integers(0, len(words), len(at))] if len(words) else 0
    return forms[pick]


def _numbers(rng: np.random.Generator, serial: Ints, lang: Ints, kind: Ints) -> list[pl.Series]:
    n = len(serial)
    code = pl.Series(np.array(chances.LANGUAGES)[lang])
    columns = pl.DataFrame(
        {
            "code": code, "voen": identifiers.az_voen(serial), "idno": identifiers.md_idno(serial),
            "inn": identifiers.ru_inn(serial, company=True), "lei": identifiers.lei(serial),
            "has_lei": pl.Series((kind == 2) | (rng.random(n) < 0.3)), "bank": pl.Series(kind == 2),
            "registration": pl.Series((serial * 7_919) % 9_999_991).cast(pl.String).str.zfill(8),
            "onrc": identifiers.ro_onrc(serial),
            "bic4": identifiers.text(identifiers.digits(serial, 9)[:, 5:] + 17),
        }
    )  # fmt: skip
    voen = pl.when(pl.col("code").is_in(["az", "tr", "en", "uk", "zh"])).then("voen")
    country = pl.Series(np.array([HOME[c] for c in chances.LANGUAGES])[lang])
    bic = pl.when("bank").then(pl.concat_str("bic4", country, pl.lit("22")))
    return columns.select(
        voen.alias("voen"), pl.when(code="ro").then("idno").alias("idno"), pl.when(code="ru").then("inn").alias("inn"),
        pl.when("has_lei").then("lei").alias("lei"), bic.alias("bic"),
        pl.when(code="ro").then("onrc").otherwise("registration").alias("registration"),
    ).get_columns()  # fmt: skip


def _figures(rng: np.random.Generator, kind: Ints, today: date) -> list[pl.Series]:
    n = len(kind)
    founded = day(today) - rng.integers(200, 30 * 365, n)
    capital = (10 ** rng.uniform(2, 7, n)).astype(np.int64)
    level = np.where(kind == 1, rng.integers(0, len(LEVELS), n), len(LEVELS))
    return [
        pl.Series("registered", founded.astype(np.int32)).cast(pl.Date),
        pl.Series("capital", capital), pl.Series("assets", capital * rng.integers(2, 60, n)),
        pl.Series("activity", np.array(ACTIVITIES)[np.where(kind == 2, 10, rng.integers(0, 10, n))]),
        pl.Series("level", np.array([*LEVELS, ""])[level]),
    ]  # fmt: skip
