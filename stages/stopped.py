"""The page of a night that a gate stopped: every breach, the records that caused it, what to do.

Here: writing it and taking it away once the date is promoted. Not here: judging (stages/gates).
"""

from collections.abc import Sequence
from pathlib import Path

from stages.gates import NEXT, Judged
from stages.night import Night
from stages.paper import render
from store.home import write_durably

_TEMPLATES = Path(__file__).parent / "report"


def page(night: Night) -> Path:
    """Where the page of a business date lies."""
    return night.home.reports / f"stopped-{night.business_date}.html"


def tell(night: Night, judged: Sequence[Judged]) -> None:
    """Write the page if a breach stops the night; else no page is left."""
    stopping = [one for one in judged if one.stops]
    if not stopping:
        return page(night).unlink(missing_ok=True)
    facts = {
        "bank": night.settings.registry.name, "day": night.business_date.isoformat(), "stopping": stopping,
        "gates": [one.entry for one in judged], "next": NEXT, "live": night.parent.version if night.parent else None,
    }  # fmt: skip
    write_durably(page(night), render(_TEMPLATES, "stopped.html", facts, {}).encode())


def told(night: Night) -> Path | None:
    """The page of a stopped night, if there is one."""
    return page(night) if page(night).exists() else None
