"""Words that column headers of bank systems use, by what the column then holds.

Here: the list, in English, Azerbaijani, Romanian, Russian, Turkish and transliteration, ASCII lower case after
folding; first match wins, so the specific stands before the general. Not here: what values look like (profile.py),
which parties a value means (party_words.py).
"""

import re

from anyascii import anyascii

HEADER_WORDS: tuple[tuple[str, str], ...] = (
    ("identifier.az_fin", r"fin|fincode|fin_?kod|pin"),
    ("identifier.az_voen", r"voen|tin_az"),
    ("identifier.md_idnp", r"idnp"),
    ("identifier.md_idno", r"idno"),
    ("identifier.ro_cnp", r"cnp"),
    ("identifier.ro_cui", r"cui|cif"),
    ("identifier.ru_inn", r"inn|инн"),
    ("identifier.ru_snils", r"snils|снилс"),
    ("identifier.ru_ogrn", r"ogrn|огрн"),
    ("identifier.gb_nino", r"nino|national_insurance.*"),
    ("identifier.us_ssn", r"ssn|soc_?sec.*|social_security.*"),
    ("identifier.lei", r"lei|lei_?code"),
    ("identifier.iban", r"iban"),
    ("identifier.bic", r"bic|swift.*"),
    ("identifier.passport", r"pass(port)?(_?(no|num|number|nomresi|seria))?|паспорт.*|pasaport.*"),
    ("identifier.driving_licence", r"driv.*licen.*|vv_?no"),
    ("identifier.registration_number", r"reg(istration)?_?(no|num|number|code)|qeydiyyat_no"),
    ("identifier.tax_number", r"tax_?(no|num|number|id)|vat.*|vergi.*"),
    ("contact.email", r".*e_?mail.*|.*epoct.*|.*eposta.*|.*почта.*|mail"),
    ("contact.mobile", r".*mob.*|.*cell.*|gsm.*|cep.*"),
    ("contact.phone", r".*phone.*|tel.*|.*telefon.*|.*телефон.*"),
    ("death_date", r".*death.*|dod|.*olum.*|.*deces.*|.*смерт.*"),
    ("birth_place", r"birth_?place|place_?of_?birth|dogum_?yeri|locul_?nasterii|место_?рожд.*"),
    ("birth_date", r".*birth.*|dob|.*dogum.*|.*nastere.*|.*nasterii.*|.*рожд.*"),
    ("registration_date", r"registration_?date|registered_?on|incorporat.*|founded.*|дата_?рег.*"),
    ("name.given", r"(first|given|fore)_?name|fn|ad|adi|isim|prenume|имя|imya"),
    ("name.family", r"(last|family|sur)_?name|ln|soyad.*|soyisim|nume_?familie|фамилия|familiya|surname"),
    ("name.patronymic", r"patronym.*|ata_?adi|отчество|otchestvo"),
    ("name.middle", r"middle_?names?|second_?name"),
    ("name.title", r"title|salutation"),
    ("name.suffix", r"suffix|generation"),
    (
        "name.org",
        r"(company|org(ani[sz]ation)?|firm|business|trade)(_?(full_?)?name|_?title)?|sirket(_?adi)?|unvan_?adi"
        r"|denumire.*|наименование",
    ),
    ("name.full", r"(full_?|client_?|customer_?|legal_?)?name|fio|фио|sae|nume|ad_?soyad"),
    ("sex", r"sex|gender|cins|cinsiyyet|cinsiyet|пол|gen"),
    ("marital_status", r"marital.*|aile_?veziyyeti"),
    ("occupation", r"occupation|profession|job|mesleq"),
    ("language", r"lang(uage)?|dil"),
    ("address.postcode", r".*post_?code.*|.*postal.*|zip.*|.*indeks.*|индекс"),
    ("address.house", r"house.*|street_?(no|number)|ev|дом"),
    ("address.street", r"street.*|address_?1|str|kuce.*|strada|улица|sokak"),
    ("address.unit", r"unit|flat|apartment|menzil|квартира"),
    ("address.city", r"city|town|suburb|seher|oras|город|sehir"),
    ("address.district", r"district|rayon|район|ilce|address_?2"),
    ("address.region", r"region|state|province|county|judet|область"),
    ("address.full", r"(?!(ip|mac|web)_).*addr.*|adr|.*unvan.*|.*adres.*|.*адрес.*"),
    ("residence_country", r"country|nationality|olke|tara|страна|ulke"),
    ("updated_at", r"(last_?)?(updated?|modified|changed)(_?(at|on|date))?"),
    ("created_at", r"(created?|opened)(_?(at|on|date))?"),
    ("status", r"status|state_?code"),
    ("branch", r"branch.*|filial.*"),
)
KEY_WORDS = r"(.*_)?(id|key|no|nr|num|number|code|ref)"
"""Headers that are likely to be the record's key."""

