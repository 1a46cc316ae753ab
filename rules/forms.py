"""Forms of the client desk: what an employee may enter about a client, and who may.

Here: the typed shape of `forms.yaml`. A form fills fields of one child unit (rules/contracts/children), which say their
types; a night reads what was entered as it reads any feed. A form of an address, contact or identity document proposes
a decision instead (rules/decisions), which cites a document and needs another person. Not here: the pages, the store.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Literal, Self

import dataframely as dy
from pydantic import Field, StrictBool, model_validator

from rules.contracts import children
from rules.decisions import UNITS
from rules.load import DEFAULTS, Declared, Misfit, nearest, parse
from rules.source_map import DATE_FIELDS, PARTY_UNITS

FILE = "forms.yaml"
Picks = Literal["hits", "identifiers", "planned", "contacts", "numbers"]
"""What a form may be about: uncleared meetings with watch lists, identity documents, planned activities; of a proposal
the contact, or the number of an identity document, whose place the new one takes."""
_ASKED_AS: dict[type[dy.Column], str] = {
    dy.Date: "date", dy.Datetime: "datetime-local", dy.Bool: "flag", dy.Int32: "number", dy.Decimal: "amount",
}  # fmt: skip


class Asked(Declared):
    """A field of a form; `choices` where it is not free, those of the declared table where it has any."""

    required: StrictBool = False
    choices: tuple[str, ...] = ()
    now: StrictBool = Field(default=False, description="begins with today, or the time")
    file: StrictBool = Field(default=False, description="a copy that is taken in; the field keeps its digest")


class Form(Declared):
    """One form: the unit that it makes, the tab that it stands on, who may fill it, and what is filled for him.

    `sets` gives a field a constant, or `$user`, `$manager` (the code of the manager that he is, else his name), `$now`.
    """

    title: str
    unit: str
    tab: str
    may: Literal["serve", "advise", "comply"] = "serve"
    picks: Picks | None = None
    fields: dict[str, Asked] = Field(default_factory=dict)
    sets: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_the_unit(self) -> Self:
        units = (*children.UNITS, *UNITS)
        if self.unit not in units:
            raise Misfit(f"'{self.unit}' is no unit", nearest(self.unit, units), ("unit",))
        known = self._known()
        for part in ("fields", "sets"):
            for name in getattr(self, part):
                if name not in known:
                    raise Misfit(f"'{name}' is no field of '{self.unit}'", nearest(name, known), (part, name))
        return self

    @property
    def proposes(self) -> bool:
        """Whether what is filled waits for another person."""
        return self.unit in UNITS

    def choices(self, name: str) -> tuple[str, ...]:
        """What a field may hold, if that is declared."""
        words = {} if self.proposes else children.words(self.unit)
        return self.fields[name].choices or words.get(name, ())

    def asked_as(self, name: str) -> str:
        """How a field is asked for: text, date, datetime-local, flag, number, amount, file."""
        if self.fields.get(name, Asked()).file:
            return "file"
        if self.proposes:
            return "date" if name in DATE_FIELDS else "text"
        return _ASKED_AS.get(type(children.fields(self.unit)[name]), "text")

    def _known(self) -> Collection[str]:
        return PARTY_UNITS[self.unit] if self.proposes else children.fields(self.unit)


class Forms(Declared):
    """The whole file: forms by name."""

    forms: dict[str, Form]


def load_forms(overlay: Path | None = None) -> dict[str, Form]:
    """The shipped forms, overlaid key by key by the bank's own file."""
    return parse(Forms, DEFAULTS / FILE, overlay).forms
