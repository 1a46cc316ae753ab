"""Numbers of organisations and of accounts: registers, tax, LEI, BIC, IBAN.

A register number lives as long as the legal person, so it counts as lifelong; account and bank codes do not.
"""

import re

from stdnum import iban, lei
from stdnum.az import voen
from stdnum.cn import uscc
from stdnum.ro import cui
from stdnum.ru import inn, ogrn

from quality.standardise.ids.common import IdType, Verdict, by_form, by_stdnum, by_sum, compact, without_prefix
from quality.standardise.ids.persons import md_check

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def _iban_judge(number: str) -> Verdict:
    # Country-specific rules inside some IBANs are left to the country; form and modulo 97 are ISO 13616.
    if not _IBAN.fullmatch(number):
        return False, False
    try:
        iban.validate(number, check_country=False)
    except iban.InvalidChecksum:
        return True, False
    except (iban.ValidationError, ValueError):
        return False, False
    return True, True


def _voen_compact(raw: str) -> str:
    number = without_prefix("VOEN", "TIN")(raw)
    # Spreadsheets drop the leading zero.
    return number.zfill(10) if len(number) == 9 and number.isdigit() else number


def _bic_compact(raw: str) -> str:
    number = compact(raw)
    # XXX names the head office: the same bank as without it.
    return number[:8] if len(number) == 11 and number.endswith("XXX") else number


AZ_VOEN = IdType("az_voen", by_stdnum(voen), "AZ", lifelong=True, compact=_voen_compact)
MD_IDNO = IdType("md_idno", by_sum(r"\d{13}", md_check), "MD", lifelong=True)
RO_CUI = IdType("ro_cui", by_stdnum(cui), "RO", lifelong=True, compact=without_prefix("RO", "CUI", "CIF"))
RU_INN = IdType("ru_inn", by_stdnum(inn), "RU", lifelong=True, compact=without_prefix("INN", "ИНН"))
RU_OGRN = IdType("ru_ogrn", by_stdnum(ogrn), "RU", lifelong=True, compact=without_prefix("OGRN", "OGRNIP"))
CN_USCC = IdType("cn_uscc", by_stdnum(uscc), "CN", lifelong=True)
LEI = IdType("lei", by_sum(r"[A-Z0-9]{18}\d{2}", lei.is_valid), lifelong=True)
IBAN = IdType("iban", _iban_judge, country_of=lambda number: number[:2])
BIC = IdType(
    "bic", by_form(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?"), compact=_bic_compact, country_of=lambda number: number[4:6]
)

ORGANISATIONS = (AZ_VOEN, MD_IDNO, RO_CUI, RU_INN, RU_OGRN, CN_USCC, LEI, IBAN, BIC)
