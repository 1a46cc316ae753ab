"""Raw snapshots: one immutable folder per source and business date.

Here: keeping and finding them. Not here: reading sources (pipelines) or what the columns mean.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from store.duck import quote
from store.hashing import content_hash
from store.home import Home, sync_file, sync_folder


@dataclass(frozen=True)
class SnapshotFacts:
    """What is known of a snapshot; `taken` is the business date of the data, earlier than `date` when it is stale."""

    source: str
    date: str
    taken: str
    rows: int
    usable: int
    cleaned: int
    content_hash: str

    @property
    def stale(self) -> bool:
        """The source delivered nothing; the last good snapshot served."""
        return self.taken != self.date


def folder(home: Home, source: str, day: date) -> Path:
    """Folder of a source's snapshot of a business date."""
    return home.snapshots / source / day.isoformat()


def read_facts(home: Home, source: str, day: date) -> SnapshotFacts | None:
    """Facts of the snapshot, or None if there is none."""
    path = folder(home, source, day) / "snapshot.json"
    return SnapshotFacts(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def latest_before(home: Home, source: str, day: date) -> SnapshotFacts | None:
    """The last snapshot that was really taken before `day`."""
    days = sorted(path.name for path in (home.snapshots / source).glob("????-??-??") if path.name < day.isoformat())
    found = (read_facts(home, source, date.fromisoformat(name)) for name in reversed(days))
    return next((facts for facts in found if facts and not facts.stale), None)


def read(home: Home, source: str, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Usable rows and quarantined rows of a snapshot."""
    place = folder(home, source, day)
    return pl.read_parquet(place / "rows.parquet"), pl.read_parquet(place / "quarantine.parquet")


def keep(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    facts: tuple[str, date, date, int],
    frame: pl.DataFrame,
    quarantine: pl.DataFrame,
) -> SnapshotFacts:
    """Keep a snapshot for ever under (source, date, taken on, cleaned values): staged, synced, renamed."""
    source, day, taken, cleaned = facts
    target = folder(home, source, day)
    staged = target.with_name(target.name + ".tmp")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    frame.write_parquet(staged / "rows.parquet", compression="zstd")
    quarantine.write_parquet(staged / "quarantine.parquet", compression="zstd")
    known = SnapshotFacts(
        source, day.isoformat(), taken.isoformat(), frame.height + quarantine.height, frame.height, cleaned,
        _hash(con, staged),
    )  # fmt: skip
    (staged / "snapshot.json").write_text(json.dumps(asdict(known), indent=1, sort_keys=True), encoding="utf-8")
    for file in staged.iterdir():
        sync_file(file)
    sync_folder(staged)
    staged.replace(target)
    sync_folder(target.parent)
    return known


def _hash(con: duckdb.DuckDBPyConnection, staged: Path) -> str:
    both = []
    for name in ("rows", "quarantine"):
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW snap AS SELECT * FROM read_parquet({quote(str(staged / name))} || '.parquet')"
        )
        both.append(content_hash(con, "snap")[0])
    return "".join(both)
