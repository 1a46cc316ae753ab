"""Golden tables: one row per client, child rows for what repeats, lineage of every value."""

import dataframely as dy

from rules.contracts import columns as c
from rules.contracts.standard import StdAddress, StdContact, StdIdentifier, StdName, StdRecord


def _number() -> dy.String:
    return c.text("the registry's client number", nullable=False, primary_key=True)


class GoldenParty(dy.Schema):
    """One row per client number: surviving scalars and the units shown first."""

    client_number = _number()
    party_type = dy.Enum(c.PARTY_TYPES, description="what kind of party")
    roles = c.text("union of the members' roles, comma separated, sorted")
    display_name = c.text("surviving name", pii="P")
    records = dy.Int64(description="number of member records")
    sources = c.text("sources of the members, comma separated, sorted", nullable=False)
    updated_at = dy.Datetime(nullable=True, description="latest change of a member")
    sex = StdRecord.columns()["sex"]
    birth_date = StdRecord.columns()["birth_date"]
    birth_place = StdRecord.columns()["birth_place"]
    death_date = StdRecord.columns()["death_date"]
    life_status = StdRecord.columns()["life_status"]
    residence_country = StdRecord.columns()["residence_country"]
    marital_status = StdRecord.columns()["marital_status"]
    education = StdRecord.columns()["education"]
    language = StdRecord.columns()["language"]
    pep = StdRecord.columns()["pep"]
    photo_ref = StdRecord.columns()["photo_ref"]
    signature_ref = StdRecord.columns()["signature_ref"]
    occupation = StdRecord.columns()["occupation"]
    legal_form = StdRecord.columns()["legal_form"]
    registration_date = StdRecord.columns()["registration_date"]
    dissolution_date = StdRecord.columns()["dissolution_date"]
    activity_code = StdRecord.columns()["activity_code"]
    registered_capital = StdRecord.columns()["registered_capital"]
    total_assets = StdRecord.columns()["total_assets"]
    statement_date = StdRecord.columns()["statement_date"]
    admin_level = StdRecord.columns()["admin_level"]
    country = StdRecord.columns()["country"]


class _GoldenUnit(dy.Schema):
    """A child row of a client with the record it came from."""

    client_number = _number()
    position = dy.Int32(description="order of preference, from 1", primary_key=True)
    record_key = c.record_key("record the unit was taken from")


class GoldenName(_GoldenUnit):
    """Names of a client: the surviving current name first, then former, native, alias."""

    kind = StdName.columns()["kind"]
    full = StdName.columns()["full"]
    given = StdName.columns()["given"]
    middle = StdName.columns()["middle"]
    patronymic = StdName.columns()["patronymic"]
    family = StdName.columns()["family"]
    suffix = StdName.columns()["suffix"]
    title = StdName.columns()["title"]
    org_core = StdName.columns()["org_core"]
    legal_form = StdName.columns()["legal_form"]
    script = StdName.columns()["script"]
    latin = StdName.columns()["latin"]


class GoldenIdentifier(_GoldenUnit):
    """Union of the members' distinct identifiers."""

    type = StdIdentifier.columns()["type"]
    number = StdIdentifier.columns()["number"]
    issuer = StdIdentifier.columns()["issuer"]
    country = StdIdentifier.columns()["country"]
    issued_on = StdIdentifier.columns()["issued_on"]
    expires_on = StdIdentifier.columns()["expires_on"]
    lifelong = StdIdentifier.columns()["lifelong"]
    primary = StdIdentifier.columns()["primary"]
    well_formed = StdIdentifier.columns()["well_formed"]
    check_ok = StdIdentifier.columns()["check_ok"]
    verified_result = StdIdentifier.columns()["verified_result"]
    verified_on = StdIdentifier.columns()["verified_on"]


class GoldenAddress(_GoldenUnit):
    """One surviving address per kind."""

    kind = StdAddress.columns()["kind"]
    full = StdAddress.columns()["full"]
    street = StdAddress.columns()["street"]
    house = StdAddress.columns()["house"]
    unit = StdAddress.columns()["unit"]
    city = StdAddress.columns()["city"]
    district = StdAddress.columns()["district"]
    region = StdAddress.columns()["region"]
    postcode = StdAddress.columns()["postcode"]
    country = StdAddress.columns()["country"]


class GoldenContact(_GoldenUnit):
    """Union of the members' distinct contacts."""

    kind = StdContact.columns()["kind"]
    value = StdContact.columns()["value"]
    preferred = StdContact.columns()["preferred"]


class GoldenLineage(dy.Schema):
    """Which record won each surviving field or unit, and by which rule; losers are the other members."""

    client_number = _number()
    field = c.text(
        "canonical field or unit, e.g. birth_date, name.current, address.registered",
        nullable=False,
        primary_key=True,
    )
    record_key = c.record_key("winning record")
    rule = c.text("survivorship strategy that decided", nullable=False)
    candidates = dy.Int32(description="distinct values that competed")
    decision = dy.Int64(nullable=True, description="with rule decision: its number in the log")
    stale_since = c.date("business date the value is from, where its source did not deliver tonight; else empty")


CHANGES = (
    "party_created", "party_changed", "party_touched", "parties_merged", "party_split", "party_retired", "record_moved",
)  # fmt: skip


class ChangeEvent(dy.Schema):
    """What differs from the version live when the run began, in a total order; for the report and for consumers.

    Applied to that version's golden_party they give this one's.
    """

    position = dy.Int64(description="order within the version", primary_key=True)
    event = dy.Enum(
        CHANGES,
        description="created, changed, touched (updated_at alone), merged, split, retired; or a record moved between "
        "clients that no merge or split explains",
    )
    client_number = c.text("the client it happened to; of a moved record, the client it is with now", nullable=False)
    other_number = c.text("the client it merged into, was split from, or the record was with before")
    fields = c.text("names of the changed columns, comma separated; of a moved record, source:record_id")
    before = c.text("JSON of golden_party, values as text: the changed columns before; the whole row if gone", pii="S")
    after = c.text("JSON of golden_party, values as text: the changed columns now; the whole row if new", pii="S")


GOLDEN: dict[str, type[dy.Schema]] = {
    "golden_party": GoldenParty,
    "golden_name": GoldenName,
    "golden_identifier": GoldenIdentifier,
    "golden_address": GoldenAddress,
    "golden_contact": GoldenContact,
    "golden_lineage": GoldenLineage,
    "change_event": ChangeEvent,
}
