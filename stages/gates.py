"""Gates before promotion: a night that breaks a limit is not promoted, unless an authorised person says so, and why.

Here: judging the staged night, overriding, the error. Not here: the limits (rules/gates), what they compare
(quality/gates), the page of a stopped night (stages/stopped).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import duckdb

from quality.culprits import PARENT, READ, culprits
from quality.gates import Figures
from quality.gates import judge as judge_figures
from rules.errors import CheckFailed, ConfigError, DecisionRefused
from rules.gates import FILE, GATES, Gates, load_gates
from rules.load import nearest
from stages.delivered import gone
from stages.night import Night
from stages.start import model_names
from store import chain
from store.manifest import GateEntry
from store.people import os_user, same_person

LOG = "gate_overrides.jsonl"
NEXT = {
    "source_rows": "ask the source's owner whether the delivery is whole; after the mend run with --retake",
    "quarantine": "see `registry quarantine list`; mend the source, or release rows; then run with --retake",
    "pair_volume": "see `registry blocking count`: a value that many records share makes pairs",
    "weight_distribution": "see which fields the sources fill otherwise; if the change is meant, `registry train`",
    "match_rate": "compare the named records with `registry explain A B`; see what changed in their source",
    "cluster_tail": "look at the named records with `registry explain A B`; part them with `registry decide`",
    "firewall_alarms": "see the kinds in the review items: a changed source or rule contradicts itself",
    "number_churn": "see the named records; a freeze holds merges and splits back (docs/operate.md)",
    "completeness": "see which source no longer fills the field; after the mend run with --retake",
    "reconciliation": "report it: rows were lost or counted twice",
}
"""What to do about a breach of each gate."""


@dataclass(frozen=True)
class Judged:
    """A verdict as the manifest keeps it, and the records that caused a breach, which no manifest names."""

    entry: GateEntry
    records: tuple[str, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether the night must not be promoted."""
        return not self.entry.ok and self.entry.blocks and not self.entry.overridden_by

    def __str__(self) -> str:
        """The breach in one sentence, without its records."""
        return f"{self.entry.gate} of {self.entry.subject}: {self.entry.found}; {self.entry.expected}"


def limits(night: Night) -> Gates:
    """The declared limits, with the bank's own laid over the shipped ones."""
    return load_gates(night.settings.overlay(FILE))


def judge(night: Night) -> tuple[Judged, ...]:
    """What every gate says of the staged night."""
    declared, allowed = limits(night), _overrides(night)
    with night.open("figure", *READ, parent=PARENT) as con:
        gone(con, night, night.settings.sources)
        caused = partial(culprits, con, version=night.version, most=declared.records_named)
        verdicts = judge_figures(_figures(con, night, declared), declared)
        return tuple(
            Judged(one)
            if one.ok
            else Judged(one.model_copy(update=allowed.get(one.gate, {})), tuple(caused(one.gate, one.subject)))
            for one in verdicts
        )


def _figures(con: duckdb.DuckDBPyConnection, night: Night, declared: Gates) -> Figures:
    """Tonight's, and the last version's of each of the business dates before."""
    day = f"DATE '{night.business_date}'"
    rows = con.execute(f"""
        WITH earlier AS (SELECT max(version) AS version FROM figure WHERE business_date < {day}
                         GROUP BY business_date ORDER BY business_date DESC LIMIT {declared.nights})
        SELECT version, CAST(figure AS VARCHAR), subject, value FROM figure
        WHERE version = {night.version} OR version IN (FROM earlier)""").fetchall()
    nights: dict[int, dict[tuple[str, str], int]] = {night.version: {}}
    for version, name, subject, value in rows:
        nights.setdefault(version, {})[name, subject] = value
    tonight = nights.pop(night.version)
    before = night.parent.models if night.parent else {}
    other = {party for party, model in model_names(night).items() if before.get(party) != model}
    return Figures(tonight, [nights[version] for version in sorted(nights, reverse=True)], frozenset(other))


def require(night: Night, judged: Iterable[Judged]) -> None:
    """Raise CheckFailed naming every breach that nobody overrides; the live version stays."""
    stopping = [one for one in judged if one.stops]
    if stopping:
        steps = "; ".join(dict.fromkeys(NEXT[one.entry.gate] for one in stopping))
        wanted = " ".join(f"--override {gate}" for gate in dict.fromkeys(one.entry.gate for one in stopping))
        raise CheckFailed(
            f"gates of {night.business_date}", ". ".join(map(str, stopping)),
            f"{steps}. Or, by who may: `registry run … {wanted} --reason TEXT`",
        )  # fmt: skip


def override(night: Night, gate: str, reason: str, user: str | None = None) -> None:
    """Log that `user` promotes the next version of this date in spite of `gate`; only once, for that version.

    Raises ConfigError for a gate that is none, DecisionRefused without a reason or by who may not.
    """
    if gate not in GATES:
        raise ConfigError(f"--override {gate}", "is no gate", nearest(gate, GATES))
    if not reason.strip():
        raise DecisionRefused(f"--override {gate}", "has no reason", "add --reason TEXT")
    allowed, who = limits(night).may_override, user or os_user()
    if allowed and not any(same_person(who, one) for one in allowed):
        raise DecisionRefused(f"--override {gate}", "this user is not in may_override of gates.yaml", "ask who is")
    facts = {"gate": gate, "reason": reason.strip(), "user": who, "version": night.upcoming}
    chain.append(night.home.root / LOG, facts | {"business_date": night.business_date.isoformat()})


def named(night: Night) -> list[str]:
    """The breaches that stop the staged night, each with its records; for who asked for the run, not for any log."""
    return [f"{one}. Records: {', '.join(one.records) or '–'}" for one in judge(night) if one.stops]


def _overrides(night: Night) -> dict[str, dict[str, str]]:
    """Gate → who lets it pass tonight and why, as an entry says it."""
    about = (night.business_date.isoformat(), night.version)
    return {
        line["gate"]: {"overridden_by": line["user"], "reason": line["reason"]}
        for line in chain.read(night.home.root / LOG)
        if (line["business_date"], line["version"]) == about
    }
