"""Forms of the client desk: what an employee may enter about a client, and who may.

Here: the typed shape of `forms.yaml`. A form fills fields of one child unit (rules/contracts/children), which say their
types; a night reads what was entered as it reads any feed. Not here: the pages, the store.
"""

from pathlib import Path
from typing import Literal, Self

import dataframely as dy
from pydantic import Field, StrictBool, model_validator

from rules.contracts import children
from rules.load import DEFAULTS, Declared, Misfit, nearest, parse

FILE = "forms.yaml"
Picks = Literal["hits", "identifiers", "planned"]
"""What a form may be about: uncleared meetings with watch lists, identity documents, planned activities."""
_ASKED_AS: dict[type[dy.Column], str] = {
    dy.Date: "date", dy.Datetime: "datetime-local", dy.Bool: "flag", dy.Int32: "number", dy.Decimal: "amount",
}  # fmt: skip


class Asked(Declared):
    """A field of a form; `choices` where it is not free, those of the declared table where it has any."""

    required: StrictBool = False
    choices: tuple[str, ...] = ()
    now: StrictBool = Field(default=False, description="begins with today, or the time")


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
        if self.unit not in children.UNITS:
            raise Misfit(f"'{self.unit}' is no unit", nearest(self.unit, children.UNITS), ("unit",))
        known = children.fields(self.unit)
        for part in ("fields", "sets"):
            for name in getattr(self, part):
                if name not in known:
                    raise Misfit(f"'{name}' is no field of '{self.unit}'", nearest(name, known), (part, name))
        return self

    def choices(self, name: str) -> tuple[str, ...]:
        """What a field may hold, if that is declared."""
        return self.fields[name].choices or children.words(self.unit).get(name, ())

    def asked_as(self, name: str) -> str:
        """How a field is asked for: text, date, datetime-local, flag, number, amount."""
        return _ASKED_AS.get(type(children.fields(self.unit)[name]), "text")


class Forms(Declared):
    """The whole file: forms by name."""

    forms: dict[str, Form]


def load_forms(overlay: Path | None = None) -> dict[str, Form]:
    """The shipped forms, overlaid key by key by the bank's own file."""
    return parse(Forms, DEFAULTS / FILE, overlay).forms
