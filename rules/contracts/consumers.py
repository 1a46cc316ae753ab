"""What consumers may rely on: the published tables as JSON Schema, in a version of their own.

Here: the schemas, made of the declared tables, and what of a change breaks a consumer. Not here: contracts as they were
given out (kept), checking an extract (stages/contract). The contract of a major version is a file in `served/`;
additions are taken into it, a breaking change needs the next major version beside it, and both are served (SemVer,
semver.org): an output that is pinned to the earlier one gets what that one promises.
"""

import json

import dataframely as dy
import polars as pl

from rules.contracts import kept as given
from rules.contracts.kept import Json, kept, majors
from rules.errors import ConfigError
from rules.load import Misfit
from rules.publication import Publication

MAJOR = 1
_TYPES: dict[type[pl.DataType], Json] = {
    pl.Int64: {"type": "integer"}, pl.Int32: {"type": "integer"}, pl.Int16: {"type": "integer"},
    pl.Float64: {"type": "number"}, pl.Boolean: {"type": "boolean"}, pl.String: {"type": "string"},
    pl.Enum: {"type": "string"}, pl.Date: {"type": "string", "format": "date"},
    pl.Datetime: {"type": "string", "format": "date-time"}, pl.Decimal: {"type": "string", "format": "decimal"},
}  # fmt: skip


def contract() -> Json:
    """The contract of the tables as they are declared now: by table a JSON Schema of its rows, and its key."""
    return {"major": MAJOR, "tables": {name: _table(Publication.SCHEMAS[name]) for name in Publication.TABLES}}


def breaking(before: Json, after: Json) -> list[str]:
    """What a consumer of `before` would trip over in `after`: a table or column gone, another type, key or meaning.

    New tables and columns break nobody; a value that was never empty must not become so, and no value may be new to
    a list of values.
    """
    found = []
    for name, table in before["tables"].items():
        now = after["tables"].get(name)
        if now is None:
            found.append(f"{name}: the table is gone")
            continue
        if now["key"] != table["key"]:
            found.append(f"{name}: its key is another")
        for column, declared in table["properties"].items():
            found += [f"{name}.{column}: {said}" for said in _broken(declared, now["properties"].get(column))]
    return found


def lost(major: int) -> list[str]:
    """What a served contract promises that the tables as they are declared now neither have nor make (kept.MADE)."""
    made = given.MADE.get(major, {})
    return [said for said in breaking(kept(major), contract()) if said.partition(":")[0] not in made]


def check_pins(publish: tuple[Publication, ...]) -> None:
    """Raise Misfit where an output is pinned to a contract that is not served, or that cannot be kept."""
    for target in publish:
        if target.contract is not None and (problems := lost(target.contract)):
            told = f"output {target.name}: contract {target.contract} cannot be kept: {'; '.join(problems)}"
            raise Misfit(told, "see rules/contracts/kept.py: MADE says how a promised column is made")


def write() -> None:
    """Take additions into the newest contract; ConfigError where a change breaks who relies on it."""
    for major in majors():
        if major < MAJOR and (problems := lost(major)):
            hint = "say in kept.MADE how each is made of the tables as they are, or withdraw the contract's file"
            raise ConfigError(f"contract {major} of consumers", "; ".join(problems), hint)
    path = given.FOLDER / f"v{MAJOR}.json"
    if path.exists() and (problems := breaking(kept(MAJOR), contract())):
        hint = f"raise MAJOR: v{MAJOR + 1}.json is then written beside v{MAJOR}.json, which stays served"
        raise ConfigError(f"contract {MAJOR} of consumers", "; ".join(problems), hint)
    path.write_text(json.dumps(contract(), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _broken(before: Json, after: Json | None) -> list[str]:
    if after is None:
        return ["the column is gone"]
    types, now = set(before["type"]), set(after["type"])
    problems = []
    if now - types == {"null"}:
        problems.append("it may be empty now")
    elif now - types or before.get("format") != after.get("format"):
        problems.append("its type is another")
    if "enum" in before and set(after.get("enum", ())) - set(before["enum"]):
        problems.append("it has new values")
    return problems


def _table(schema: type[dy.Schema]) -> Json:
    columns = {name: column for name, column in schema.columns().items() if name != "record_key"}
    properties = {name: _column(column) for name, column in columns.items()}
    key = [part for name in schema.primary_key()
           for part in (("source", "record_id") if name == "record_key" else (name,))]  # fmt: skip
    if "record_key" in schema.columns() and "source" not in columns:
        texts = {"source": "source of the record", "record_id": "the source's own key of the record"}
        properties |= {name: {"type": ["string"], "description": told} for name, told in texts.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
        "description": (schema.__doc__ or "").strip().splitlines()[0], "key": key, "properties": properties,
        "columns": list(properties), "required": sorted(properties),
    }  # fmt: skip


def _column(column: dy.Column) -> Json:
    made = dict(_TYPES[type(column.dtype)])
    if isinstance(column.dtype, pl.Enum):
        made["enum"] = sorted(column.dtype.categories.to_list())
    kinds = [made["type"], *(["null"] if column.nullable else [])]
    return {**made, "type": kinds, "description": column.description or ""}
