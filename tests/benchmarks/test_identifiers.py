import re

import numpy as np
import polars as pl
import pytest
from stdnum import iban, lei
from stdnum.az import voen
from stdnum.cn import ric
from stdnum.md import idno
from stdnum.ro import cnp, onrc
from stdnum.ru import inn

from benchmarks.synthetic import identifiers

SERIAL = np.arange(1, 2001, dtype=np.int64) * 7
BIRTH = pl.Series(np.arange(2000) * 14 - 9000).cast(pl.Int32).cast(pl.Date)
FEMALE = SERIAL % 2


@pytest.mark.parametrize(
    ("made", "valid"),
    [
        (identifiers.ro_cnp(SERIAL, BIRTH, FEMALE), cnp.is_valid),
        (identifiers.ro_onrc(SERIAL), onrc.is_valid),
        (identifiers.cn_ric(SERIAL, BIRTH, FEMALE), ric.is_valid),
        (identifiers.az_voen(SERIAL), voen.is_valid),
        (identifiers.md_idno(SERIAL), idno.is_valid),
        (identifiers.md_idnp(SERIAL), idno.is_valid),
        (identifiers.ru_inn(SERIAL), inn.is_valid),
        (identifiers.ru_inn(SERIAL, company=True), inn.is_valid),
        (identifiers.lei(SERIAL), lei.is_valid),
        (identifiers.iban_az(SERIAL), iban.is_valid),
    ],
)
def test_check_digits_agree_with_python_stdnum(made, valid):
    assert all(valid(number) for number in made.to_list())
    assert made.n_unique() == len(SERIAL)


def test_az_fin_has_seven_signs_without_i_and_o_and_is_unique():
    made = identifiers.az_fin(SERIAL)
    assert all(re.fullmatch(r"[0-9A-HJ-NP-Z]{7}", number) for number in made.to_list())
    assert made.n_unique() == len(SERIAL)


def test_snils_sum_modulo_101():
    for number in identifiers.ru_snils(SERIAL).to_list()[:100]:
        total = sum(int(digit) * weight for digit, weight in zip(number[:9], range(9, 0, -1), strict=True))
        assert total % 101 % 100 == int(number[9:])


def test_nino_has_its_form():
    made = identifiers.gb_nino(SERIAL)
    assert made.str.contains(r"^[A-Z]{2}\d{6}[A-D]$").all()
