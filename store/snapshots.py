"""Raw snapshots: one immutable folder per source and business date.

A `series` is a source's name, a slash, and a digest of how it is declared to be read: a snapshot never serves a
declaration it was not read under. Here: keeping and finding them. Not here: reading sources (pipelines) or what the
columns mean.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from rules.errors import IntegrityError
from store.duck import quote
from store.hashing import content_hash, file_sha256
from store.home import Home, sync_file, sync_folder

FILES = ("rows.parquet", "quarantine.parquet")


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
    files: dict[str, str]

    @property
    def stale(self) -> bool:
        """The source delivered nothing; the last good snapshot served."""
        return self.taken != self.date


def folder(home: Home, series: str, day: date) -> Path:
    """Folder of a series' snapshot of a business date."""
    return home.snapshots / series / day.isoformat()


def read_facts(home: Home, series: str, day: date) -> SnapshotFacts | None:
    """Facts of the snapshot, or None if there is none."""
    path = folder(home, series, day) / "snapshot.json"
    return SnapshotFacts(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def latest_before(home: Home, series: str, day: date) -> SnapshotFacts | None:
    """The last snapshot that was really taken before `day`."""
    days = sorted(path.name for path in (home.snapshots / series).glob("????-??-??") if path.name < day.isoformat())
    found = (read_facts(home, series, date.fromisoformat(name)) for name in reversed(days))
    return next((facts for facts in found if facts and not facts.stale), None)


def read(home: Home, series: str, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Usable rows and quarantined rows of a snapshot."""
    place, facts = folder(home, series, day), read_facts(home, series, day)
    for name in FILES:
        if facts is None or facts.files.get(name) != file_sha256(place / name):
            raise IntegrityError(str(place / name), "is not as it was kept", "restore it, or run with --retake")
    return pl.read_parquet(place / FILES[0]), pl.read_parquet(place / FILES[1])


def set_aside(home: Home, series: str, day: date) -> None:
    """Let the snapshot be taken again; the earlier one stays beside it, numbered."""
    place = folder(home, series, day)
    if place.exists():
        count = len(list(place.parent.glob(f"{place.name}.replaced-*")))
        place.rename(place.with_name(f"{place.name}.replaced-{count + 1}"))


def keep(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    facts: tuple[str, date, date, int],
    frame: pl.DataFrame,
    quarantine: pl.DataFrame,
) -> SnapshotFacts:
    """Keep a snapshot for ever under (series, date, taken on, cleaned values): staged, synced, renamed."""
    series, day, taken, cleaned = facts
    target = folder(home, series, day)
    staged = target.with_name(target.name + ".tmp")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    for name, rows in zip(FILES, (frame, quarantine), strict=True):
        rows.write_parquet(staged / name, compression="zstd")
    known = SnapshotFacts(
        series.split("/")[0], day.isoformat(), taken.isoformat(), frame.height + quarantine.height, frame.height,
        cleaned, _hash(con, staged), {name: file_sha256(staged / name) for name in FILES},
    )  # fmt: skip
    (staged / "snapshot.json").write_text(json.dumps(asdict(known), indent=1, sort_keys=True), encoding="utf-8")
    for file in staged.iterdir():
        sync_file(file)
    sync_folder(staged)
    staged.replace(target)
    sync_folder(target.parent)
    return known


def _hash(con: duckdb.DuckDBPyConnection, staged: Path) -> str:
    """Content hash of both files; the place of a row in its file says nothing about the data."""
    both = []
    for name in FILES:
        file = quote(str(staged / name))
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW snap AS SELECT COLUMNS(lambda c: c <> 'row') FROM read_parquet({file})"
        )
        both.append(content_hash(con, "snap")[0])
    return "".join(both)
