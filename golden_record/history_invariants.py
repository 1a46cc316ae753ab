"""What must hold of history, as queries that return the rows that break it.

Here: intervals, and what they say of tonight. Not here: the other invariants (`invariants`), the feeds of several
versions (stages/verify).
"""

from golden_record.history import MEMBER, VALUE, Facts, members, values
from golden_record.invariants import Invariant


def _overlapping(facts: Facts) -> str:
    """Two rows of one key that were valid on a common date as known to a common version."""
    keys = ", ".join(f"a.{name}" for name in facts.key)
    same = " AND ".join(f"a.{name} = b.{name}" for name in facts.key)
    return f"""
        SELECT {keys} FROM {facts.table} a JOIN {facts.table} b ON {same}
        WHERE (a.valid_from < b.valid_from OR (a.valid_from = b.valid_from AND a.known_from < b.known_from))
          AND COALESCE(a.valid_to > b.valid_from, TRUE)
          AND COALESCE(a.known_to >= b.known_from, TRUE) AND COALESCE(b.known_to >= a.known_from, TRUE)"""


def _otherwise(facts: Facts, current: str) -> str:
    """Rows that still hold but are not tonight's, and tonight's that do not hold; keys of either are unique."""
    same = " AND ".join(f"h.{name} = n.{name}" for name in facts.key)
    differs = " OR ".join(f"h.{name} IS DISTINCT FROM n.{name}" for name in (*facts.key, *facts.value))
    held = f"SELECT * FROM {facts.table} WHERE valid_to IS NULL AND known_to IS NULL"
    return f"SELECT 1 FROM ({held}) h FULL JOIN ({current}) n ON {same} WHERE {differs}"


HISTORY_INVARIANTS = (
    Invariant(
        "history.intervals",
        "no two rows of history say different things of one date as known to one version",
        f"SELECT 1 FROM ({_overlapping(MEMBER)}) UNION ALL SELECT 1 FROM ({_overlapping(VALUE)})",
    ),
    Invariant(
        "history.order",
        "every interval begins before it ends",
        " UNION ALL ".join(
            f"SELECT 1 FROM {facts.table} WHERE valid_to <= valid_from OR known_to < known_from"
            for facts in (MEMBER, VALUE)
        ),
    ),
    Invariant("history.member", "membership that still holds is tonight's crosswalk", _otherwise(MEMBER, members())),
    Invariant(
        "history.value", "golden values that still hold are tonight's golden tables", _otherwise(VALUE, values())
    ),
)
