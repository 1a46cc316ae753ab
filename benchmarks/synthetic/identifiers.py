"""Numbers of people and firms with right check digits, made for whole columns at once.

Here: generators, each a function of an integer column (unique in, unique out). Not here: who holds which number.
Rules: the issuers' published check-digit algorithms; the tests compare with python-stdnum.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.synthetic.draws import Ints

_FIN = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", dtype=np.uint8)
Digits = npt.NDArray[np.int64]


def digits(number: Ints, width: int) -> Digits:
    """The decimal digits of each number, `width` of them, as a matrix."""
    return (number[:, None] // 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)) % 10


def text(matrix: Digits) -> pl.Series:
    """A matrix of digits as text."""
    return _letters((matrix + 48).astype(np.uint8))


def az_fin(serial: Ints) -> pl.Series:
    """Azerbaijani personal number: seven of 34 letters and digits (no I, no O); it has no check digit."""
    mixed = (serial * 9_176_543_211 + 31_415_926_535) % 34**7
    return _letters(_FIN[(mixed[:, None] // 34 ** np.arange(6, -1, -1, dtype=np.int64)) % 34])


def az_voen(serial: Ints, person: bool = False) -> pl.Series:
    """Azerbaijani tax number: eight digits, a check digit below ten, and 1 (firm) or 2 (person)."""
    body = digits((serial * 7_919 + 13_000_000) % 90_000_000 + 10_000_000, 8)
    check = _dot(body, (4, 1, 8, 6, 2, 7, 5, 3)) % 11
    body[:, 7] = np.where(check == 10, (body[:, 7] + 1) % 10, body[:, 7])
    check = _dot(body, (4, 1, 8, 6, 2, 7, 5, 3)) % 11
    return text(np.column_stack([body, check % 10, np.full(len(serial), 2 if person else 1)]))


def ro_onrc(serial: Ints) -> pl.Series:
    """Romanian trade register number: J, year and number of entry, county, check digit (J counts as 4)."""
    entry = digits((serial * 7_919) % 999_983 + 1, 6)
    body = np.column_stack([digits(1998 + serial % 25, 4), entry, digits(serial % 40 + 1, 2)])
    return "J" + text(np.column_stack([body, (body.sum(axis=1) + 4) % 10]))


def ro_cnp(serial: Ints, birth: pl.Series, female: Ints) -> pl.Series:
    """Romanian personal number of a person with that birth date and sex."""
    century = np.where(birth.dt.year().to_numpy() >= 2000, 5, 1) + female
    county = (serial * 17) % 46 + 1
    body = np.column_stack([century, _six(birth), digits(county, 2), digits((serial * 311) % 999 + 1, 3)])
    check = _dot(body, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return text(np.column_stack([body, np.where(check == 10, 1, check)]))


def md_idnp(serial: Ints) -> pl.Series:
    """Moldovan personal number: 2, eleven digits, check digit of weights 7, 3, 1."""
    return _idn(serial, 2)


def md_idno(serial: Ints) -> pl.Series:
    """Moldovan number of a legal person."""
    return _idn(serial, 1)


def ru_inn(serial: Ints, company: bool = False) -> pl.Series:
    """Russian tax number: ten digits for a firm, twelve for a person."""
    if company:
        body = digits(serial % 900_000_000 + 77_000_000, 9)
        return text(np.column_stack([body, _dot(body, (2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10]))
    body = digits(serial % 10**9 + 7_700_000_000, 10)
    first = np.column_stack([body, _dot(body, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10])
    return text(np.column_stack([first, _dot(first, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) % 11 % 10]))


def ru_snils(serial: Ints) -> pl.Series:
    """Russian insurance number: nine digits and their weighted sum modulo 101."""
    body = digits(serial % 800_000_000 + 100_000_000, 9)
    check = _dot(body, range(9, 0, -1)) % 101 % 100
    return text(np.column_stack([body, digits(check, 2)]))


def cn_ric(serial: Ints, birth: pl.Series, female: Ints) -> pl.Series:
    """Chinese resident identity number, check character after ISO 7064 mod 11-2."""
    day = birth.dt.year().to_numpy().astype(np.int64) * 10_000 + _month_day(birth)
    order = (serial * 37 % 499) * 2 + 1 - female
    region = np.array([110101, 110105, 310101, 310104, 440103, 510104, 650102])[serial % 7]
    body = np.column_stack([digits(region, 6), digits(day, 8), digits(order, 3)])
    place = _dot(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11
    tail = np.frombuffer(b"10X98765432", dtype=np.uint8)[place]
    return _letters(np.column_stack([(body + 48).astype(np.uint8), tail]))


def gb_nino(serial: Ints) -> pl.Series:
    """British insurance number; it has no check digit."""
    first, second, last = (np.frombuffer(x, dtype=np.uint8) for x in (b"ABCEHJLMPRS", b"ABCEHJLMPRSW", b"ABCD"))
    mixed = (serial * 7_919) % (10**6 * 132)
    letters = np.column_stack([first[mixed // 10**6 // 12], second[mixed // 10**6 % 12]])
    return _letters(np.column_stack([letters, (digits(mixed % 10**6, 6) + 48).astype(np.uint8), last[serial % 4]]))


def lei(serial: Ints) -> pl.Series:
    """Legal entity identifier: 18 digits and letters, two check digits (ISO 17442)."""
    body = np.column_stack([digits(np.full(len(serial), 5493), 4), np.zeros((len(serial), 2), dtype=np.int64)])
    body = np.column_stack([body, digits((serial * 1_000_003) % 10**12, 12)])
    return text(np.column_stack([body, digits(98 - _mod97(np.column_stack([body, body[:, :2] * 0])), 2)]))


def iban_az(serial: Ints) -> pl.Series:
    """Azerbaijani IBAN of the synthetic bank (ISO 13616)."""
    account = digits(serial % 10**15, 20)
    bank = np.tile(np.array([2, 3, 1, 0, 1, 1, 3, 5]), (len(serial), 1))  # N A B Z as numbers
    country = np.tile(np.array([1, 0, 3, 5, 0, 0]), (len(serial), 1))  # A Z 00
    check = digits(98 - _mod97(np.column_stack([bank, account, country])), 2)
    return pl.select(pl.concat_str(pl.lit("AZ"), text(check), pl.lit("NABZ"), text(account))).to_series()


def passport(serial: Ints, prefix: str) -> pl.Series:
    """A passport number: prefix and eight digits."""
    return prefix + text(digits((serial * 7_654_321) % 99_999_989, 8))


def _idn(serial: Ints, first: int) -> pl.Series:
    body = np.column_stack([np.full(len(serial), first), digits((serial * 1_000_003) % 10**11, 11)])
    return text(np.column_stack([body, _dot(body, (7, 3, 1) * 4) % 10]))


def _six(birth: pl.Series) -> Digits:
    return digits(birth.dt.year().to_numpy().astype(np.int64) % 100 * 10_000 + _month_day(birth), 6)


def _month_day(birth: pl.Series) -> Ints:
    return np.asarray(birth.dt.month().to_numpy().astype(np.int64) * 100 + birth.dt.day().to_numpy(), dtype=np.int64)


def _dot(body: Digits, weights: tuple[int, ...] | range) -> Ints:
    return np.asarray(body @ np.array(tuple(weights), dtype=np.int64))


def _mod97(body: Digits) -> Ints:
    rest = np.zeros(len(body), dtype=np.int64)
    for place in range(body.shape[1]):
        rest = (rest * 10 + body[:, place]) % 97
    return rest


def _letters(codes: npt.NDArray[np.uint8]) -> pl.Series:
    wide = np.ascontiguousarray(codes)
    return pl.Series(wide.view(f"S{wide.shape[1]}").ravel().astype(f"U{wide.shape[1]}"), dtype=pl.String)
