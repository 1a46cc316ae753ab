"""What must be true of a row before it is added to the log.

Here: who may, and what would contradict what is in effect. Not here: whether records exist (stages/decide).
"""

from collections.abc import Mapping
from datetime import date

from rules.decisions import APPROVE, CANNOT_LINK, MUST_LINK, OVERRIDE, SEVERAL, SYSTEM, unit_of
from rules.errors import DecisionRefused, NotFound
from store.decisions.conflicts import conflict, told
from store.decisions.entries import Entry
from store.decisions.state import ENDED, PENDING, Decision, in_effect
from store.people import look_alike, normal

_SEE = "see the decisions", "registry decide list"


def judge(entry: Entry, found: Mapping[int, Decision], day: date) -> None:
    """Raise DecisionRefused where `entry` may not follow the decisions `found`."""
    _author(entry)
    if entry.about is not None:
        _about(entry, found, day)
    else:
        _assert_free(entry.kind, Decision(entry, None), found, day)


def _author(entry: Entry) -> None:
    if not normal(entry.author):
        raise DecisionRefused("author", "names nobody", "give the name of the user who decides", "--as USER")
    if look_alike(entry.author, SYSTEM):
        problem = f"'{SYSTEM}' is the system itself, which decides nothing"
        raise DecisionRefused("author", problem, "give your own name", "--as USER")


def _about(entry: Entry, found: Mapping[int, Decision], day: date) -> None:
    about, place = found.get(entry.about or 0), f"decision {entry.about}"
    if about is None:
        raise NotFound(place, "there is no such decision", *_SEE)
    if about.state(day) == ENDED:
        raise DecisionRefused(place, f"was ended by {about.ended_by} already", "decide anew if it should hold")
    if entry.kind == APPROVE:
        _approval(entry, about, found, day)
    elif about.ending_by and look_alike(entry.author, about.ending_by):
        raise DecisionRefused(place, f"{about.ending_by} cannot end alone what two persons made", "ask a second person")


def _approval(entry: Entry, about: Decision, found: Mapping[int, Decision], day: date) -> None:
    place = f"decision {about.id}"
    if about.state(day) != PENDING:
        raise DecisionRefused(place, "waits for no approval", *_SEE)
    if look_alike(entry.author, about.entry.author):
        raise DecisionRefused(place, f"was made by {about.entry.author}, who cannot approve it", "ask a second person")
    _assert_free(about.entry.kind, about, found, day)


def _assert_free(kind: str, new: Decision, found: Mapping[int, Decision], day: date) -> None:
    """Nothing in effect contradicts the new decision."""
    others = in_effect(found, day)
    chain = conflict(new.effect, (new.entry.left, new.entry.right), others)
    if chain:
        what = {MUST_LINK: "join what others keep apart", CANNOT_LINK: "part what others join"}[new.effect]
        raise DecisionRefused(f"{kind} of these records", f"would {what}: {told(chain)}", *_end(chain[-1].decision))
    same = [other for other in others if kind == OVERRIDE and _sets_the_same(other, new)]
    if same:
        raise DecisionRefused(f"override of {new.entry.field}", f"decision {same[0].id} sets it", *_end(same[0].id))


def _sets_the_same(one: Decision, other: Decision) -> bool:
    several = unit_of(one.entry.field) in SEVERAL
    return one.entry.field == other.entry.field and one.anchors == other.anchors and not several


def _end(decision: int) -> tuple[str, str]:
    return f"end decision {decision} first, if it is wrong", f"registry decide end {decision}"
