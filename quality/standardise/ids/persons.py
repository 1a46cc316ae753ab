"""National numbers of persons: all lifelong, some with a check digit, two that encode birth date and sex.

Rules from python-stdnum where it has them; written here from the published algorithm otherwise (SNILS, NINO, FIN).
"""

from datetime import date
from itertools import cycle

from stdnum.cn import ric
from stdnum.ro import cnp

from quality.standardise.ids.common import Facts, IdType, Verdict, by_form, by_stdnum, by_sum, compact

# The suffix letter is optional in daily use; the prefixes are those HMRC never issues.
_NINO = r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]?"


def snils_check(number: str) -> bool:
    """SNILS: digits 1-9 weighted 9..1, modulo 101, 100 written as 00; numbers up to 001-001-998 carry none."""
    body, check = number[:9], int(number[9:])
    if int(body) <= 1001998:
        return True
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(body))
    return total % 101 % 100 == check


def md_check(number: str) -> bool:
    """IDNP and IDNO: weights 7, 3, 1 repeated over twelve digits, modulo 10."""
    return sum(w * int(d) for w, d in zip(cycle((7, 3, 1)), number[:12], strict=False)) % 10 == int(number[12])


def ric_compact(raw: str) -> str:
    """The 18-character number; an old one of 15 digits is completed (century 19, check character)."""
    number = compact(raw)
    if len(number) == 15 and number.isdigit():
        longer = f"{number[:6]}19{number[6:]}"
        return longer + str(ric.calc_check_digit(f"{longer}0"))  # stdnum skips the last place
    return number


def _ric_judge(number: str) -> Verdict:
    # The place code is not judged: counties are dissolved and renamed, their people keep the number.
    if len(number) != 18 or not number[:17].isdigit() or _day(number[6:14]) is None:
        return False, False
    return True, bool(ric.calc_check_digit(number) == number[-1])


def _ric_facts(number: str) -> Facts:
    return _day(number[6:14]), "M" if int(number[16]) % 2 else "F"


def _cnp_facts(number: str) -> Facts:
    # 7, 8 are residents and 9 foreigners: the century is not encoded, so no birth date is claimed.
    sex = None if number[0] == "9" else ("M" if int(number[0]) % 2 else "F")
    century = {"1": "19", "2": "19", "3": "18", "4": "18", "5": "20", "6": "20"}.get(number[0])
    return (_day(century + number[1:7]) if century else None), sex


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


AZ_FIN = IdType("az_fin", by_form(r"[A-HJ-NP-Z0-9]{7}"), "AZ", lifelong=True)
MD_IDNP = IdType("md_idnp", by_sum(r"\d{13}", md_check), "MD", lifelong=True)
RO_CNP = IdType("ro_cnp", by_stdnum(cnp), "RO", lifelong=True, facts=_cnp_facts)
RU_SNILS = IdType("ru_snils", by_sum(r"\d{11}", snils_check), "RU", lifelong=True)
CN_RIC = IdType("cn_ric", _ric_judge, "CN", lifelong=True, compact=ric_compact, facts=_ric_facts)
GB_NINO = IdType("gb_nino", by_form(_NINO), "GB", lifelong=True)
# Areas 000, 666 and 9xx, group 00 and serial 0000 are never issued; there is no check digit.
US_SSN = IdType("us_ssn", by_form(r"(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}"), "US", lifelong=True)

PERSONS = (AZ_FIN, MD_IDNP, RO_CNP, RU_SNILS, CN_RIC, GB_NINO, US_SSN)
