"""The people of one chunk: families, where they live, how they are reached, which numbers they bear.

Here: the true attributes, in two versions where life changes them. Not here: when they change (life.py) and what a
source makes of them (sources/).
"""

from datetime import date

import numpy as np
import polars as pl

from benchmarks.synthetic import chances, identifiers
from benchmarks.synthetic.draws import Ints, chance, stream, weighted
from benchmarks.synthetic.facts import table
from benchmarks.synthetic.households import Families, families
from benchmarks.synthetic.names import vocabulary

EPOCH = date(1970, 1, 1)
HOME = {"az": "AZ", "ro": "RO", "ru": "RU", "en": "GB", "tr": "TR", "uk": "UA", "zh": "CN"}
COUNTRIES = ("AZ", "RO", "MD", "RU", "GB", "TR", "UA", "CN")
DIAL = {"AZ": "994", "RO": "40", "MD": "373", "RU": "7", "GB": "44", "TR": "90", "UA": "380", "CN": "86"}
MOBILE = {"AZ": ("50", "51", "55", "70", "77"), "RO": ("72",), "MD": ("69",), "RU": ("916",), "GB": ("7700",),
          "TR": ("532",), "UA": ("67",), "CN": ("139",)}  # fmt: skip
DOMAINS = ("gmail.com", "mail.ru", "yahoo.com", "outlook.com", "box.az", "bk.ru", "icloud.com")


def people(seed: int, chunk: int, offset: int, count: int, today: date) -> pl.DataFrame:
    """`count` people numbered from `offset`; columns ending in 0 and 1 are before and after a change."""
    rng = stream(seed, "people", chunk)
    kin = families(rng, count, (today - EPOCH).days)
    serial = np.arange(offset, offset + count, dtype=np.int64)
    country = _countries(rng, kin)
    frame = pl.DataFrame(
        {
            "party": serial,
            "lang": kin.lang, "female": kin.female, "given": kin.given, "family0": 2 * kin.maiden + kin.female,
            "family1": 2 * kin.family + kin.female, "patronymic": kin.patronymic, "birth": _dates(kin.birth),
            "household": kin.first + offset, "role": kin.role, "father": kin.father, "mate": kin.mate,
            "country": pl.Series(np.array(COUNTRIES)[country]),
        }
    )  # fmt: skip
    frame = frame.with_columns(*places(rng, country, kin.first, "0"), *places(rng, country, serial - offset, "1"))
    frame = frame.with_columns(*_phones(rng, country, kin), *_emails(rng, frame, kin))
    return frame.with_columns(*numbers(rng, serial, frame["birth"], kin))


