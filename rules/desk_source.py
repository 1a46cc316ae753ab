"""What the client desk delivers to a night: the shape of sources and feeds of `kind: desk`.

Here: their columns and map, which nobody declares, since they follow from the child units that people may enter. Not
here: the forms (rules/forms), the store that is read (store/entered). A source of the kind has the clients that were
created at the desk, a feed what was entered about clients; both keep what a bank declares beside: name, trust, entity.
"""

from typing import Any

from rules.contracts import children

KIND = "desk"
CLIENT = (
    "party_type", "roles", "branch", "family", "given", "patronymic", "org_name", "birth_date", "registration_date",
    "sex", "identifier_type", "identifier_number", "identifier_country", "identifier_expires", "phone", "email",
    "address", "country", "created_at",
)  # fmt: skip
"""Columns of a client created at the desk, beside the key `entry`."""
_CLIENT_MAP: list[dict[str, Any]] = [
    {"party_type": {"column": "party_type"}},
    *({name: name} for name in ("roles", "branch", "birth_date", "registration_date", "sex", "created_at")),
    {"name": {"family": "family", "given": "given", "patronymic": "patronymic", "kind": "current"}},
    {"name.full": "org_name", "kind": "current"},
    {"identifier": {"type": {"column": "identifier_type"}, "number": "identifier_number",
                    "country": {"column": "identifier_country"}, "expires_on": "identifier_expires"}},
    {"contact": {"kind": "phone", "value": "phone", "country": {"column": "country"}}},
    {"contact": {"kind": "email", "value": "email"}},
    {"address": {"kind": "actual", "full": "address"}},
    {"residence_country": {"column": "country"}},
]  # fmt: skip


def column(unit: str, field: str) -> str:
    """Column of a feed of the kind that holds a field of a unit."""
    return f"{unit}__{field}"


def source_shape() -> dict[str, Any]:
    """What a source of the kind does not declare itself."""
    return _shape(CLIENT, _CLIENT_MAP)


def feed_shape() -> dict[str, Any]:
    """What a feed of the kind does not declare itself: its rows name their record's source, and are gone when ended."""
    fields = {unit: tuple(children.fields(unit)) for unit in children.UNITS}
    columns = [column(unit, field) for unit, names in fields.items() for field in names]
    entries = [{unit: {field: {"column": column(unit, field)} for field in names}} for unit, names in fields.items()]
    own = {"of": {"column": "of_source"}, "record": "of_record", "when_gone": "remove"}
    return own | _shape(("of_source", "of_record", *columns), entries)


def _shape(columns: tuple[str, ...], entries: list[dict[str, Any]]) -> dict[str, Any]:
    contract = {"min_rows": 0, "columns": dict.fromkeys(("entry", *columns), "text")}
    return {"read": {"key": "entry"}, "contract": contract, "map": entries}
