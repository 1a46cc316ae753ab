"""What forms have in common: the session's secret, who says what, a key that makes sending twice harmless.

Here: bases of forms, fields of more than one page. Not here: any one form. A field that a page has not is refused.
"""

from datetime import date
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from rules.desk import REASONS
from stages.decide import Decider
from stewardship.guard import parts_of
from stewardship.sessions import Visitor

Number = Annotated[str, Path(pattern="^[A-Za-z0-9._-]{1,40}$")]
Place = Annotated[int, Field(ge=1, le=100_000)]
"""Which page of a list."""


def _ahead(day: date) -> date:
    if day < date.today():
        raise ValueError("is over: choose today or a later day")
    return day


Ends = Annotated[date, AfterValidator(_ahead)]
"""The last day on which a value that a person set holds."""


class Asked(BaseModel):
    """Base of what an address asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Form(Asked):
    """Base of every form."""

    csrf: str = ""


class Said(Form):
    """A form that writes to the decision log, with what was said."""

    request: str = Field(min_length=8, max_length=64)
    said: str = Field("", max_length=1000)

    def by(self, visitor: Visitor, otherwise: str = "") -> Decider:
        """The visitor as who decides; `otherwise` where nothing was said."""
        return Decider(visitor.name, " ".join(self.said.split()) or otherwise, self.request)


class Reasoned(Said):
    """The same with a reason code before it."""

    reason: Literal[REASONS] = REASONS[0]  # type: ignore[valid-type]

    def by(self, visitor: Visitor, otherwise: str = "") -> Decider:
        """The visitor as who decides, with the reason code and what was said."""
        said = super().by(visitor, otherwise).reason
        return Decider(visitor.name, ": ".join(part for part in (self.reason, said) if part), self.request)


def pages(rows: int, size: int) -> int:
    """How many pages a list fills, at least one."""
    return max(1, -(-rows // size))


def own_path(onward: str) -> str:
    """A path of this site, never an address elsewhere."""
    parts = parts_of(onward)
    plain = onward.startswith("/") and not onward.startswith(("//", "/\\")) and onward.isprintable()
    return onward if plain and not parts.netloc and not parts.scheme else ""
