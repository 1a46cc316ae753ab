"""The queue: which cases wait for whom, in what order.

Here: filters, order, counts. Not here: the cases themselves (cases), claims and deferrals (workbench).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from stages.lookup import Row
from stewardship.cases import dated
from stewardship.sight import EVERYTHING, Scope
from stewardship.workbench import Bench
from store.decisions import Decision
from store.decisions.state import IN_EFFECT, PENDING
from store.duck import rows

PAGE, NEXT = 25, 3
"""Cases on a page, and cases that are made ready while one is read."""
EXPORTED = (
    "case_id", "kind", "party_type", "weight", "exposure", "risk", "first_seen", "due", "number_one", "name_one", "one",
    "number_other", "name_other", "other", "claimed", "snoozed", "decision", "reason",
)  # fmt: skip


AGES = ("day", "week", "month", "longer")
"""How long a case waits, up to a day, a week, 30 days, and longer (cases)."""
OVERDUE = "overdue"


class Filter(BaseModel):
    """What to show; every field of the page's address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: Literal["open", "mine", "team", "free", "snoozed", "decided"] = "open"
    kind: str = Field("", max_length=40)
    party_type: Literal["", "person", "organisation"] = ""
    source: str = Field("", max_length=100)
    entity: str = Field("", max_length=100)
    branch: str = Field("", max_length=100)
    age: Literal["", *AGES, OVERDUE] = ""  # type: ignore[valid-type]
    order: Literal["risk", "due", "age", "weight"] = "risk"
    page: int = Field(1, ge=1, le=100_000)


@dataclass(frozen=True)
class Standing:
    """What became of the cases outside the version: shared out, put off, decided."""

    bench: Bench
    decided: Mapping[str, int]
    """Case → the decision that answers it from the next night on."""
    scope: Scope = EVERYTHING
    team: frozenset[str] = frozenset()
    """Who decides about the same clients as the one who asks, himself among them."""
    today: date = field(default_factory=date.today)
    """The day of which ages and what is overdue are told: the one on which deferrals end."""

    @property
    def cases(self) -> str:
        """SQL: the cases in sight, with their age today."""
        return dated(self.scope.cases, self.today)


def standing(
    con: duckdb.DuckDBPyConnection, bench: Bench, known: Mapping[int, Decision], today: date,
    scope: Scope = EVERYTHING, team: frozenset[str] = frozenset(),
) -> Standing:  # fmt: skip
    """Cases that a decision answers which this version did not count yet."""
    counted = {row[0] for row in con.execute("FROM counted_decision").fetchall()}
    waiting = [
        decision for decision in known.values()
        if decision.effect and decision.id not in counted and decision.state(today) in (PENDING, IN_EFFECT)
    ]  # fmt: skip
    if not waiting:
        return Standing(bench, {}, scope, team, today)
    groups = [[_named(decision.entry.left), _named(decision.entry.right)] for decision in waiting]
    found = con.execute(_ANSWERED, [[d.id for d in waiting], [g[0] for g in groups], [g[1] for g in groups]])
    return Standing(bench, dict(found.fetchall()), scope, team, today)


def _named(records: tuple[tuple[str, str], ...]) -> list[str]:
    return [":".join(record) for record in records]


_ANSWERED = """
    WITH decided AS (SELECT unnest(?) AS id, unnest(?) AS l, unnest(?) AS r),
         lefts AS (SELECT id, unnest(l) AS l, r FROM decided),
         pairs AS (SELECT id, l, unnest(r) AS r FROM lefts)
    SELECT c.case_id, max(p.id) FROM pairs p
    JOIN case_item c ON c.one = least(p.l, p.r) AND c.other = greatest(p.l, p.r)
    GROUP BY 1 ORDER BY 1"""
"""Of a case the two records are named in their order (cases), so each pair of a decision is looked up in one way."""

_STATES = {
    "open": "NOT list_contains($decided, case_id) AND NOT list_contains($snoozed, case_id)",
    "mine": "list_contains($mine, case_id) AND NOT list_contains($decided, case_id)",
    "team": "list_contains($team, case_id) AND NOT list_contains($decided, case_id)",
    "free": "NOT list_contains($claimed, case_id) AND NOT list_contains($decided, case_id)"
    " AND NOT list_contains($snoozed, case_id)",
    "snoozed": "list_contains($snoozed, case_id) AND NOT list_contains($decided, case_id)",
    "decided": "list_contains($decided, case_id)",
}
_CHOSEN = """($kind = '' OR kind = $kind) AND ($party_type = '' OR party_type = $party_type)
    AND ($source = '' OR list_contains(sources, $source)) AND ($entity = '' OR list_contains(entities, $entity))
    AND ($branch = '' OR list_contains(branches, $branch))
    AND ($age = '' OR age = $age OR overdue AND $age = 'overdue')"""
