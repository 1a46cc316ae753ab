"""Documents that are renewed: passports, licences, permits, certificates; and the machine readable zone.

Forms by country are declared (rules/defaults/documents.yaml). MRZ check digits follow ICAO 9303 part 3.
"""

import re
from dataclasses import dataclass
from datetime import date
from itertools import cycle

from quality.standardise.ids.common import Verdict
from rules.documents import Documents

DOCUMENTS = (
    "passport", "driving_licence", "social_security_card", "household_register", "residence_permit",
    "birth_certificate", "registration_number", "tax_number",
)  # fmt: skip
_TD3 = re.compile(r"[A-Z0-9<]{9}[0-9<][A-Z<]{3}\d{6}\d[MFX<]\d{6}\d[A-Z0-9<]{14}[0-9<]\d")
_GENERIC = r"[A-Z0-9]{3,34}"
_VALUE = {"<": 0, **{str(n): n for n in range(10)}, **{chr(65 + n): 10 + n for n in range(26)}}


@dataclass(frozen=True)
class MrzLine:
    """Second line of a passport's machine readable zone; `check_ok` covers all its check digits."""

    number: str
    nationality: str
    sex: str | None
    expires_on: date | None
    check_ok: bool


def mrz_check_digit(text: str) -> int:
    """Check digit of an MRZ field: weights 7, 3, 1; letters count 10 to 35, the filler 0. KeyError on other text."""
    return sum(_VALUE[char] * weight for char, weight in zip(text, cycle((7, 3, 1)), strict=False)) % 10


def mrz_line(text: str) -> MrzLine | None:
    """Read the 44 characters of a TD3 second line; None if `text` is not one."""
    line = text.replace(" ", "").upper()
    if not _TD3.fullmatch(line):
        return None
    fields = ((line[:9], line[9]), (line[13:19], line[19]), (line[21:27], line[27]), (line[28:42], line[42]))
    whole = line[:10] + line[13:20] + line[21:43]
    right = all(str(mrz_check_digit(body)) == check.replace("<", "0") for body, check in fields)
    right = right and str(mrz_check_digit(whole)) == line[43]
    sex = line[20] if line[20] in "MF" else None
    return MrzLine(line[:9].strip("<"), line[10:13].strip("<"), sex, _expiry(line[21:27]), right)


def judge_document(kind: str, number: str, country: str | None, declared: Documents) -> Verdict:
    """Judge a document number by the form its country declares; documents carry no check digit of their own."""
    pattern = declared.form(kind, country) or _GENERIC
    return re.fullmatch(pattern, number) is not None, None


def _expiry(text: str) -> date | None:
    # Passports live ten years at most, so every expiry in a machine readable zone is of this century.
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        return None
