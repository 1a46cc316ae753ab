"""One night: its home, declared settings, business date, and the tables written so far.

Here: how a step opens its inputs and leaves its outputs. Not here: what any step does.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from rules.contracts import TABLES
from rules.settings import Settings
from stages import staged
from stages.plan import Basis, Plan
from store import keymap, tables, versions
from store.decisions import Log, declare
from store.duck import connect, each, scalar
from store.home import Home, write_durably
from store.manifest import Manifest


@dataclass(frozen=True)
class Night:
    """What every step of one night needs; tables staged by earlier steps lie in `folder`."""

    home: Home
    settings: Settings
    business_date: date

    @property
    def folder(self) -> Path:
        """Staging folder of this business date."""
        return self.home.staging / self.business_date.isoformat()

    @property
    def parent(self) -> Manifest | None:
        """Manifest of the version live when the run began."""
        number = self._begun()["parent"]
        return versions.manifest(self.home, number) if number else None

    @property
    def version(self) -> int:
        """Number that the version made by this night gets."""
        return self._begun()["version"] or 1

    @property
    def upcoming(self) -> int:
        """Number that the next version gets, whatever an earlier run of this date began with."""
        return versions.next_number(self.home)

    @property
    def plan(self) -> Plan:
        """What the run computes; everything where no run began."""
        noted = self._begun().get("plan")
        return Plan(*noted) if noted else Plan("no night began", "no night began")

    @property
    def decisions_upto(self) -> int:
        """The last row of the decision log that counts: what was entered when the run began."""
        return self._begun().get("decisions_upto") or 0

    @property
    def log(self) -> Log:
        """The decision log that registry.yaml declares, by default the home's own."""
        return declare(self.home, self.settings.registry.decisions)

    @property
    def basis(self) -> Basis | None:
        """What the run computes with, as it began; None where no run began."""
        found: Basis | None = self._begun().get("basis")
        return found

    def begin(self, plan: Plan, basis: Basis | None = None, decisions_upto: int | None = None) -> None:
        """Write down what the run builds on: from now on every step, in whatever process, sees the same."""
        self.folder.mkdir(parents=True, exist_ok=True)
        now = self._now() | {"plan": plan, "basis": basis}
        now |= {} if decisions_upto is None else {"decisions_upto": decisions_upto}
        write_durably(self.folder / "run.json", json.dumps(now).encode())

    def _begun(self) -> dict[str, Any]:
        path = self.folder / "run.json"
        noted: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else self._now()
        return noted

    def _now(self) -> dict[str, Any]:
        pointer = versions.live(self.home)
        return {
            "parent": pointer.version if pointer else None,
            "version": versions.next_number(self.home),
            "decisions_upto": self.log.head()[0],
        }

    def path(self, table: str) -> Path:
        """Staged file of a whole table."""
        return self.folder / "tables" / f"{table}.parquet"

    def part(self, table: str, source: str) -> Path:
        """Staged file of one source's share of a table."""
        return self.folder / "parts" / table / f"{source}.parquet"

    def has(self, table: str) -> bool:
        """Whether some step has left the table, whole or in parts, in the staging folder."""
        return self.path(table).exists() or (self.folder / "parts" / table).is_dir()

    @contextmanager
    def open(
        self, *wanted: str, parent: Iterable[str] = (), threads: int | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A DuckDB connection with a view per wanted table, `parent_*` views, and `key_map`."""
        registry = self.settings.registry
        limits = (registry.memory, threads or registry.threads)
        with connect([self.home.root], self.folder, *limits, spill=registry.spill) as con:
            keymap.attach(con, self.home)
            for table in wanted:
                staged.attach_staged(con, self, table)
            staged.attach_parent(con, self, parent)
            yield con

    def lost(self, table: str) -> Path:
        """Staged file of the keys whose rows the parent's table loses; there where the table is staged as changes."""
        return self.folder / "lost" / f"{table}.parquet"

    def save(self, con: duckdb.DuckDBPyConnection, *names: str) -> dict[str, int]:
        """Stage tables of the connection in their contract's shape; return their row counts."""
        rows = each(con, names, lambda own, name: staged.save(own, self, name))
        return dict(zip(names, rows, strict=True))

    def save_changes(self, con: duckdb.DuckDBPyConnection, lost: str, *names: str, new: str = "{}") -> dict[str, int]:
        """Stage tables as rows that replace the parent's with the keys in `lost`; return how many are new.

        `new` names the relation with a table's new rows. Where the parent is not built on, the tables are whole.
        """
        return {name: staged.save_changes(con, self, name, lost, new.format(name)) for name in names}

    def save_part(self, con: duckdb.DuckDBPyConnection, source: str, *names: str) -> dict[str, int]:
        """Stage one source's share of tables; return their row counts."""
        for name in names:
            tables.write(con, name, TABLES[name], self.part(name, source))
        return {name: scalar(con, f"SELECT count(*) FROM {name}") for name in names}
