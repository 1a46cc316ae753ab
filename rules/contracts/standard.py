"""Tables of standardised records: one row per source record, child rows for what repeats.

Raw value, standard value, valid and reason stand side by side in each child row; scalars keep theirs in `std_value`.
Source of the fields: the canonical field list of the data dictionary.
"""

import dataframely as dy

from rules.contracts import columns as c

SCALARS_PERSON = (
    "sex", "birth_date", "birth_place", "death_date", "life_status", "residence_country", "marital_status",
    "education", "language", "pep", "photo_ref", "signature_ref", "occupation",
)  # fmt: skip
SCALARS_ORGANISATION = (
    "legal_form", "registration_date", "dissolution_date", "activity_code", "registered_capital", "total_assets",
    "statement_date", "admin_level", "country",
)  # fmt: skip
SCALARS = SCALARS_PERSON + SCALARS_ORGANISATION


class StdRecord(dy.Schema):
    """One row per usable source record, with its scalar standard values."""

    record_key = c.record_key(primary_key=True)
    source = c.text("source system", nullable=False)
    record_id = c.text("the source's own key of the record", nullable=False)
    legal_entity = c.text("legal entity that owns the record")
    branch = c.text("branch that owns the record")
    party_type = dy.Enum(c.PARTY_TYPES, description="what kind of party the record describes")
    roles = c.text("roles, comma separated: prospect, client, former, guarantor, representative, owner")
    status = c.text("the source's status of the record")
    created_at = dy.Datetime(nullable=True, description="created in the source")
    updated_at = dy.Datetime(nullable=True, description="last changed in the source; empty if the source does not say")
    row_hash = c.text("hash of the mapped raw row", nullable=False)
    sex = c.text("F or M", pii="P")
    birth_date = c.date("date of birth", pii="P")
    birth_place = c.text("place of birth, ASCII lower case", pii="P")
    death_date = c.date("date of death", pii="P")
    life_status = c.text("alive, dead, minor, guardianship", pii="P")
    residence_country = c.text("ISO 3166-1 alpha-2", pii="P")
    marital_status = c.text("marital status as declared by the source's value map", pii="P")
    education = c.text("education as declared", pii="P")
    language = c.text("ISO 639 code", pii="P")
    pep = c.flag("politically exposed person", pii="S", nullable=True)
    photo_ref = c.text("file reference of the photograph", pii="P")
    signature_ref = c.text("file reference of the signature specimen", pii="P")
    occupation = c.text("occupation, ASCII lower case", pii="P")
    legal_form = c.text("standard legal form")
    registration_date = c.date("registered on")
    dissolution_date = c.date("dissolved on")
    activity_code = c.text("NACE code")
    registered_capital = dy.Decimal(precision=24, scale=2, nullable=True, description="registered capital")
    total_assets = dy.Decimal(precision=24, scale=2, nullable=True, description="total assets of the last statement")
    statement_date = c.date("date of the last statement")
    admin_level = c.text("administrative level of an institution")
    country = c.text("ISO 3166-1 alpha-2 of an organisation")


class StdValue(dy.Schema):
    """Raw against standard value of a scalar field, where they differ or the value is flagged."""

    record_key = c.record_key(primary_key=True)
    field = c.text("canonical field", nullable=False, primary_key=True)
    raw = c.text("as the source gave it", pii="P")
    standard = c.text("standard value as text; of a birth that is no date its digits, YYYY-MM-DD", pii="P")
    valid = c.flag("the value is usable")
    reason = c.reason()


