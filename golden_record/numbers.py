"""The form of a client number: a sequence of nine digits and two check digits, or one adopted from a source.

Here: making and checking the number itself, as Python and as an SQL expression. Not here: who gets which number
(`identity`). Source of the check digits: ISO/IEC 7064, MOD 97-10: the whole number leaves 1 when divided by 97, so
every single wrong digit and every swap of two neighbours is noticed.
"""

FIRST_SEQUENCE = 100_000_001
LAST_SEQUENCE = 999_999_999
LENGTH = 11
LONGEST = 18
"""Digits of the longest number that is adopted from a source: it still fits a BIGINT."""


def client_number(sequence: int) -> str:
    """The 11-digit client number of a sequence from 100000001 to 999999999; ValueError outside of that."""
    if not FIRST_SEQUENCE <= sequence <= LAST_SEQUENCE:
        raise ValueError(f"a client sequence lies between {FIRST_SEQUENCE} and {LAST_SEQUENCE}")
    return str(sequence * 100 + 98 - sequence * 100 % 97)


def is_well_formed(number: str) -> bool:
    """True for 11 ASCII digits with a sequence in range and right check digits."""
    return (
        len(number) == LENGTH
        and number.isascii()
        and number.isdigit()
        and int(number) // 100 >= FIRST_SEQUENCE
        and int(number) % 97 == 1
    )


def client_number_sql(sequence: str) -> str:
    """`client_number` as an SQL expression over a BIGINT expression."""
    return f"CAST(({sequence}) * 100 + 98 - (({sequence}) * 100) % 97 AS VARCHAR)"


def is_adoptable_sql(number: str) -> str:
    """Whether a source's number can be a client number: digits, at most 18; check digits of our own are not asked."""
    return f"COALESCE(regexp_matches({number}, '^[0-9]{{1,{LONGEST}}}$'), FALSE)"


def is_well_formed_sql(number: str) -> str:
    """`is_well_formed` as an SQL expression over a text expression; never null."""
    value = f"TRY_CAST({number} AS BIGINT)"
    form = f"regexp_matches({number}, '^[0-9]{{{LENGTH}}}$')"
    return f"COALESCE({form} AND {value} >= {FIRST_SEQUENCE}00 AND {value} % 97 = 1, FALSE)"
