"""Answers to a case become rows of the one decision log.

Here: what each answer means for the pair, and that it is about the state the steward saw. Not here: what a decision
needs (stages/decide), what contradicts it or needs a second person (store/decisions).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from rules.decisions import CANNOT_LINK, CONFIRM, MERGE, SPLIT
from rules.errors import DecisionRefused, NotFound
from stages import decide
from stages.decide import Decider, Seen
from stewardship import case as cases
from stewardship import sight
from stewardship.case import Case
from stewardship.decided import Decided
from stewardship.desk import Desk
from stewardship.sight import Scope, assert_sees
from store.decisions import Decision, Entry
from store.people import look_alike

Kind = Literal["match", "apart", "confirm", "split"]


class Outdated(Exception):
    """The case is not as it was when the page was made; `case` is how it is now."""

    def __init__(self, case: Case) -> None:
        self.case = case


class NotYours(Exception):
    """A person approves what he decided himself, or undoes what somebody else decided."""


class Listing(NamedTuple):
    """What cases were listed from: the version, and how many rows the log had."""

    version: int
    rows: int


@dataclass(frozen=True)
class Answer:
    """What a steward says about a case, and the state of the case that he saw."""

    kind: Kind
    state: str
    by: Decider
    records: tuple[str, ...] = ()
    """Of a split: the records that leave."""


def answer(desk: Desk, case_id: str, said: Answer, scope: Scope) -> Entry:
    """Decide a case. The same request again gives the row it made; Outdated where the case changed meanwhile."""
    with desk.deciding, desk.served.live() as version, version.near() as con:
        again = desk.log.requested(said.by.request)
        try:
            case = cases.find(con, case_id, desk.decided(), date.today(), scope)
        except NotFound:
            if again and _answered(again, said):  # a night carried it out, and the case is gone
                return again
            raise
        if case.state != said.state and not again:  # of a request that comes again the log knows what it asked
            raise Outdated(case)
        shown = desk.explanations.made(version.number, case.item["one"], case.item["other"])
        return _entered(desk, case, said, Seen(con, shown))


def bulk(
    desk: Desk, kind: Kind, case_ids: Sequence[str], seen: Listing, by: Decider, scope: Scope
) -> dict[str, Entry]:  # fmt: skip
    """Answer several cases alike, each as if alone; the rows made, by case.

    A case that changed since it was listed, or that the log refuses, is left as it is. What needs a second person waits
    for one here too.
    """
    known, made = Decided(desk.log.decisions(seen.rows)), dict[str, Entry]()
    for case_id in case_ids:
        with desk.served.live() as live, live.near() as con:
            if live.number != seen.version:
                break
            try:
                state = cases.find(con, case_id, known, date.today(), scope).state
            except NotFound:  # answered meanwhile, or out of sight: the others are answered all the same
                continue
        one = replace(by, request=f"{by.request}-{case_id}")
        try:
            made[case_id] = answer(desk, case_id, Answer(kind, state, one), scope)
        except (Outdated, DecisionRefused, NotFound):
            continue
    return made


_MAKES = {"match": MERGE, "apart": CANNOT_LINK, "confirm": CONFIRM, "split": SPLIT}


def _answered(row: Entry, said: Answer) -> bool:
    return look_alike(row.author, said.by.user) and row.kind == _MAKES[said.kind]


def _entered(desk: Desk, case: Case, said: Answer, seen: Seen) -> Entry:
    home, pair = desk.home, (case.item["one"], case.item["other"])
    if said.kind == "split":
        return _split(desk, case, said, seen)
    if case.together or said.kind == "confirm":
        if said.kind != "confirm":
            raise DecisionRefused("this case", "its two records are one client already", "confirm it, or split it")
        return decide.link(home, CONFIRM, *pair, said.by, seen)
    if said.kind == "match":
        return decide.merge(home, *pair, said.by, seen)
    return decide.apart(home, *pair, said.by, seen)


def _split(desk: Desk, case: Case, said: Answer, seen: Seen) -> Entry:
    """The records that leave are all of one client."""
    numbers = {row["client_number"] for row in case.members if row["name"] in said.records}
    if len(numbers) != 1:
        raise DecisionRefused(
            "split", "records of one client, but not all of them, are expected", "mark those that leave"
        )
    return decide.split(desk.home, numbers.pop(), said.records, said.by, seen)


def assert_stands(desk: Desk, decision: int, by: Decider, seen: str) -> None:
    """Refuse what is said about a decision that stands otherwise than it was `seen`; the same request again is none."""
    found = desk.decisions().get(decision)
    moved = seen and found and found.state(date.today()) != seen
    if found and moved and desk.log.requested(by.request) is None:
        told = f"stands otherwise than the page showed: {found.state(date.today())}"
        raise DecisionRefused(f"decision {decision}", told, "look at it again, then say what you think of it")


def approve(desk: Desk, decision: int, by: Decider, scope: Scope) -> Entry:
    """Approve as a second person."""
    if look_alike(in_sight(desk, decision, scope).entry.author, by.user):
        raise NotYours
    return decide.approve(desk.home, decision, by)


def end(desk: Desk, decision: int, by: Decider, may_end_others: bool, scope: Scope) -> Entry:
    """End a decision: one's own, which undoes it, or as an approver somebody else's, which rejects it."""
    if not look_alike(in_sight(desk, decision, scope).entry.author, by.user) and not may_end_others:
        raise NotYours
    return decide.end(desk.home, decision, by)


def in_sight(desk: Desk, decision: int, scope: Scope) -> Decision:
    """The decision; NotFound where there is none, and alike where it is about a client that is out of sight."""
    told = f"decision {decision}", "there is none of this number in your sight", "see the decisions"
    found = desk.decisions().get(decision)
    if found is None:
        raise NotFound(*told)
    with desk.served.live() as version, version.cursor() as con:
        assert_sees(con, scope, *found.entry.numbers, told=told)
    return found


def all_in_sight(desk: Desk, scope: Scope) -> dict[int, Decision]:
    """The decisions about clients in sight, in the order of the log."""
    known = desk.decisions()
    with desk.served.live() as version, version.cursor() as con:
        seen = sight.in_sight(con, scope, {number for one in known.values() for number in one.entry.numbers})
    return {number: one for number, one in known.items() if seen.issuperset(one.entry.numbers)}
