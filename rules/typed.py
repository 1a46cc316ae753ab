"""A client as somebody types it, before it exists: the canonical fields that sources are mapped to, all as text.

Here: the shape. Not here: making it right (quality/standardise), searching for it (stages/search).
"""

from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, create_model, model_validator

from rules.load import Declared, Misfit
from rules.source_map import NEEDED, PARTY_UNITS, RECORD_FIELDS

MOST_UNITS = 20
"""Names, identifiers, addresses or contacts of one typed client."""
_LONGEST = 300
_OWN = ("party_type", "legal_entity", "branch", "roles", "status", "created_at", "updated_at")
"""Fields of a record that nobody types, or that stand in the shape by themselves."""


def _text() -> Any:
    return Field(default=None, max_length=_LONGEST)


def _unit(unit: str) -> type[Declared]:
    fields: dict[str, Any] = {name: (str | None, _text()) for name in PARTY_UNITS[unit]}
    fields |= {name: (str, Field(min_length=1, max_length=_LONGEST)) for name in NEEDED.get(unit, ())}
    return create_model(f"Typed{unit.title()}", __base__=Declared, __doc__=f"A typed {unit}.", **fields)


Name, Identifier, Address, Contact = (_unit(unit) for unit in ("name", "identifier", "address", "contact"))
_Scalars = create_model(
    "_Scalars", __base__=Declared, **{name: (str | None, _text()) for name in RECORD_FIELDS if name not in _OWN}
)  # type: ignore[call-overload]


_EITHER: list[JsonValue] = [
    {"required": [units], "properties": {units: {"minItems": 1}}} for units in ("names", "identifiers")
]
"""What the validator below demands, for who reads the schema."""


class Typed(_Scalars):
    """A typed client. Dates as 1990-12-31, countries as ISO 3166-1 alpha-2 or by name."""

    model_config = ConfigDict(json_schema_extra={"anyOf": _EITHER})

    party_type: Literal["person", "organisation", "institution", "bank"] = "person"
    names: tuple[Name, ...] = Field(default=(), max_length=MOST_UNITS)  # type: ignore[valid-type]
    identifiers: tuple[Identifier, ...] = Field(default=(), max_length=MOST_UNITS)  # type: ignore[valid-type]
    addresses: tuple[Address, ...] = Field(default=(), max_length=MOST_UNITS)  # type: ignore[valid-type]
    contacts: tuple[Contact, ...] = Field(default=(), max_length=MOST_UNITS)  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if not self.names and not self.identifiers:
            raise Misfit("a name or an identity document is needed", "nobody is found by a phone alone")
        return self
