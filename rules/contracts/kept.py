"""The contracts that consumers have: one file for each major version, and how the tables of today give it.

Here: reading them; `MADE`, the columns that an earlier contract promises and today's tables have otherwise. Not here:
the contract of today, what breaks one (consumers).
"""

import json
from pathlib import Path
from typing import Any

import polars as pl

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "served"
MADE: dict[int, dict[str, str]] = {}
"""By contract and `table.column`: SQL that makes the promised value of a row of the table as it is declared now."""
_TYPES: dict[str, pl.DataType] = {
    "string": pl.String(), "date": pl.Date(), "date-time": pl.Datetime("us"), "integer": pl.Int64(),
    "number": pl.Float64(), "boolean": pl.Boolean(), "decimal": pl.Decimal(38, 2),
}  # fmt: skip


def kept(major: int) -> Json:
    """The contract of a major version as consumers have it."""
    found: Json = json.loads((FOLDER / f"v{major}.json").read_text(encoding="utf-8"))
    return found


def majors() -> list[int]:
    """Major versions that are served, oldest first."""
    return sorted(int(path.stem.removeprefix("v")) for path in FOLDER.glob("v*.json"))


def promised(major: int, table: str) -> Json | None:
    """The columns that a contract promises of a table, by name in their order; None for a table that it has not."""
    found = kept(major)["tables"].get(table)
    return {name: found["properties"][name] for name in found["columns"]} if found else None


def types(major: int, table: str) -> dict[str, pl.DataType]:
    """The columns of a table of a contract with the types of their values; none for a table that it has not."""
    found = promised(major, table) or {}
    return {name: _TYPES[declared.get("format") or declared["type"][0]] for name, declared in found.items()}
