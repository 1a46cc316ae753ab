"""How the work and the registry stand: answers, ageing, agreement, precision, scorecards, nights, gates.

Here: counting for the overview. Not here: what is counted (decision log, queue, sample, scores, manifests).
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from stages.lookup import Row
from stages.scores import scores
from store import versions
from store.decisions import Decision
from store.decisions.state import ENDED, PENDING
from store.home import Home
from store.people import look_alike

DAYS, NIGHTS, WORST = 14, 8, 15
"""Days of throughput, nights, and issues that are shown."""


def throughput(known: Mapping[int, Decision], today: date) -> list[Row]:
    """Of each of the last days: decisions entered, approved, ended."""
    since = {(today - timedelta(days=back)).isoformat() for back in range(DAYS)}
    counted = {
        "entered": Counter(one.entry.at[:10] for one in known.values()),
        "approved": Counter(one.approved_at[:10] for one in known.values() if one.approved_at),
        "ended": Counter(one.ended_at[:10] for one in known.values() if one.ended_at),
    }
    return [{"day": day, **{name: days[day] for name, days in counted.items()}} for day in sorted(since, reverse=True)]


def stewards(known: Mapping[int, Decision], today: date) -> list[Row]:
    """Of each person: decisions, what waits for a second one, and how many of them somebody else ended."""
    found = []
    for author in sorted({one.entry.author for one in known.values()}):
        own = [one for one in known.values() if one.entry.author == author]
        undone = [one for one in own if one.ended_at and not look_alike(one.ending_by or one.ended_by, author)]
        waiting = sum(one.state(today) == PENDING for one in own)
        found.append({"name": author, "decided": len(own), "waiting": waiting, "ended by others": len(undone)})
    return found


def waiting(known: Mapping[int, Decision], today: date) -> list[Decision]:
    """Decisions that wait for a second person, the oldest first."""
    return [one for one in known.values() if one.state(today) == PENDING]


def agreement(known: Mapping[int, Decision], today: date) -> Row:
    """Of the decisions that a second person looked at: how many were approved, how many rejected."""
    refused = [one for one in known.values() if one.state(today) == ENDED and not one.approver]
    rejected = [one for one in refused if one.needs_second_person and not look_alike(one.ended_by, one.entry.author)]
    return {"approved": sum(bool(one.approver) for one in known.values()), "rejected": len(rejected)}


def nights(home: Home) -> list[Row]:
    """The newest versions: business date, clients, what waited, seconds, gates that did not hold."""
    return [_night(home, number) for number in sorted(versions.kept(home), reverse=True)[:NIGHTS]]


def _night(home: Home, number: int) -> Row:
    found = versions.manifest(home, number)
    tables = {entry.name: entry.rows for entry in found.tables}
    return {
        "version": number, "business_date": found.business_date, "clients": tables.get("golden_party"),
        "cases": tables.get("review"), "seconds": round(sum(found.run.seconds.values()), 1),
        "breaches": [gate for gate in found.gates if not gate.ok],
    }  # fmt: skip


def issues(home: Home) -> list[Row]:
    """Open issues of the sources, the largest share that misses its target first."""
    rows = [row for row in scores(home)["issues"] if row["resolved"] is None]
    rows.sort(key=lambda row: (-row["failed"] / row["checked"], row["source"], row["field"], row["rule"]))
    return rows[:WORST]
