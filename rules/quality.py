"""What quality the bank expects of its sources: targets per rule and field.

Here: the typed shape of `quality.yaml`. Not here: how a score is counted (quality/scorecard).
"""

from pathlib import Path

from pydantic import Field, field_validator

from rules.contracts.quality import RULES
from rules.load import DEFAULTS, Declared, Misfit, Percent, nearest, parse

FILE = "quality.yaml"
ANY = "any"


class Quality(Declared):
    """`targets`: rule → field → least share; the field `any` stands for all that are not named."""

    timely_days: int = Field(ge=1, le=36500)
    targets: dict[str, dict[str, Percent]]

    @field_validator("targets")
    @classmethod
    def _rules_exist(cls, targets: dict[str, dict[str, Percent]]) -> dict[str, dict[str, Percent]]:
        for rule, fields in targets.items():
            if rule not in RULES:
                raise Misfit(f"'{rule}' is no rule of quality", nearest(rule, RULES), (rule,))
            for field, share in fields.items():
                if share > 1:
                    raise Misfit("a target is a share, at most 100%", "write 95%", (rule, field))
        return targets


def load_quality(overlay: Path | None = None) -> Quality:
    """The shipped targets, overlaid key by key by the bank's own file; ConfigError names what is wrong in it."""
    return parse(Quality, DEFAULTS / FILE, overlay)
