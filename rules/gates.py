"""What a night must keep to be promoted: the gates, their limits, and who may promote in spite of a breach.

Here: the typed shape of `gates.yaml`. Not here: what a gate counts (quality/figures) or how it judges (quality/gates).
Limits change no result, so editing one computes nothing anew.
"""

from pathlib import Path

from pydantic import Field, StrictBool

from rules.load import DEFAULTS, Declared, Percent, parse

FILE = "gates.yaml"


class Gate(Declared):
    """A gate says nothing below `at_least` of what it counts; with `blocks: false` it only warns."""

    blocks: StrictBool = True
    at_least: int = Field(default=0, ge=0)


class SourceRows(Gate):
    """Rows delivered against the median of the last nights."""

    drop: Percent
    growth: Percent


class Share(Gate):
    """A share that must not be passed."""

    share: Percent


class Growth(Gate):
    """A count against the median of the last nights."""

    growth: Percent


class PairVolume(Gate):
    """Pairs per record against the median of the last nights, either way."""

    factor: Percent


class WeightDistribution(Gate):
    """Population stability index of the match weights against last night."""

    index: Percent


class Points(Gate):
    """A share against last night's, in percentage points."""

    points: Percent


class ClusterTail(Growth):
    """Records of the largest cluster, and how many clusters are large."""

    largest: int = Field(ge=2)


class Gates(Declared):
    """Every gate by its name, in the order of a night."""

    nights: int = Field(ge=1, le=60)
    records_named: int = Field(ge=0, le=1000)
    may_override: tuple[str, ...] = ()
    source_rows: SourceRows
    quarantine: Share
    pair_volume: PairVolume
    weight_distribution: WeightDistribution
    match_rate: Points
    cluster_tail: ClusterTail
    firewall_alarms: Growth
    number_churn: Share
    completeness: Points
    reconciliation: Gate

    def gate(self, name: str) -> Gate:
        """The gate of that name."""
        found: Gate = getattr(self, name)
        return found


GATES = tuple(name for name in Gates.model_fields if name not in ("nights", "records_named", "may_override"))


def load_gates(overlay: Path | None = None) -> Gates:
    """The shipped limits, overlaid key by key by the bank's own file; ConfigError names what is wrong in it."""
    return parse(Gates, DEFAULTS / FILE, overlay)
