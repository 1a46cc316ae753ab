"""Scorecards of a version for people and machines: scores of tonight with those of the night before, and issues.

Here: reading them. Not here: counting (quality/scorecard).
"""

from typing import Any

from store import versions
from store.duck import quote
from store.home import Home
from store.opening import opened

_SCORES = """
    WITH last AS (SELECT max(version) AS version FROM score WHERE version < {version})
    SELECT s.source, s.owner, s.field, CAST(s.rule AS VARCHAR) AS rule, s.checked, s.passed,
           l.checked AS checked_before, l.passed AS passed_before
    FROM score s LEFT JOIN score l ON l.source = s.source AND l.field = s.field AND l.rule = s.rule
                                  AND l.version = (SELECT version FROM last)
    WHERE s.version = {version} AND s.source = coalesce({source}, s.source) ORDER BY s.source, s.field, rule"""
_ISSUES = """
    SELECT owner, source, field, CAST(rule AS VARCHAR) AS rule, checked, failed, target, first_seen, resolved
    FROM quality_issue WHERE source = coalesce({source}, source)
    ORDER BY resolved IS NOT NULL, owner, source, rule, field"""


def scores(home: Home, source: str | None = None, version: int | None = None) -> dict[str, Any]:
    """`{"version", "scores", "issues"}` of a version, of one source or all; targets are in millionths."""
    found = versions.manifest(home, version)
    asked = {"version": found.version, "source": quote(source) if source else "NULL"}
    with opened(home, ["score", "quality_issue"], found) as con:
        parts = {"scores": _SCORES, "issues": _ISSUES}
        told = {
            name: con.sql(sql.format(**asked)).pl().to_dicts() for name, sql in parts.items() if found.table("score")
        }
    return {"version": found.version, "scores": [], "issues": [], **told}
