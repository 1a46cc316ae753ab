"""What an auditor asks of the trail: lines about a client, by a user, of an action, between two days.

Here: the filter, and a page of lines from the newest back. Not here: reading a long log (store/chain_search), whether
it is whole (verdicts).
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from stewardship.audit import Trail
from store.chain import Line, length
from store.chain_search import begins, newest_first

PAGE, LOOKED_AT = 100, 200_000
"""Lines on a page, and lines that are looked at for it: a second's work."""
Day = Annotated[date | None, BeforeValidator(lambda typed: typed or None)]
"""A day; a form that leaves it blank asks for none."""
_OWN = ("at", "user", "action")
"""What every line has; a torn or a forged one may lack it, and the chain tells of it."""
_TOLD = {"user": "of", "action": "did"}
"""What a line that tells of a filter calls a field, where it has another of that name."""


class Wanted(BaseModel):
    """What to show; every field of the page's address. Days are those of UTC, like the times of the lines.

    `before`: the place in the trail, a byte, where the page of newer lines ended. `check`: read both logs end to end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    client: str = Field("", pattern="^[A-Za-z0-9._-]{0,40}$")
    user: str = Field("", max_length=200)
    action: str = Field("", max_length=100)
    since: Day = None
    until: Day = None
    before: int = Field(0, ge=0, le=10**15)
    check: bool = False

    def fits(self, line: Line) -> bool:
        """Whether a line is asked for."""
        return (
            all(isinstance(line.get(name), str) for name in _OWN)
            and self.client in ("", line.get("client"), *str(line.get("clients", "")).split())
            and self.user.casefold() in ("", line["user"].casefold())
            and self.action.casefold() in line["action"].casefold()
        )

    @property
    def told(self) -> dict[str, str]:
        """The filter as a line of the trail tells it."""
        asked = self.model_dump(mode="json", exclude={"before", "check"}, exclude_defaults=True)
        return {_TOLD.get(name, name): str(value) for name, value in asked.items()}


@dataclass(frozen=True)
class Found:
    """Lines, the newest first; where the older ones go on (0: there are none), and the time that was looked back to."""

    lines: list[Line]
    older: int
    at: str


def look(trail: Trail, wanted: Wanted) -> Found:
    """A page of lines; fewer than there are where those asked for are rare: then `older` goes on."""
    size = length(trail.file)
    floor = begins(trail.file, wanted.since.isoformat()) if wanted.since else 0
    newest = begins(trail.file, f"{wanted.until}T24") if wanted.until else size
    place = newest = min(newest, wanted.before or size)
    shown, at = list[Line](), ""
    for looked, (begun, line) in enumerate(newest_first(trail.file, newest, floor), 1):
        place, at = begun, str(line.get("at", at))
        if wanted.fits(line):
            shown.append(line)
        if len(shown) == PAGE or looked == LOOKED_AT:
            break
    return Found(shown, place if place > floor else 0, at)