def places(rng: np.random.Generator, country: Ints, shared: Ints, suffix: str) -> list[pl.Series]:
    """City and street numbers, house and flat; people with the same `shared` row live together."""
    n = len(country)
    city, street = _pick(rng, "cities", country, n), _pick(rng, "streets", country, n)
    house, flat = rng.integers(1, 160, n), rng.integers(1, 120, n)
    crowd = np.flatnonzero(chance(rng, chances.CROWDED_ADDRESS, n))
    rows = shared.copy()
    rows[crowd] = rows[crowd[np.arange(len(crowd)) // 25 * 25]]
    names = ("city", "street", "house", "flat")
    return [pl.Series(k + suffix, v[rows]) for k, v in zip(names, (city, street, house, flat), strict=True)]


def phone_numbers(rng: np.random.Generator, country: Ints) -> pl.Series:
    """International digits of a mobile phone in each country."""
    prefixes = [DIAL[c] + MOBILE[c][k % len(MOBILE[c])] for c in COUNTRIES for k in range(5)]
    length = {"AZ": 12, "RO": 11, "MD": 11, "RU": 11, "GB": 12, "TR": 12, "UA": 12, "CN": 13}
    head = np.array(prefixes)[country * 5 + rng.integers(0, 5, len(country))]
    tail = pl.Series(rng.integers(10**8, 10**9, len(country))).cast(pl.String) + "00"
    width = pl.Series(np.array([length[c] for c in COUNTRIES])[country])
    parts = pl.DataFrame({"head": head, "tail": tail, "width": width})
    return parts.select(pl.concat_str("head", "tail").str.slice(0, pl.col("width"))).to_series()


def numbers(rng: np.random.Generator, serial: Ints, birth: pl.Series, kin: Families) -> list[pl.Series]:
    """Identifiers: the FIN of nearly all residents, one national number by language, two passports."""
    n = len(serial)
    lang = pl.Series(np.array(chances.LANGUAGES)[kin.lang])
    moldovan, tax = pl.Series(chance(rng, 0.4, n)), pl.Series(chance(rng, 0.5, n))
    holds_fin = pl.Series(chance(rng, 0.7, n)) | lang.is_in(["az", "tr"])
    columns = pl.DataFrame(
        {
            "lang": lang, "moldovan": moldovan, "tax": tax, "fin_held": holds_fin, "fin": identifiers.az_fin(serial),
            "ro_cnp": identifiers.ro_cnp(serial, birth, kin.female), "md_idnp": identifiers.md_idnp(serial),
            "ru_inn": identifiers.ru_inn(serial), "ru_snils": identifiers.ru_snils(serial),
            "gb_nino": identifiers.gb_nino(serial), "cn_ric": identifiers.cn_ric(serial, birth, kin.female),
            "passport0": identifiers.passport(serial, "AZE"),
            "passport1": identifiers.passport(serial + 50_000_017, "AZE"),
        }
    )  # fmt: skip
    kind = (
        pl.when(lang="ro").then(pl.when("moldovan").then(pl.lit("md_idnp")).otherwise(pl.lit("ro_cnp")))
        .when(lang="ru").then(pl.when("tax").then(pl.lit("ru_inn")).otherwise(pl.lit("ru_snils")))
        .when(lang="en").then(pl.lit("gb_nino")).when(lang="zh").then(pl.lit("cn_ric"))
    )  # fmt: skip
    columns = columns.with_columns(kind.alias("national_type"))
    chosen = pl.coalesce(*(pl.when(national_type=k).then(k) for k in _NATIONAL)).alias("national")
    fin = pl.when("fin_held").then("fin").alias("fin")
    return columns.select(fin, "national_type", chosen, "passport0", "passport1").get_columns()


_NATIONAL = ("md_idnp", "ro_cnp", "ru_inn", "ru_snils", "gb_nino", "cn_ric")


def _dates(days: Ints) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _countries(rng: np.random.Generator, kin: Families) -> Ints:
    home = np.array([COUNTRIES.index(HOME[lang]) for lang in chances.LANGUAGES])[kin.lang]
    home = np.where((home == 1) & chance(rng, 0.4, len(home))[kin.first], 2, home)
    return np.asarray(np.where(chance(rng, 0.25, len(home))[kin.first], home, 0))


def _pick(rng: np.random.Generator, facts: str, country: Ints, n: int) -> Ints:
    """A row of the fact table in the right country, the first ones more often."""
    rows = table(facts).get_column("country").to_numpy()
    counts = np.array([(rows == c).sum() for c in COUNTRIES])
    starts = np.array([np.flatnonzero(rows == c)[0] for c in COUNTRIES])
    return np.asarray(starts[country] + (rng.random(n) ** 1.5 * counts[country]).astype(np.int64))


def _phones(rng: np.random.Generator, country: Ints, kin: Families) -> list[pl.Series]:
    before, after, home = (phone_numbers(rng, country) for _ in range(3))
    couple = (kin.role == 1) & chance(rng, chances.SHARED_PHONE, len(country))
    at = np.where(couple, kin.first, np.arange(len(country)))
    return [before.gather(at).alias("phone0"), after.alias("phone1"), home.gather(kin.first).alias("home_phone")]


def _emails(rng: np.random.Generator, frame: pl.DataFrame, kin: Families) -> list[pl.Series]:
    words = vocabulary()
    n = frame.height
    given, family = (words.given["ascii"].gather(kin.given), words.family["ascii"].gather(frame["family1"]))
    parent = (kin.role == 2) & chance(rng, chances.PARENTS_EMAIL * 2, n)
    at = np.where(parent, kin.first, np.arange(n))
    out = []
    for suffix in "01":
        parts = pl.DataFrame({"g": given, "f": family, "n": rng.integers(1, 9999, n), "k": rng.integers(0, 3, n),
                              "d": np.array(DOMAINS)[weighted(rng, (9, 5, 3, 2, 2, 2, 1), n)]})  # fmt: skip
        user = (pl.when(k=0).then(pl.concat_str("g", pl.lit("."), "f"))
                .when(k=1).then(pl.concat_str("f", pl.col("g").str.slice(0, 1)))
                .otherwise(pl.concat_str("g", "n"))).str.to_lowercase().str.replace_all("[^a-z0-9.]", "")  # fmt: skip
        mail = parts.select(pl.concat_str(user, pl.col("n") % 100, pl.lit("@"), "d")).to_series()
        out.append(mail.gather(at).alias(f"email{suffix}"))
    return out
