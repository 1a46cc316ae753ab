"""Versions with a few contacts of one client, to be published; a version's other tables are empty."""

from datetime import date
from typing import Any

import polars as pl

from rules.contracts import TABLES
from rules.publication import Publication
from rules.settings import Registry, Settings
from stages import entities
from stages.night import Night
from store import versions
from store.home import Home
from store.manifest import Manifest, RunEntry, TableEntry

NUMBER = "10000000146"
OWNED = [{"record_key": 1, "source": "s", "record_id": "r1", "legal_entity": "bank", "client_number": NUMBER}]


def night(home: Home, *targets: Publication) -> Night:
    registry = Registry(sources=("a.yaml",), publish=targets, memory="200MB", threads=1)
    return Night(home, Settings(home.root / "registry.yaml", registry, ()), date(2026, 1, 1))


def version(
    home: Home, values: list[str | None], rules: str = "r", number: int = 1, only: bool = False, **rows: Any
) -> Manifest:  # fmt: skip
    """A version with one contact per value, of a client of the entity `bank`, and the `rows` of other tables.

    With `only` it has no other tables but the crosswalk: quicker to make.
    """
    contacts = [
        {"client_number": NUMBER, "position": n, "record_key": 1, "kind": "email", "value": value, "preferred": False}
        for n, value in enumerate(values)
    ]
    pl.DataFrame({"record_key": [1], "source": ["s"], "record_id": ["r1"]}).write_parquet(home.keys / "1.parquet")
    held = {"golden_contact": contacts, "crosswalk": OWNED, **rows}
    names = sorted(held if only else {*Publication.TABLES, *entities.NEEDED, "ledger_event", *rows})
    return Manifest(
        version=number, parent=number - 1 or None, business_date=date(2026, 1, number), inputs=(), models={},
        rules_hash=rules, code_version="c", tables=tuple(_table(home, name, held.get(name, [])) for name in names),
        checks=(), run=RunEntry(started="2026-01-01T02:30:00", seconds={}),
    )  # fmt: skip


def promoted(home: Home, values: list[str | None], number: int = 1, **rows: Any) -> Manifest:
    """The same as the live version."""
    made = version(home, values, number=number, **rows)
    versions.promote(home, made)
    return made


def _table(home: Home, name: str, rows: list[dict[str, Any]]) -> TableEntry:
    staged = home.staging / f"{name}.parquet"
    pl.DataFrame(rows, schema=TABLES[name].create_empty().schema).write_parquet(staged)
    return TableEntry(
        name=name, rows=len(rows), content_hash="0" * 32, files=(versions.adopt(home, staged, len(rows)),)
    )
