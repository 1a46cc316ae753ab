"""Gates: the night's figures against declared limits and the nights before; one small function per gate.

Here: verdicts with what was found and what was expected. Not here: counting (figures), which records caused a breach
(culprits), what follows (stages/gates). A gate compares with the median of the last business dates, or with the last.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log
from statistics import median_low

from rules.contracts.columns import TYPES_OF
from rules.contracts.standard import SCALARS_ORGANISATION, SCALARS_PERSON
from rules.gates import GATES, Gates
from store.manifest import GateEntry

Counts = Mapping[tuple[str, str], int]
"""(figure, subject) → count."""
_HALF = Decimal("0.5")


@dataclass(frozen=True)
class Figures:
    """Tonight's counts, those of earlier business dates (last first), and the kinds of party under another model."""

    tonight: Counts
    before: Sequence[Counts] = ()
    other_model: frozenset[str] = frozenset()

    def now(self, figure: str, subject: str) -> int:
        """Tonight's count."""
        return self.tonight.get((figure, subject), 0)

    def last(self, figure: str, subject: str) -> int | None:
        """The count of the last night before, None where it was not counted then."""
        return self.before[0].get((figure, subject)) if self.before else None

    def usual(self, figure: str, subject: str) -> int | None:
        """The median of the nights before."""
        known = [night[figure, subject] for night in self.before if (figure, subject) in night]
        return median_low(known) if known else None

    def subjects(self, figure: str) -> list[str]:
        """Everything it was counted of, tonight or last night, sorted."""
        nights = (self.tonight, *self.before[:1])
        return sorted({subject for night in nights for name, subject in night if name == figure})


def judge(figures: Figures, limits: Gates) -> list[GateEntry]:
    """A verdict per gate and subject that there is enough of to judge."""
    return [verdict for name in GATES for verdict in _JUDGES[name](figures, limits)]


def _verdict(limits: Gates, gate: str, subject: str, ok: bool, found: str, expected: str) -> GateEntry:
    blocks = limits.gate(gate).blocks
    return GateEntry(gate=gate, subject=subject, ok=ok, found=found, expected=expected, blocks=blocks)


def _source_rows(figures: Figures, limits: Gates) -> Iterator[GateEntry]:
    limit = limits.source_rows
    for source in figures.subjects("rows"):
        now, usual = figures.now("rows", source), figures.usual("rows", source)
        if usual is None or max(now, usual) < limit.at_least or ("rows", source) not in figures.tonight:
            continue
        ok = usual * (1 - limit.drop) <= now and (usual < limit.at_least or now <= usual * (1 + limit.growth))
        expected = f"{usual:,} is usual, at most {limit.drop:%} fewer or {limit.growth:%} more"
        yield _verdict(limits, "source_rows", source, ok, f"{now:,} rows", expected)


def _quarantine(figures: Figures, limits: Gates) -> Iterator[GateEntry]:
    limit = limits.quarantine
    for source in figures.subjects("rows"):
        rows, refused = figures.now("rows", source), figures.now("quarantined", source)
        if rows >= limit.at_least:
            found = f"{refused:,} of {rows:,} rows quarantined"
            ok = refused <= rows * limit.share
            yield _verdict(limits, "quarantine", source, ok, found, f"at most {limit.share:%}")


def _pair_volume(figures: Figures, limits: Gates) -> Iterator[GateEntry]:
    limit = limits.pair_volume
    for party in TYPES_OF:
        now = _per_thousand(figures.tonight, party)
        known = [rate for night in figures.before if (rate := _per_thousand(night, party)) is not None]
        if now is None or not known or figures.now("pairs", party) < limit.at_least:
            continue
        usual = median_low(known)
        ok = now <= usual * limit.factor and now * limit.factor >= usual
        expected = f"{usual:,} is usual, at most times or divided by {limit.factor.normalize():f}"
        yield _verdict(limits, "pair_volume", party, ok, f"{now:,} pairs per 1,000 records", expected)


def _per_thousand(night: Counts, party: str) -> int | None:
    records = night.get(("records", party), 0)
    return night.get(("pairs", party), 0) * 1000 // records if records else None


def _weight_distribution(figures: Figures, limits: Gates) -> Iterator[GateEntry]:
    limit = limits.weight_distribution
    for party in TYPES_OF:
        now = _weights(figures.tonight, party)
        last = _weights(figures.before[0], party) if figures.before else {}
        if party in figures.other_model or min(sum(now.values()), sum(last.values())) < limit.at_least:
            continue
        index = stability_index(last, now)
        found = f"population stability index {index / 1000:.3f}"
        ok = index <= limit.index * 1000
        yield _verdict(limits, "weight_distribution", party, ok, found, f"at most {limit.index.normalize():f}")


def _weights(night: Counts, party: str) -> dict[str, int]:
    return {name: n for (figure, name), n in night.items() if figure == "weight" and name.startswith(f"{party} ")}


def stability_index(before: Mapping[str, int], now: Mapping[str, int]) -> int:
    """Population stability index of two distributions over classes, in thousandths.

    Sum over classes of (share now - share before) * ln(share now / share before), as credit scoring has it; an empty
    class counts as half a member.
    """
    classes = sorted({*before, *now})
    shares = [[max(Decimal(one.get(c, 0)), _HALF) / sum(one.values()) for c in classes] for one in (before, now)]
    return round(1000 * sum(float(n - b) * log(n / b) for b, n in zip(shares[0], shares[1], strict=True)))


