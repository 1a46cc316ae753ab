"""An address, contact or identity document that is to stand in a golden record: what was typed, in its standard form.

Here: what is refused before anybody approves it, and the unit as the decision log keeps it. Not here: entering it
(stages/decide), laying it over what survived (golden_record/overrides). The standard form is made by the night's own
steps, so what a second person approves is, letter for letter, what the golden record will say.
"""

import json
from datetime import date
from typing import Any

import duckdb

from quality.standardise.driver import Cache
from rules.contracts.golden import GOLDEN
from rules.decisions import UNITS
from rules.documents import load_documents
from rules.errors import DecisionRefused
from rules.load import nearest
from rules.placeholders import Placeholders
from rules.source_map import FRAME_OF, KINDS, PARTY_UNITS
from stages.as_typed import forms_of
from store.duck import rows
from store.home import Home

REPLACES = "replaces"
"""The value of the client's contact or document whose place the new one takes; with nothing new it ends that one."""
_KIND = {"address": "kind", "contact": "kind", "identifier": "type"}
_KEPT = {unit: (*GOLDEN[f"golden_{unit}"].column_names()[3:], "ascii") for unit in UNITS}
"""Columns of a golden unit that the log keeps, and the form by which addresses are compared."""


def unit_value(
    con: duckdb.DuckDBPyConnection, home: Home, number: str, field: str, typed: str, declared: Placeholders
) -> str:
    """The unit as JSON in standard form, of `typed`: its fields as JSON, or the one that it is known by.

    Reads `golden_contact`, `golden_identifier`. Raises DecisionRefused where a night could not use it, or where the
    client has nothing that it would replace.
    """
    unit, _, kind = field.partition(".")
    _assert_kind(unit, kind)
    said = _fields(unit, typed)
    replaces = said.pop(REPLACES, "")
    held = _held(con, unit, number, kind, replaces) if replaces else {}
    made = _standard(unit, kind, said, Cache(home.prepare().cache), declared) if said else {}
    if not (made or replaces or unit == "address"):
        raise DecisionRefused(field, "says nothing", f"give its {UNITS[unit]}, or what it replaces")
    if made and held.get("preferred"):
        made["preferred"] = True
    return json.dumps(
        made | ({REPLACES: replaces} if replaces else {}), sort_keys=True, default=str, ensure_ascii=False
    )


def _assert_kind(unit: str, kind: str) -> None:
    documents = load_documents()
    types = sorted({*documents.forms, *(each for kinds in documents.primary.values() for each in kinds)})
    known = KINDS.get(unit, types)
    hint = f"use one of {', '.join(known)}"
    if kind not in known:
        raise DecisionRefused(f"{unit}.{kind}", f"is no {unit} that can be overridden", nearest(kind, known, hint))


def _fields(unit: str, typed: str) -> dict[str, str]:
    """The typed fields that are not empty; a text that is no JSON object is the field that the unit is known by."""
    try:
        found = json.loads(typed)
    except ValueError:
        found = None
    said = found if isinstance(found, dict) else {UNITS[unit]: typed}
    known = (*(name for name in PARTY_UNITS[unit] if name != _KIND[unit]), REPLACES)
    for name in said:
        if name not in known:
            raise DecisionRefused(unit, "has a field that is unknown", nearest(name, known))
    return {name: " ".join(str(value).split()) for name, value in said.items() if str(value).strip()}


def _held(con: duckdb.DuckDBPyConnection, unit: str, number: str, kind: str, value: str) -> dict[str, Any]:
    """What the client has and the new unit replaces."""
    same = "" if unit == "contact" else f' AND "{_KIND[unit]}" = ?'
    asked = f"SELECT * FROM golden_{unit} WHERE client_number = ? AND {UNITS[unit]} = ?{same}"
    found = rows(con, asked, [number, value, *([kind] if same else [])])
    if not found:
        raise DecisionRefused(f"{unit}.{kind}", "replaces one that the client does not have", "see the golden record")
    return found[0]


def _standard(unit: str, kind: str, said: dict[str, str], cache: Cache, declared: Placeholders) -> dict[str, Any]:
    row = {"party_type": "person", FRAME_OF[unit]: [{_KIND[unit]: kind, **said}]}
    [made] = forms_of([row], declared, date.today(), cache)[f"std_{unit}"].to_dicts()
    if made["reason"] or not made["valid"] or made[UNITS[unit]] is None:
        raise DecisionRefused(f"{unit}.{kind}", made["reason"] or "says nothing", "correct it")
    lost = [name for name in said if name.endswith("_on") and made[name] is None]
    if lost:
        raise DecisionRefused(f"{unit}.{kind}", f"{lost[0]} is no date", "write dates as YYYY-MM-DD")
    return {name: made[name] for name in _KEPT[unit] if made.get(name) is not None}
