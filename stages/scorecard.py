"""The night's figures, scores and quality issues, beside those of the nights before.

Here: composition. Not here: what is counted (quality/figures, quality/scorecard), what it must keep (stages/gates).
"""

from quality.figures import count_figures
from quality.scorecard import score_night
from rules.contracts.golden import GOLDEN
from rules.contracts.quality import QUALITY
from rules.contracts.standard import STANDARD
from rules.quality import FILE, load_quality
from stages.delivered import input_count
from stages.night import Night

_READ = (
    *STANDARD,
    "pairs_person",
    "pairs_organisation",
    "clusters",
    "review",
    "crosswalk",
    "ledger_event",
    *GOLDEN,
    "std_holding",
    "view_holding",
    "view_unassigned",
)


def measure(night: Night) -> dict[str, int]:
    """Stage `figure`, `score` and `quality_issue`."""
    declared = load_quality(night.settings.overlay(FILE))
    with night.open(*_READ, parent=("crosswalk", *QUALITY)) as con:
        input_count(con, night)
        count_figures(con, night.version, night.business_date)
        score_night(con, night.version, night.business_date, declared)
        return night.save(con, *QUALITY)