AMBIGUOUS = (
    r"\w{1,3}|name|nume|adi|isim|title|state|status|unit|house|generation|suffix|country|nationality|branch"
    r"|created?|opened|updated?|modified|changed|profession|job|street|town|mail"
)
"""Headers that are used for more than one thing: what they say is a guess until the values say it too."""
PLAIN = r"sex|dob|dod|fio|zip|пол|фио|имя"
"""Short headers that mean one thing only."""
BARE_NAME = r"name|nume|ad|adi|isim|имя|first|last"
"""Headers that hold a whole name when alone, and the missing part when another part has a column of its own."""
ADDRESS_KINDS: tuple[tuple[str, str], ...] = (
    ("registered", r"reg|legal|perm|huquqi|qeydiyyat|yurid|domicil|юрид|регистр|пропис"),
    ("mailing", r"mailing|postal|corresp|delivery|почт"),
    ("work", r"work|office|employ|is_yeri|работ"),
    ("actual", r"actual|home|resid|living|fact?ual|fakt|yasa|current|факт|прожив"),
)
"""Words inside a header that tell which address it belongs to."""
_GENERIC = r"name|number|no|num|value|full|text|line|type|kind|code|id|date|place|raw"
_OF_ADDRESS = (
    r"(reg|registered|registration|legal|permanent|home|actual|residential|residence|current|work|office|mail|mailing"
    r"|postal|corr|correspondence|delivery)_(\w+)"
)


def folded(header: str) -> str:
    """A header in lower case words joined by `_`; Cyrillic stays, accents go."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", header.strip())
    latin = "".join(sign if "\u0400" <= sign <= "\u04ff" else anyascii(sign) for sign in plain)
    return re.sub(r"[\W_]+", "_", latin.lower()).strip("_")


def by_header(header: str) -> tuple[str | None, bool]:
    """The canonical field that a header names, and whether it can mean nothing else; `outer.inner` is nested JSON."""
    outer, _, inner = (folded(part) for part in header.rpartition("."))
    word = folded(header)
    said = [inner, word, f"{inner}_{outer}"] if outer else [word]
    if outer and re.fullmatch(_GENERIC, inner):
        said = [word, f"{inner}_{outer}", inner]
    for text in said:
        if target := _named(text):
            sure = not re.fullmatch(AMBIGUOUS, text) or bool(re.fullmatch(PLAIN, text))
            return _in_address(target, outer), sure
    part = re.fullmatch(_OF_ADDRESS, word)
    target = _in_address(_named(part[2]), part[1] + "_address") if part else None
    return (target, True) if target and target.startswith("address.") else (None, False)


def _named(word: str) -> str | None:
    return next((target for target, pattern in HEADER_WORDS if re.fullmatch(pattern, word)), None)


def _in_address(target: str | None, outer: str) -> str | None:
    """A country among the parts of an address is the address's, not the party's."""
    inside = target == "residence_country" and _named(outer) == "address.full"
    return "address.country" if inside else target


def address_kind(header: str) -> str | None:
    """The kind of address that a header names, or None."""
    return next((kind for kind, words in ADDRESS_KINDS if re.search(rf"(^|_)({words})", folded(header))), None)
