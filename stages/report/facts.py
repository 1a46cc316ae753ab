"""What the report must be told, because no table of the night holds it.

Here: plain facts of the run. Not here: anything that a query can find.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from quality.checks.expectations import Outcome
from store.manifest import GateEntry


@dataclass(frozen=True)
class ModelFacts:
    """A frozen matching model: `name` is person or organisation, thresholds are match weights in bits."""

    name: str
    version: str
    match_weight: float
    review_weight: float


@dataclass(frozen=True)
class RunFacts:
    """The run: `inputs` are delivered rows per source, `carried` gone records beside them, `checks` one outcome per
    stage, `gates` what each gate said, `seconds` per stage in running order.

    `show_client_values` belongs to the demo: without it the page names records by their keys only.
    """

    version: int
    parent: int | None
    business_date: date
    bank: str
    models: tuple[ModelFacts, ...] = ()
    inputs: Mapping[str, int] = field(default_factory=dict)
    carried: int = 0
    checks: tuple[Outcome, ...] = ()
    gates: tuple[GateEntry, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    show_client_values: bool = False