def _match_rate(figures: Figures, limits: Gates) -> Iterator[GateEntry]:
    for party in TYPES_OF:
        of = (("joined", party), ("records", party))
        yield from _moved(figures, limits, "match_rate", (party, "records joined"), *of, up=True)


def _completeness(figures: Figures, limits: Gates) -> Iterator[GateEntry]:
    for field in figures.subjects("golden"):
        whose = [party for party, own in _WHOSE.items() if field in own] or list(TYPES_OF)
        nights = [_with_total(night, whose) for night in (figures.tonight, *figures.before)]
        both = Figures(nights[0], nights[1:])
        of = (("golden", field), ("parties", "of them"))
        yield from _moved(both, limits, "completeness", (field, "golden records with it"), *of, up=False)


_WHOSE = {"person": SCALARS_PERSON, "organisation": SCALARS_ORGANISATION}


def _with_total(night: Counts, whose: Iterable[str]) -> dict[tuple[str, str], int]:
    return {**night, ("parties", "of them"): sum(night.get(("parties", party), 0) for party in whose)}


def _moved(
    figures: Figures, limits: Gates, gate: str, told: tuple[str, str], part: tuple[str, str], whole: tuple[str, str],
    up: bool,
) -> Iterator[GateEntry]:  # fmt: skip
    """A share against last night's: it must not fall by more than so many points, nor rise where `up`."""
    limit = limits.gate(gate)
    points: Decimal = limit.points  # type: ignore[attr-defined]
    of, last = figures.now(*whole), figures.last(*whole)
    if last is None or min(of, last) < max(limit.at_least, 1):
        return
    now, before = Decimal(figures.now(*part)) / of, Decimal(figures.last(*part) or 0) / last
    ok = now >= before - points and (not up or now <= before + points)
    sign = "±" if up else "−"
    yield _verdict(limits, gate, told[0], ok, f"{now:.1%} {told[1]}", f"{before:.1%} last night, {sign}{points:.1%}")


def _cluster_tail(figures: Figures, limits: Gates) -> Iterator[GateEntry]:
    limit = limits.cluster_tail
    for party in TYPES_OF:
        largest, last = figures.now("largest_cluster", party), figures.last("largest_cluster", party)
        most = max(limit.largest, last or 0)
        yield _verdict(
            limits, "cluster_tail", party, largest <= most, f"largest cluster {largest:,}", f"at most {most:,}"
        )
        yield from _grown(figures, limits, "cluster_tail", (party, "large clusters"), ("large_clusters", party))


def _firewall_alarms(figures: Figures, limits: Gates) -> Iterator[GateEntry]:
    for party in TYPES_OF:
        yield from _grown(figures, limits, "firewall_alarms", (party, "refused unions"), ("alarms", party))


def _grown(
    figures: Figures, limits: Gates, gate: str, told: tuple[str, str], of: tuple[str, str]
) -> Iterator[GateEntry]:
    """A count against the usual one; below `at_least` it may grow as it likes."""
    limit = limits.gate(gate)
    growth: Decimal = limit.growth  # type: ignore[attr-defined]
    now, usual = figures.now(*of), figures.usual(*of) or 0
    if figures.before:
        most = max(int(usual * (1 + growth)), limit.at_least)
        yield _verdict(
            limits, gate, told[0], now <= most, f"{now:,} {told[1]}", f"{usual:,} is usual, at most {most:,}"
        )


def _number_churn(figures: Figures, limits: Gates) -> Iterator[GateEntry]:
    limit = limits.number_churn
    numbers, changed = figures.now("numbers", "client"), figures.now("numbers_changed", "client")
    if numbers >= max(limit.at_least, 1):
        found = f"{changed:,} of {numbers:,} live numbers merged, split or retired"
        ok = changed <= numbers * limit.share
        yield _verdict(limits, "number_churn", "client", ok, found, f"at most {limit.share:%}")


def _reconciliation(figures: Figures, limits: Gates) -> Iterator[GateEntry]:
    """BCBS 239: what came in is what stands there: rows by source, balances by feed."""
    for source in figures.subjects("rows"):
        came = figures.now("rows", source) + figures.now("carried", source)
        stands = figures.now("in_parties", source) + figures.now("quarantined", source)
        found = f"{stands:,} rows in clients or quarantine"
        yield _verdict(limits, "reconciliation", source, came == stands, found, f"{came:,} delivered or carried")
    for feed in figures.subjects("holdings"):
        held, shown = figures.now("holdings", feed), figures.now("holdings_shown", feed)
        found = f"{shown:,} holdings with their balance under a client or unassigned"
        yield _verdict(limits, "reconciliation", feed, held == shown, found, f"{held:,} delivered")


_JUDGES = {
    "source_rows": _source_rows, "quarantine": _quarantine, "pair_volume": _pair_volume,
    "weight_distribution": _weight_distribution, "match_rate": _match_rate, "cluster_tail": _cluster_tail,
    "firewall_alarms": _firewall_alarms, "number_churn": _number_churn, "completeness": _completeness,
    "reconciliation": _reconciliation,
}  # fmt: skip