_ORDERS = {"risk": "risk DESC", "due": "due, risk DESC", "age": "first_seen, risk DESC", "weight": "weight DESC"}


def page(con: duckdb.DuckDBPyConnection, asked: Filter, now: Standing, user: str, size: int = PAGE) -> list[Row]:
    """The cases of a page, each with its claim, deferral and decision."""
    values = _values(asked, now, user, _CHOSEN, _STATES[asked.state])
    found = rows(con, f"""
        SELECT * FROM {now.cases} WHERE {_CHOSEN} AND {_STATES[asked.state]}
        ORDER BY {_ORDERS[asked.order]}, case_id LIMIT {size} OFFSET {(asked.page - 1) * size}""", values)  # fmt: skip
    return [_shared(row, now) for row in found]


def _shared(row: Row, now: Standing) -> Row:
    case = row["case_id"]
    more = {"claimed": now.bench.claims.get(case), "snoozed": now.bench.snoozed.get(case)}
    return row | more | {"decision": now.decided.get(case)}


def counts(con: duckdb.DuckDBPyConnection, asked: Filter, now: Standing, user: str) -> dict[str, int]:
    """How many cases the filter leaves in each state."""
    told = ", ".join(f"count(*) FILTER ({condition})" for condition in _STATES.values())
    values = _values(asked, now, user, _CHOSEN, told)
    [row] = con.execute(f"SELECT {told} FROM {now.cases} WHERE {_CHOSEN}", values).fetchall()
    return dict(zip(_STATES, row, strict=True))


def ages(con: duckdb.DuckDBPyConnection, now: Standing) -> dict[str, int]:
    """Open cases by how many days they wait: up to a day, a week, a month, longer; and those that are overdue."""
    values, scoped = _values(Filter(), now, "", _STATES["open"]), f"FROM {now.cases} WHERE {_STATES['open']}"
    [row] = con.execute(f"SELECT {', '.join(_AGES)} {scoped}", values).fetchall()
    return dict(zip((*AGES, OVERDUE), row, strict=True))


_AGES = (*(f"count(*) FILTER (age = '{age}')" for age in AGES), f"count(*) FILTER ({OVERDUE})")


def choices(con: duckdb.DuckDBPyConnection, scope: Scope) -> dict[str, list[str]]:
    """What the filters can be set to: what the cases in sight have."""
    lists = {"kind": "kind", "source": "unnest(sources)", "entity": "unnest(entities)", "branch": "unnest(branches)"}
    return {
        name: [v for (v,) in con.execute(f"SELECT DISTINCT {sql} AS v FROM {scope.cases} ORDER BY v").fetchall() if v]
        for name, sql in lists.items()
    }


@dataclass(frozen=True)
class Around:
    """What stands around a case in its queue: the one before, those that come next, how many others there are."""

    before: Row | None
    after: list[Row]
    others: int


def around(con: duckdb.DuckDBPyConnection, asked: Filter, now: Standing, user: str, case_id: str) -> Around:
    """What stands around a case; after the last one the queue goes on from the start."""
    values = _values(asked, now, user, _CHOSEN, _STATES[asked.state]) | {"case": case_id, "next": NEXT}
    found = rows(con, f"""
        WITH listed AS (
            SELECT case_id, one, other, row_number() OVER (ORDER BY {_ORDERS[asked.order]}, case_id) AS rank
            FROM {now.cases} WHERE ({_CHOSEN} AND {_STATES[asked.state]}) OR case_id = $case),
        placed AS (
            SELECT l.*, l.rank - h.rank AS ahead, count(*) OVER () - 1 AS others,
                   (l.rank - h.rank + count(*) OVER ()) % count(*) OVER () AS way
            FROM listed l, (SELECT rank FROM listed WHERE case_id = $case) h)
        SELECT * FROM placed WHERE ahead = -1 OR way BETWEEN 0 AND $next ORDER BY way""", values)  # fmt: skip
    before = next((row for row in found if row["ahead"] == -1), None)
    return Around(before, [row for row in found if 0 < row["way"] <= NEXT], found[0]["others"] if found else 0)


def _values(asked: Filter, now: Standing, user: str, *conditions: str) -> dict[str, Any]:
    """The parameters that the conditions name."""
    known = {
        **asked.model_dump(include={"kind", "party_type", "source", "entity", "branch", "age"}),
        "decided": list(now.decided), "snoozed": list(now.bench.snoozed), "claimed": list(now.bench.claims),
        "team": [case for case, name in now.bench.claims.items() if name in now.team],
        "mine": [case for case, name in now.bench.claims.items() if name == user],
    }  # fmt: skip
    return {name: value for name, value in known.items() if any(f"${name}" in sql for sql in conditions)}
