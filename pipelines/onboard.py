"""Proposing the YAML of a new source from a look at it.

Here: the text of the proposal, which loads as it stands unless it has no key. Not here: sampling (sample.py), guessing
(profile.py), the map (proposed_map.py).
The proposal names columns, counts and patterns, never a client's value, and never the connection.
"""

import json
import re
from pathlib import Path

from pipelines.header_words import folded
from pipelines.profile import Column, key_of, profile
from pipelines.proposed_map import map_lines, word
from pipelines.sample import Sample, place_of, take
from rules.errors import SourceError

_KEY_DOUBT: tuple[list[str], ...] = (
    [
        "# No column, and no two columns together, have a value of their own in every row, so none can be the key.",
        "# The source is refused until key names one: ask its owner for a column, or list columns, key: [a, b, c].",
    ],
    [],
    ["# No column alone has a value of its own in every row; these two have together. Is that so in every delivery?"],
)
"""What is said above a key of no, one or two columns."""


def propose(location: str) -> str:
    """YAML text for a source: a file, an http(s) service, or a database URL ending in `#table`.

    Raises SourceError when nothing can be read there.
    """
    sample = take(location)
    columns = profile(sample.frame)
    if not columns:
        raise SourceError(
            place_of(location), "it has no column", "check the location, or whether the delivery is whole"
        )
    key = key_of(sample.frame, columns)
    lines = [*_head(location, sample, key), *_contract(columns, key), *map_lines(sample.frame, columns)]
    return "\n".join(lines) + "\n"


def _head(location: str, sample: Sample, key: tuple[str, ...]) -> list[str]:
    name = _name(location)
    lines = [
        f"# Proposed from {sample.frame.height} rows. Check every line; what is marked ? is a guess.",
        f"name: {name}",
        f"kind: {sample.kind}",
        "# owner: who answers for this system",
    ]
    if sample.kind in ("postgresql", "database", "rest"):
        lines.append(f"connection: ${{{name.upper()}_URL}}   # set it in the environment, never here")
    read = {name: word(value) for name, value in sample.read.items()}
    read["key"] = word(key[0]) if len(key) == 1 else _listed(key)
    pairs = ", ".join(f"{name}: {value}" for name, value in read.items())
    lines += [*_KEY_DOUBT[len(key)], f"read: {{{pairs}}}   # ? key", "trust: 50", "when_gone: keep"]
    return [*lines, "# legal_entity: which legal entity owns these records"]


def _name(location: str) -> str:
    base = location.partition("#")[2] if "://" in location and "#" in location else location.split("?")[0]
    word = re.sub(r"[^a-z0-9]+", "_", folded(Path(base.rstrip("/")).stem)).strip("_")
    return word if re.match(r"[a-z]", word) else f"source_{word}".rstrip("_")


def _listed(names: tuple[str, ...]) -> str:
    return f"[{', '.join(map(word, names))}]"


def _contract(columns: list[Column], key: tuple[str, ...]) -> list[str]:
    lines = ["contract:", "  min_rows: 1", "  max_drop: 30%", f"  required: {_listed(key)}", "  columns:"]
    return lines + [f"    {word(c.name)}: {_type(c)}   # {_facts(c)}" for c in columns]


def _type(column: Column) -> str:
    if column.kind not in ("date", "datetime"):
        return column.kind
    formats = ", ".join(json.dumps(form) for form in column.formats)
    pivot = ", pivot: 2030" if any("%y" in form for form in column.formats) else ""
    return f"{{{column.kind}: [{formats}]{pivot}}}"


def _facts(column: Column) -> str:
    facts = f"{column.null_share:.0%} empty, {column.distinct} distinct"
    return facts + ("; day or month first? Keep one format" if column.ambiguous else "")