class StdName(dy.Schema):
    """Names of a record, each one unit."""

    record_key = c.record_key(primary_key=True)
    ordinal = c.ordinal()
    kind = c.text("current, former, birth, alias, native, trade", nullable=False)
    raw = c.text("as the source gave it, parts joined by a space", pii="P")
    full = c.text("standard full name in its own script", pii="P")
    given = c.text("given name", pii="P")
    middle = c.text("middle names", pii="P")
    patronymic = c.text("patronymic", pii="P")
    family = c.text("family name", pii="P")
    suffix = c.text("generation suffix", pii="P")
    title = c.text("title", pii="P")
    org_core = c.text("organisation name without legal form, ASCII lower case", pii="P")
    legal_form = c.text("standard legal form found in the name")
    script = c.text("Latn, Cyrl, Hans …")
    latin = c.text("full name in Latin letters, diacritics kept", pii="P")
    ascii = c.text("full name as ASCII lower case", pii="P")
    given_ascii = c.text("given name, ASCII lower case", pii="P")
    middle_ascii = c.text("middle names and patronymic, ASCII lower case", pii="P")
    family_ascii = c.text("family name without feminine ending, ASCII lower case", pii="P")
    given_key = c.text("given name by sound, nicknames as the name they stand for; for comparing", pii="P")
    middle_key = c.text("middle names and the patronymic's father name by sound; for comparing", pii="P")
    family_key = c.text("family name by sound, without particles; for comparing", pii="P")
    given_known = c.flag("the given name is well known in some country", nullable=True)
    native_key = c.text("Chinese, Japanese or Korean characters, simplified; for comparing", pii="P")
    org_key = c.text("organisation name: words that weigh, translations as one word, numbers as digits", pii="P")
    org_own = c.text("words of org_key that are neither common to many names nor numbers", pii="P")
    org_initials = c.text("first letters of the words that weigh, when there are two or more", pii="P")
    valid = c.flag("usable for matching")
    reason = c.reason()


class StdIdentifier(dy.Schema):
    """Identity documents and national or business numbers."""

    record_key = c.record_key(primary_key=True)
    ordinal = c.ordinal()
    type = c.text("az_fin, passport, lei …", nullable=False)
    raw = c.text("as the source gave it", pii="S")
    number = c.text("standard form: upper case, no separators", pii="S")
    issuer = c.text("issuing authority", pii="P")
    country = c.text("ISO 3166-1 alpha-2")
    issued_on = c.date("issued on", pii="P")
    expires_on = c.date("expires on", pii="P")
    lifelong = c.flag("a national personal number, never renewed")
    primary = c.flag("primary document of its country pack")
    well_formed = c.flag("has the form of its type")
    check_ok = c.flag("check digit right; empty when the type has none", nullable=True)
    verified_result = c.text("result of outside verification")
    verified_on = c.date("verified on")
    valid = c.flag("usable for matching")
    reason = c.reason()


class StdAddress(dy.Schema):
    """Addresses of a record, each one unit."""

    record_key = c.record_key(primary_key=True)
    ordinal = c.ordinal()
    kind = c.text("registered, actual, work, mailing", nullable=False)
    raw = c.text("as the source gave it, parts joined by comma", pii="P")
    full = c.text("standard full address", pii="P")
    street = c.text("street", pii="P")
    house = c.text("house number", pii="P")
    unit = c.text("flat or unit", pii="P")
    city = c.text("city", pii="P")
    district = c.text("district", pii="P")
    region = c.text("region or state", pii="P")
    postcode = c.text("postcode without blanks, upper case", pii="P")
    country = c.text("ISO 3166-1 alpha-2")
    ascii = c.text("normalised text: ASCII lower case, abbreviations expanded", pii="P")
    street_ascii = c.text("street, ASCII lower case, street type folded", pii="P")
    city_ascii = c.text("city, ASCII lower case", pii="P")
    from_date = c.date("valid from", pii="P")
    to_date = c.date("valid to", pii="P")
    valid = c.flag("usable for matching")
    reason = c.reason()


class StdContact(dy.Schema):
    """Phones, e-mails, messengers."""

    record_key = c.record_key(primary_key=True)
    ordinal = c.ordinal()
    kind = c.text("mobile, phone, email, messenger", nullable=False)
    raw = c.text("as the source gave it", pii="P")
    value = c.text("E.164 phone, lower-case e-mail", pii="P")
    valid = c.flag("usable for matching")
    reason = c.reason()
    preferred = c.flag("preferred channel")
    from_date = c.date("valid from", pii="P")
    to_date = c.date("valid to", pii="P")


class Quarantine(dy.Schema):
    """Rows that could not be used, one per input row, never silently lost."""

    source = c.text("source system", nullable=False, primary_key=True)
    row = dy.Int64(description="row of the raw snapshot, from 0", primary_key=True, metadata={"key": "position"})
    record_id = c.text("the source's key, if it had one")
    rule = c.text("which rule refused the row", nullable=False)
    reason = c.text("what was expected", nullable=False)


STANDARD: dict[str, type[dy.Schema]] = {
    "std_record": StdRecord,
    "std_value": StdValue,
    "std_name": StdName,
    "std_identifier": StdIdentifier,
    "std_address": StdAddress,
    "std_contact": StdContact,
    "quarantine": Quarantine,
}
