"""The `map:` of a proposal: entries for what the profile knows, comments for what it does not.

Here: joining columns to units, and which line is marked as a guess. Not here: guessing a column (profile.py), the
rest of the proposal (onboard.py), the shape itself (rules.source_map).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from pipelines.header_words import BARE_NAME, address_kind, folded
from pipelines.party_words import PartyTypes, of_organisations, of_persons, party_types
from pipelines.profile import Column, key_of

_UNITS = ("name", "address", "identifier", "contact")
_MIXED = "if persons and organisations are mixed, name the column that tells: {column: c, values: {P: person}}"
_NO_WORDS = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")


@dataclass(frozen=True)
class _Entry:
    """One line of the map: its YAML, the columns it uses, and why it is a guess, if it is."""

    yaml: str
    columns: tuple[str, ...]
    doubt: str | None = None

    def line(self) -> str:
        mark = "" if self.doubt is None else f"   # ? {self.doubt}".rstrip()
        return f"  - {{{self.yaml}}}{mark}"


def map_lines(frame: pl.DataFrame, columns: list[Column]) -> list[str]:
    """Lines of the map; every column is in an entry or in a comment, but for a key that is nothing else."""
    told = party_types(frame, columns)
    entries = [_party(told, columns), *_scalars(columns), *_names(columns), *_addresses(columns), *_numbers(columns)]
    used = {name for entry in entries for name in entry.columns} | set(key_of(frame, columns))
    taken = {column.target for column in columns if column.name in used}
    left = [_unused(column, column.target in taken) for column in columns if column.name not in used]
    return ["map:", *(entry.line() for entry in entries), *left]


def _unused(column: Column, taken: bool) -> str:
    why = "no field known for it"
    if column.target:
        why = f"{column.target} has a column already" if taken else f"{column.target} alone says nothing"
    return f"  # - {{??: {word(column.name)}}}   # {why}; or move it to contract.ignore"


def _party(told: PartyTypes | None, columns: list[Column]) -> _Entry:
    """A value map where a column tells; else persons, unless nothing but organisations' columns is there."""
    if told:
        values = ", ".join(f"{word(value)}: {party}" for value, party in told.values.items())
        yaml = f"party_type: {{column: {word(told.column)}, values: {{{values}}}}}"
        return _Entry(yaml, (told.column,), _what_is_missing(told, columns))
    persons, organisations = any(map(of_persons, columns)), any(map(of_organisations, columns))
    party = "organisation" if organisations and not persons else "person"
    return _Entry(f"party_type: {party}", (), _MIXED if organisations and persons else "")


def _what_is_missing(told: PartyTypes, columns: list[Column]) -> str:
    """A row without a known party type goes to quarantine: say so where the sample has such rows."""
    if told.unknown:
        return f"{told.unknown} more value(s) not understood: add them"
    empty = any(column.null_share > 0 for column in columns if column.name == told.column)
    return "rows without it go to quarantine, unless you add default: person" if empty else ""


def _scalars(columns: list[Column]) -> Iterator[_Entry]:
    """One entry for each field of the record; of firms the country of residence is that of registration."""
    firms = any(map(of_organisations, columns)) and not any(map(of_persons, columns))
    seen: set[str] = set()
    for column in columns:
        target = column.target or ""
        if target and target.split(".")[0] not in _UNITS and target not in seen:
            seen.add(target)
            field = "country" if firms and target == "residence_country" else target
            yield _Entry(f"{field}: {word(column.name)}", (column.name,), _doubt(column))


def _doubt(*columns: Column) -> str | None:
    return None if all(column.sure for column in columns) else ""


def _names(columns: list[Column]) -> Iterator[_Entry]:
    """One unit for the parts and the whole; a firm's name and a second whole name are units of their own."""
    parts = _parts("name", columns)
    whole = [column for column in columns if column.target == "name.full"]
    doubt = _fill_bare(parts, whole)
    if not {"given", "family", "patronymic"} & set(parts):
        parts = {}  # a title or suffix alone is no name
    if parts or whole:
        unit = {**({"full": whole.pop(0)} if whole else {}), **parts}
        yield _unit("name", "current", unit, doubt if doubt is not None else _doubt(*unit.values()))
    yield from (_unit("name", "current", {"full": column}, "which name is this?") for column in whole)
    firms = [column for column in columns if column.target == "name.org"]
    mixed = "the client's own name, or an employer's?" if any(map(of_persons, columns)) else None
    for column in firms:
        yield _unit("name", "current", {"full": column}, mixed or _doubt(column))


def _fill_bare(parts: dict[str, Column], whole: list[Column]) -> str | None:
    """Take a column called just `name` for the part that is missing beside a family or a given name."""
    missing = {"given", "family"} - set(parts)
    bare = next((column for column in whole if re.fullmatch(BARE_NAME, folded(column.name))), None)
    if bare is None or len(missing) != 1:
        return None
    part = missing.pop()
    parts[part] = bare
    whole.remove(bare)
    return f"is {bare.name} the {part} name, or the whole one?"


def _addresses(columns: list[Column]) -> Iterator[_Entry]:
    """One unit for each address that headers tell apart: by the object they stand in, and by its kind."""
    groups: dict[tuple[str, str | None], list[Column]] = {}
    for column in columns:
        if (column.target or "").startswith("address."):
            place = column.name.rpartition(".")[0], address_kind(column.name)
            groups.setdefault(place, []).append(column)
    for (_, kind), group in groups.items():
        whole = [column for column in group if column.target == "address.full"]
        unit = {**({"full": whole.pop(0)} if whole else {}), **_parts("address", group)}
        doubt = _doubt(*unit.values()) if kind else "kind"
        yield _unit("address", kind or "registered", unit, doubt)
        for column in whole:
            yield _unit("address", kind or "registered", {"full": column}, "kind")


def _parts(unit: str, columns: list[Column]) -> dict[str, Column]:
    """Part → the first column that holds it, in the order of the columns."""
    found: dict[str, Column] = {}
    for column in columns:
        outer, _, part = (column.target or "").partition(".")
        if outer == unit and part not in ("full", "org"):
            found.setdefault(part, column)
    return found


def _unit(target: str, kind: str, unit: dict[str, Column], doubt: str | None) -> _Entry:
    fields = ", ".join(f"{part}: {word(column.name)}" for part, column in unit.items())
    names = tuple(column.name for column in unit.values())
    return _Entry(f"{target}: {{kind: {kind}, {fields}}}", names, doubt)


def _numbers(columns: list[Column]) -> Iterator[_Entry]:
    """Documents and numbers, then phones and e-mails: one unit for each column."""
    for outer, label, field in (("identifier", "type", "number"), ("contact", "kind", "value")):
        for column in columns:
            unit, _, kind = (column.target or "").partition(".")
            if unit == outer:
                yaml = f"{outer}: {{{label}: {kind}, {field}: {word(column.name)}}}"
                yield _Entry(yaml, (column.name,), _doubt(column))


def word(value: object) -> str:
    """A YAML flow scalar; quoted unless it is a plain word that YAML cannot misread."""
    text = str(value)
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_/]*", text) and text.lower() not in _NO_WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)
