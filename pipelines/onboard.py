"""Proposing the YAML of a new source from a look at it.

Here: the text of the proposal, which loads as it stands. Not here: sampling (sample.py), guessing (profile.py). The
proposal names columns, counts and patterns, never a client's value, and never the connection.
"""

import json
import re
from itertools import groupby
from pathlib import Path

from pipelines.profile import Column, folded, key_of, profile
from pipelines.sample import Sample, take
from rules.errors import SourceError

_UNITS = ("name", "address", "identifier", "contact")


def propose(location: str) -> str:
    """YAML text for a source: a file, an http(s) service, or a database URL ending in `#table`.

    Raises SourceError when nothing can be read there.
    """
    sample = take(location)
    columns = profile(sample.frame)
    if not columns:
        raise SourceError("the source", "it has no column", "check the location")
    return "\n".join([*_head(location, sample, columns), *_contract(columns), *_map(columns)]) + "\n"


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
    pairs = ", ".join(f"{key}: {_word(value)}" for key, value in read.items())
    lines += [f"read: {{{pairs}}}   # ? key", "trust: 50", "when_gone: keep"]
    return [*lines, "# legal_entity: which legal entity owns these records"]


def _name(location: str) -> str:
    base = location.partition("#")[2] if "://" in location and "#" in location else location.split("?")[0]
    word = re.sub(r"[^a-z0-9]+", "_", folded(Path(base.rstrip("/")).stem)).strip("_")
    return word if re.match(r"[a-z]", word) else f"source_{word}".rstrip("_")


def _contract(columns: list[Column]) -> list[str]:
    lines = ["contract:", "  min_rows: 1", "  max_drop: 30%", f"  required: [{_word(key_of(columns))}]", "  columns:"]
    return lines + [f"    {_word(c.name)}: {_type(c)}   # {_facts(c)}" for c in columns]


def _type(column: Column) -> str:
    if column.kind not in ("date", "datetime"):
        return column.kind
    formats = ", ".join(json.dumps(form) for form in column.formats)
    pivot = ", pivot: 2030" if any("%y" in form for form in column.formats) else ""
    return f"{{{column.kind}: [{formats}]{pivot}}}"


def _facts(column: Column) -> str:
    facts = f"{column.null_share:.0%} empty, {column.distinct} distinct"
    return facts + ("; day or month first? Keep one format" if column.ambiguous else "")


def _map(columns: list[Column]) -> list[str]:
    known = [column for column in columns if column.target]
    organisation = any(column.target == "name.org" for column in known) and not any(
        column.target == "name.family" for column in known
    )
    lines = ["map:", f"  - {{party_type: {'organisation' if organisation else 'person'}}}   # ?"]
    for unit, group in groupby(sorted(known, key=_order), key=lambda column: (column.target or "").split(".")[0]):
        lines += [f"  - {entry}" for entry in _entries(unit, list(group))]
    key = key_of(columns)
    unknown = [column.name for column in columns if column.target is None and column.name != key]
    return lines + [
        f"  # - {{??: {_word(name)}}}   # no field known for it; or move it to contract.ignore" for name in unknown
    ]


def _order(column: Column) -> tuple[int, str]:
    unit = (column.target or "").split(".")[0]
    return (_UNITS.index(unit) if unit in _UNITS else -1, unit)


def _entries(unit: str, columns: list[Column]) -> list[str]:
    if unit not in _UNITS:
        return [f"{{{unit}: {_word(columns[0].name)}}}"]
    parts = [((column.target or "").split(".")[1], _word(column.name)) for column in columns]
    if unit == "identifier":
        return [f"{{identifier: {{type: {kind}, number: {name}}}}}" for kind, name in parts]
    if unit == "contact":
        return [f"{{contact: {{kind: {kind}, value: {name}}}}}" for kind, name in parts]
    return _whole(unit, parts)


def _whole(unit: str, parts: list[tuple[str, str]]) -> list[str]:
    """Parts that make one name or address; a second full one is an entry of its own."""
    fulls = [name for kind, name in parts if kind in ("full", "org")]
    rest = dict(reversed([(kind, name) for kind, name in parts if kind not in ("full", "org")]))
    kind = "current" if unit == "name" else "registered"
    entries = [f"{{{unit}: {{kind: {kind}, full: {name}}}}}" for name in fulls]
    if rest:
        fields = ", ".join(f"{part}: {name}" for part, name in sorted(rest.items()))
        entries.insert(0, f"{{{unit}: {{kind: {kind}, {fields}}}}}")
    return entries


def _word(value: object) -> str:
    """A YAML flow scalar; quoted unless it is a plain word that YAML cannot misread."""
    text = str(value)
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_/]*", text) and text.lower() not in (
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
    )
    return text if plain else json.dumps(text, ensure_ascii=False)
