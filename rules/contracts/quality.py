"""Tables about a night itself: its figures and its quality scores, beside those of the nights before.

Here: what gates, scorecards and trends read. They hold counts and declared words, never a client's value. Not here:
limits and targets (rules/gates, rules/quality).
"""

import dataframely as dy

from rules.contracts import columns as c

FIGURES = (
    "rows", "usable", "carried", "quarantined", "stale_days", "in_parties", "records", "joined", "pairs", "weight",
    "clusters", "large_clusters", "largest_cluster", "alarms", "numbers", "numbers_changed", "parties", "golden",
    "holdings", "holdings_shown",
)  # fmt: skip
"""`rows` to `in_parties` are told per source, `golden` per field, `holdings` (delivered, and shown with their balance)
per feed, `numbers` of all clients, the others per kind of party as matched; the subject of `weight` is that kind and
the lower end of four bits of weight."""
RULES = ("completeness", "validity", "uniqueness", "consistency", "timeliness")
"""Dimensions of a score: filled; usable where filled; no second record or party of the same; equal to the golden value
where another system has one; changed lately."""


def _version() -> dy.Int64:
    return dy.Int64(description="version of the night that counted it", primary_key=True)


class Figure(dy.Schema):
    """Counts of this night and of those it descends from: what gates compare."""

    version = _version()
    business_date = c.date("business date of that night", nullable=False)
    figure = dy.Enum(FIGURES, description="what was counted", primary_key=True)
    subject = c.text("source, kind of party or field that it was counted of", nullable=False, primary_key=True)
    value = dy.Int64(description="the count")


class Score(dy.Schema):
    """Quality per source, field and rule, of this night and of those it descends from."""

    version = _version()
    business_date = c.date("business date of that night", nullable=False)
    source = c.text("source system", nullable=False, primary_key=True)
    field = c.text(
        "canonical field; or name.current, identifier.passport, …; or record", nullable=False, primary_key=True
    )
    rule = dy.Enum(RULES, description="dimension of quality", primary_key=True)
    owner = c.text("who answers for the source")
    checked = dy.Int64(description="records, or values, that the rule looks at")
    passed = dy.Int64(description="those that keep it")


class QualityIssue(dy.Schema):
    """A score below its target: told to the source's owner, with when it was first seen and when it was resolved."""

    source = c.text("source system", nullable=False, primary_key=True)
    field = c.text("field as in score", nullable=False, primary_key=True)
    rule = dy.Enum(RULES, description="dimension of quality", primary_key=True)
    owner = c.text("who answers for the source")
    checked = dy.Int64(description="records, or values, that the rule looks at tonight")
    failed = dy.Int64(description="those that break it")
    target = dy.Int64(description="share that must keep it, in millionths")
    first_seen = c.date("business date of the first night below the target", nullable=False)
    resolved = c.date("business date of the night that reached it again; empty while it is below")


QUALITY: dict[str, type[dy.Schema]] = {"figure": Figure, "score": Score, "quality_issue": QualityIssue}
