"""Proposing the YAML of a new source from a look at it.

Here: the text of the proposal, which loads as it stands. Not here: sampling (sample.py), guessing (profile.py), the map
(proposed_map.py). The
proposal names columns, counts and patterns, never a client's value, and never the connection.
"""

import json
import re
from pathlib import Path

from pipelines.header_words import folded
from pipelines.profile import Column, key_of, profile
from pipelines.proposed_map import map_lines, word
from pipelines.sample import Sample, place_of, take
from rules.errors import SourceError


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
    return "\n".join([*_head(location, sample, columns), *_contract(columns), *map_lines(sample.frame, columns)]) + "\n"


def _head(location: str, sample: Sample, columns: list[Column]) -> list[str]:
    name = _name(location)
    lines = [
        f"# Proposed from {sample.frame.height} rows. Check every line; what is marked ? is a guess.",
        f"name: {name}",
        f"kind: {sample.kind}",
        "# owner: who answers for this system",
    ]
    if sample.kind in ("postgresql", "database", "rest"):
        lines.append(f"connection: ${{{name.upper()}_URL}}   # set it in the environment, never here")
    read = {**sample.read, "key": key_of(columns)}
    pairs = ", ".join(f"{key}: {word(value)}" for key, value in read.items())
    lines += [f"read: {{{pairs}}}   # ? key", "trust: 50", "when_gone: keep"]
    return [*lines, "# legal_entity: which legal entity owns these records"]


def _name(location: str) -> str:
    base = location.partition("#")[2] if "://" in location and "#" in location else location.split("?")[0]
    word = re.sub(r"[^a-z0-9]+", "_", folded(Path(base.rstrip("/")).stem)).strip("_")
    return word if re.match(r"[a-z]", word) else f"source_{word}".rstrip("_")


def _contract(columns: list[Column]) -> list[str]:
    lines = ["contract:", "  min_rows: 1", "  max_drop: 30%", f"  required: [{word(key_of(columns))}]", "  columns:"]
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
