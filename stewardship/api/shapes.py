"""Shapes of the API's answers, made of the declared tables: a column's name, type and description are declared once.

Here: models. Not here: routes (v1).
"""

import datetime as dt
import decimal
from typing import Any

import dataframely as dy
from pydantic import BaseModel, ConfigDict, Field, create_model

from rules.contracts.golden import GoldenAddress, GoldenContact, GoldenIdentifier, GoldenName, GoldenParty
from rules.contracts.identity import Crosswalk

_INSIDE = ("record_key",)
"""Columns that are never handed out."""
_TYPES: dict[type[dy.Column], Any] = {
    dy.Date: dt.date, dy.Datetime: dt.datetime, dy.Bool: bool, dy.Int64: int, dy.Int32: int,
    dy.Decimal: decimal.Decimal,
}  # fmt: skip


class Shape(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(frozen=True)


def shape(name: str, schema: type[dy.Schema], *left_out: str) -> type[Shape]:
    """The model of a row of a declared table, without `left_out` and what is never handed out."""
    fields: dict[str, Any] = {
        column: (_type(declared) | None, Field(None, description=declared.description))
        for column, declared in schema.columns().items()
        if column not in (*_INSIDE, *left_out)
    }
    return create_model(name, __base__=Shape, __doc__=f"A row of {schema.__name__}.", **fields)


def _type(declared: dy.Column) -> Any:
    return _TYPES.get(type(declared), str)


Party = shape("Party", GoldenParty)
Name = shape("Name", GoldenName, "client_number")
Identifier = shape("Identifier", GoldenIdentifier, "client_number")
Address = shape("Address", GoldenAddress, "client_number")
Contact = shape("Contact", GoldenContact, "client_number")
SourceKey = shape("SourceKey", Crosswalk, "client_number", "party_type")


class Lineage(Shape):
    """Where a golden value is from."""

    field: str = Field(description="canonical field or unit")
    rule: str = Field(description="survivorship strategy that decided")
    candidates: int = Field(description="distinct values that competed")
    source: str = Field(description="source of the winning record")
    record_id: str = Field(description="the source's own key of the winning record")


class Refusal(Shape):
    """What the client does not allow: it may not be contacted so."""

    channel: str
    purpose: str
    legal_entity: str
    since: dt.datetime | None = Field(description="time of the statement that decides")


class Today(Shape):
    """A value that was decided at the desk and that no night has taken in yet; `party` has it already."""

    field: str = Field(description="column of the golden record")
    value: str
    at: str = Field(description="when it came to count")
    decision: int = Field(description="number of the decision")


class Client(Shape):
    """A golden record with its children, its lineage and the records it is made of."""

    version: int = Field(description="version that answered")
    as_of: dt.date = Field(description="business date that it is the state of")
    party: Party  # type: ignore[valid-type]
    names: list[Name]  # type: ignore[valid-type]
    identifiers: list[Identifier]  # type: ignore[valid-type]
    addresses: list[Address]  # type: ignore[valid-type]
    contacts: list[Contact]  # type: ignore[valid-type]
    lineage: list[Lineage]
    records: list[SourceKey]  # type: ignore[valid-type]
    refusals: list[Refusal] = Field([], description="withdrawn consents and do-not-disturb; empty for another date")
    today: list[Today] = Field([], description="what the desk changed since the version")


class Hit(Shape):
    """A client that a look-up found; one that was created at the desk since the version is `pending`."""

    client_number: str | None = Field(description="empty of a pending one: the next night gives the number")
    display_name: str | None
    party_type: str
    birth_date: dt.date | None
    pending: bool = False
    since: str | None = Field(None, description="when a pending one was created")


class Hits(Shape):
    """What a look-up found."""

    version: int
    found: list[Hit]


class Step(Shape):
    """What one comparison adds to the weight."""

    name: str = Field(description="comparison; `prior`: two records at random")
    label: str = Field(description="level that the two are on")
    bits: float


class Key(Shape):
    """A record by its source's own key."""

    source: str
    record_id: str


class Likely(Hit):
    """A client that a typed one may be."""

    band: str = Field(description="match: a night would join them; review: it would ask a steward")
    weight: float = Field(description="bits of evidence that the two are one client")
    record: Key | None = Field(description="the client's record that matches best; empty for a token with entities")
    steps: list[Step] = Field(description="what the weight is made of")


class Found(Shape):
    """Clients that a typed one may be, the likeliest first."""

    version: int = Field(description="version that answered")
    as_of: dt.date = Field(description="its business date")
    found: list[Likely]
    pending: list[Hit] = Field([], description="created at the desk since: the same document, or name and birth date")


class Keys(Shape):
    """Source keys of a client."""

    version: int
    client_number: str
    records: list[SourceKey]  # type: ignore[valid-type]


class LookedUp(Shape):
    """One answer of a batch: the number asked for, the one it stands for, and the golden record."""

    asked: str
    client_number: str | None = Field(description="empty where no client has the number any more, or none ever had")
    party: Party | None = Field(None, description="the golden record")  # type: ignore[valid-type]


class Batch(Shape):
    """Answers in the order of the questions."""

    version: int
    found: list[LookedUp]


class Change(Shape):
    """A change of a client or its number."""

    version: int = Field(description="night that made it")
    position: int = Field(description="order within the night")
    event: str = Field(description="mint, survive, merge, split, retire, restore")
    client_number: str
    other_number: str | None
    cause: str


class Changes(Shape):
    """What happened to client numbers, oldest first."""

    version: int = Field(description="version that answered")
    changes: list[Change]
    next: str | None = Field(description="give it as `cursor` for the next page; empty at the end")


class Acknowledged(Shape):
    """What a consumer has taken over."""

    consumer: str
    version: int = Field(description="the highest version that it acknowledged")
    number_changes: int = Field(description="changes that it had not acknowledged before")


class Live(Shape):
    """The live version."""

    version: int
    business_date: dt.date
    golden_hash: str = Field(description="content hash of golden_party")


class Decision(Shape):
    """A decision of people, without what was said and without values."""

    id: int
    kind: str
    state: str
    effect: str
    records: list[str]
    and_: list[str] = Field(serialization_alias="and", description="records of the other side")
    numbers: list[str]
    field: str
    author: str
    approver: str
    at: str
    ends: str
    ending_by: str = Field(description="who would end what two persons made; it counts until another ends it too")
    ended_at: str
    ended_by: str


class Decisions(Shape):
    """Decisions behind a number of the log."""

    decisions: list[Decision]
    next: int | None = Field(description="give it as `after` for the next page; empty at the end")


class Problem(Shape):
    """Why there is no answer."""

    problem: str
    next: str = Field("", description="what to do")
