"""Failing pairs written down: a Markdown file with a table of causes, patterns and examples for each set.

Here: words and tables. Not here: what failed and why (benchmarks/accuracy/failures).
"""

from collections.abc import Iterator
from typing import Any

LEVELS = 4
"""Levels told of each comparison, the commonest first."""
_INTRODUCTION = """# Failing pairs by cause

A pair fails when its two records are one party and lie in two clusters (wrongly split), or are two parties and lie in
one cluster (wrongly joined). Bits are the weight of the comparison levels, without the frequency of the values; a
pair that was never compared has them too. Examples show `left ~ right` where the two records differ."""


def failures_page(found: list[dict[str, Any]]) -> str:
    """The page of all sets that carry `failures`."""
    parts = [_INTRODUCTION, *(part for one in found for part in _set(one))]
    return "\n\n".join(parts) + "\n"


def _set(one: dict[str, Any]) -> Iterator[str]:
    yield f"## {one['name']}"
    yield f"F1 {one['f1']:.4f}, precision {one['precision']:.4f}, recall {one['recall']:.4f}."
    yield _overview(one["failures"])
    for party, told in one["failures"].items():
        for failure, causes in told.items():
            for cause in causes:
                yield from _cause(f"{party}, {failure}", cause)


def _overview(failures: dict[str, Any]) -> str:
    rows = [
        f"| {party} | {failure} | {cause['cause']} | {cause['pairs']:,} | {_shown(cause['median_bits'])} |"
        for party, told in failures.items() for failure, causes in told.items() for cause in causes
    ]  # fmt: skip
    head = ["| model | failure | cause | pairs | median bits |", "|---|---|---|---:|---:|"]
    return "\n".join([*head, *rows]) if rows else "No pair fails."


def _cause(place: str, cause: dict[str, Any]) -> Iterator[str]:
    yield f"### {place}: {cause['cause']} ({cause['pairs']:,})"
    if cause["levels"]:
        yield "\n".join(["| comparison | levels of its pairs |", "|---|---|", *_levels(cause["levels"])])
        yield "\n".join(f"- {row['pairs']:,} × {row['pattern']}" for row in cause["patterns"])
    examples = [row for row in cause["examples"] if row["values"]]
    if examples:
        yield "\n".join(f"- {_shown(row['bits'])} bits: {_plain(row['values'])}" for row in examples)


def _levels(levels: dict[str, dict[str, int]]) -> Iterator[str]:
    for name, counts in levels.items():
        told = [f"{level} {pairs:,}" for level, pairs in list(counts.items())[:LEVELS]]
        yield f"| {name} | {', '.join(told)} |"


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _plain(text: str) -> str:
    return text.replace("|", "¦").replace("\n", " ")
