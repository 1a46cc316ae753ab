"""Declared chances of levels: what a table too small to learn from is weighed by.

Here: typical m and u by kind of field and level, and how far a table of some size still leans on them. Not here: gaps
of ladders that training did see (untrained). The values are round numbers near what unlabelled training finds on tables
of 10,000 records and more; a kind of which strangers agree as the table decides (category) has no typical u.

Chances that were counted are drawn towards these, the less the more pairs of records there are: of 150 records every
hundredth pair may be one client, so that what strangers do cannot be told from what clients do.
"""

import math
from collections.abc import Mapping
from typing import Any

from matching.untrained import unmet
from rules.matching import Kind

LEAN_PAIRS = 100_000
"""Pairs of records in a table that counts as much as the declared values: 450 records."""
LEAN_RECORDS = 1_000
"""Records that the typical frequency of a value counts for, where a table leans on declared values alone."""

Chances = Mapping[str, tuple[float, float | None]]
"""m and u by the level's label; u is None where the table decides it."""

TYPICAL: Mapping[Kind, Chances] = {
    "given_name": {
        "other characters": (0.001, 0.004), "same": (0.61, 0.004), "exchanged with family name": (0.005, 0.0001),
        "variant or short form": (0.06, 0.001), "one part of the other": (0.01, 0.0003), "initial": (0.03, 0.003),
        "other well-known name, near": (0.015, 0.006), "other well-known name": (0.02, 0.3),
        "other ending": (0.003, 0.0006), "one letter": (0.1, 0.001),
        "two letters": (0.012, 0.0005), "begins alike": (0.004, 0.002), "alike": (0.03, 0.004),
        "different": (0.11, 0.68),
    },
    "family_name": {
        "same": (0.72, 0.004), "variant": (0.03, 0.0005), "one part of the other": (0.02, 0.0003),
        "one letter": (0.09, 0.001), "two letters": (0.02, 0.0006), "initial": (0.004, 0.002), "alike": (0.025, 0.003),
        "different": (0.09, 0.988),
    },
    "other_name": {
        "same": (0.75, 0.02), "variant": (0.05, 0.005), "initial or part": (0.1, 0.005), "near": (0.04, 0.008),
        "different": (0.06, 0.96),
    },
    "organisation_name": {
        "other legal form": (0.01, 0.001), "same": (0.5, 0.0005), "same words": (0.14, 0.0002),
        "spelled together": (0.04, 0.0002), "first letters": (0.01, 0.0003), "near words": (0.1, 0.0005),
        "another number": (0.002, 0.0005), "one inside the other": (0.04, 0.002), "common words differ": (0.03, 0.001),
        "own words same, number differs": (0.005, 0.0005), "a word shared": (0.04, 0.02), "different": (0.05, 0.97),
    },
    "date": {
        "same": (0.85, 0.0003), "day and month swapped": (0.02, 0.0001), "one digit": (0.05, 0.001),
        "one component": (0.015, 0.003), "same year": (0.004, 0.012), "two digits": (0.008, 0.008),
        "different": (0.053, 0.975),
    },
    "place": {"same": (0.84, 0.01), "near": (0.04, 0.003), "different": (0.12, 0.987)},
    "category": {"same": (0.95, None), "different": (0.05, None)},
    "identifier": {
        "same document": (0.75, 0.0001), "one digit": (0.04, 0.00002), "two digits": (0.01, 0.0002),
        "different": (0.2, 1.0),
    },
    "phone": {"same": (0.65, 0.0005), "one digit": (0.03, 0.00003), "same ending": (0.02, 0.00003),
              "different": (0.3, 1.0)},
    "email": {"same": (0.75, 0.0005), "same user": (0.03, 0.0001), "near": (0.05, 0.0002), "different": (0.17, 1.0)},
    "address": {
        "same text": (0.35, 0.0003), "same dwelling": (0.3, 0.0003), "near text": (0.08, 0.0003),
        "same postcode": (0.03, 0.001), "near postcode": (0.02, 0.01), "same city": (0.06, 0.02),
        "near city": (0.005, 0.001), "different": (0.155, 0.967),
    },
}  # fmt: skip


def leaning(records: int) -> float:
    """How much a table leans on declared values: 1 without a pair of records, 0.04 at 1,000 records, nearly 0 beyond.

    Squared, because a table that can teach must not be outvoted: it may show that it has no relatives at all.
    """
    return 1 / (1 + (records * (records - 1) / 2 / LEAN_PAIRS) ** 2)


def lean(settings: dict[str, Any], kinds: Mapping[str, Kind], records: int, pairs: int) -> None:
    """Draw u towards the declared values, and take m from them where no m of a ladder was seen, in place.

    `settings` is Splink's saved model, `kinds` the kind of each comparison, `records` the size of the table, `pairs`
    the number of random pairs that u was estimated from.
    """
    share = leaning(records)
    for declared in settings["comparisons"]:
        chances = TYPICAL[kinds[declared["output_column_name"]]]
        levels = [level for level in declared["comparison_levels"] if not level.get("is_null_level")]
        untrained = all("m_probability" not in level for level in levels)
        for level in levels:
            m, u = chances[level["label_for_charts"]]
            seen = level.setdefault("u_probability", unmet(pairs))
            level["u_probability"] = seen if u is None else _between(seen, u, share)
            if untrained:
                level["m_probability"] = m


def _between(seen: float, declared: float, share: float) -> float:
    return math.exp(share * math.log(declared) + (1 - share) * math.log(seen))


def frequency(kind: Kind, label: str, records: int) -> tuple[float, float]:
    """Records by which each value, and all of them, count as more frequent than they were seen in the table."""
    typical = TYPICAL[kind][label][1]
    size = LEAN_RECORDS * leaning(records) if typical else 0.0
    return size * (typical or 0.0), size
