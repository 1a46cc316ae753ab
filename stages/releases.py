"""Rows released from quarantine: by whom and why. The next night tries them again without the rule that refused them.

Here: the log of releases, which of them count, what stands in quarantine. Not here: how a released row is read
(pipelines/sources/snapshot). The log names a record by its keyed hash, so that it may outlive the record's erasure.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from rules.errors import DecisionRefused, NotFound
from rules.settings import Settings
from store import chain, suppression
from store.home import Home
from store.opening import opened
from store.people import os_user, same_person
from store.suppression import Record

LOG = "quarantine_releases.jsonl"
RELEASABLE = {"required": False, "duplicate_key": True}
"""Rules that a person may set aside for a record, and whether a second one must approve it.

A record that lacks a required column is used without it. Of the copies of a key the one delivered last is used, which
may be the wrong one's data: that takes two.
"""
_MENDS = {
    "null_key": "the source must give the row a key",
    "party_type": "declare what the value means in the source's map, under `values`",
    "erased": "its subject was erased and stays out",
}
_SEE = "see `registry quarantine list`"


@dataclass(frozen=True)
class Release:
    """One release as the log has it."""

    id: int
    source: str
    rule: str
    tombstone: str
    user: str
    reason: str
    approver: str = ""
    ended: bool = False

    @property
    def state(self) -> str:
        """`waiting` for a second person, `counting`, or `ended`."""
        return "ended" if self.ended else "waiting" if RELEASABLE[self.rule] and not self.approver else "counting"


def releases(home: Home) -> list[Release]:
    """Every release, oldest first."""
    lines = chain.read(home.root / LOG)
    approver = {line["release"]: line["user"] for line in lines if line["kind"] == "approve"}
    ended = {line["release"] for line in lines if line["kind"] == "end"}
    return [
        Release(
            number, line["source"], line["rule"], line["tombstone"], line["user"], line["reason"],
            approver.get(number, ""), number in ended,
        )
        for number, line in enumerate(lines, 1)
        if line["kind"] == "release"
    ]  # fmt: skip


def refused(home: Home, settings: Settings) -> pl.DataFrame:
    """Rows in quarantine in the live version: source, record_id, rule, reason, state (of its release; else null)."""
    query = 'SELECT source, record_id, rule, reason FROM quarantine ORDER BY source, "row"'
    with opened(home, ["quarantine"]) as con:
        rows: pl.DataFrame = con.sql(query).pl()
    return rows.join(_released(home, settings, rows), on=("source", "record_id", "rule"), how="left")


def waived(home: Home, settings: Settings, source: str, records: pl.Series) -> pl.DataFrame:
    """Rules that no longer refuse these records (record_id) of a source: `record_id`, `rule`."""
    asked = pl.DataFrame({"source": [source] * records.len(), "record_id": records}).drop_nulls()
    found = _released(home, settings, asked)
    return found.filter(pl.col("state") == "counting").select("record_id", "rule").sort(pl.all())


def _released(home: Home, settings: Settings, rows: pl.DataFrame) -> pl.DataFrame:
    """`source`, `record_id`, `rule`, `state` of every release, not ended, of a record in `rows`."""
    open_ones = [one for one in releases(home) if one.state != "ended"]
    facts = [(one.tombstone, one.rule, one.state) for one in open_ones]
    states = pl.DataFrame(facts, schema=dict.fromkeys(("tombstone", "rule", "state"), pl.String), orient="row")
    named = suppression.among(home, settings.registry.erasure.key, rows.drop_nulls("record_id"), states["tombstone"])
    return named.join(states, on="tombstone").drop("tombstone")


def release(home: Home, settings: Settings, record: Record, rule: str, reason: str, user: str | None = None) -> Release:
    """Release a record from the rule that refused it; what is released already is not released again.

    Raises NotFound for a record that the rule does not hold, DecisionRefused without a reason or for a rule that
    nobody may set aside.
    """
    place = f"quarantine of {record[0]}"
    if rule not in RELEASABLE:
        raise DecisionRefused(
            place, f"nobody may set the rule '{rule}' aside", _MENDS.get(rule, "mend it in the source")
        )
    if not reason.strip():
        raise DecisionRefused(place, "the release has no reason", "add --reason TEXT")
    held = refused(home, settings).filter(source=record[0], record_id=record[1], rule=rule)
    if held.is_empty():
        raise NotFound(place, f"the rule '{rule}' holds no such record in the live version", _SEE)
    [tombstone] = suppression.tombstones(home, settings.registry.erasure.key, [record])
    known = [one for one in releases(home) if (one.tombstone, one.rule) == (tombstone, rule) and not one.ended]
    if not known:
        _log(home, "release", user, source=record[0], rule=rule, tombstone=tombstone, reason=reason.strip())
        known = releases(home)[-1:]
    return known[0]


def approve(home: Home, number: int, user: str | None = None) -> Release:
    """Approve a release that waits; DecisionRefused for one that does not, and for who made it."""
    found = _of(home, number)
    if found.state != "waiting":
        raise DecisionRefused(f"release {number}", f"is {found.state}", _SEE)
    if same_person(found.user, user or os_user()):
        raise DecisionRefused(f"release {number}", "was made by this person", "ask a second one to approve it")
    _log(home, "approve", user, release=number)
    return _of(home, number)


def end(home: Home, number: int, user: str | None = None) -> Release:
    """End a release: from the next night on the rule holds again."""
    if _of(home, number).ended:
        raise DecisionRefused(f"release {number}", "is ended", _SEE)
    _log(home, "end", user, release=number)
    return _of(home, number)


def _of(home: Home, number: int) -> Release:
    found = next((one for one in releases(home) if one.id == number), None)
    if found is None:
        raise NotFound(f"release {number}", "does not exist", _SEE)
    return found


def _log(home: Home, kind: str, user: str | None, **facts: Any) -> None:
    chain.append(home.root / LOG, {"kind": kind, "user": user or os_user(), **facts})
