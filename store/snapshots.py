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
GONE = "gone_since"
"""Column of the usable rows: business date on which a carried record was first missed; empty where it is delivered."""


@dataclass(frozen=True)
class SnapshotFacts:
    """What is known of a snapshot; `taken` is the business date of the data, earlier than `date` when it is stale.

    `rows` were delivered, `usable` of them; the source no longer has the `carried` ones, and those `left_behind` are
    gone and could not be carried.
    """

    source: str
    date: str
    taken: str
    rows: int
    usable: int
    cleaned: int
    content_hash: str
    files: dict[str, str]
    carried: int = 0
    left_behind: int = 0

    @property
    def stale(self) -> bool:
        """The source delivered nothing; the last good snapshot served."""
        return self.taken != self.date


def folder(home: Home, series: str, day: date) -> Path:
    """Folder of a series' snapshot of a business date."""
    return home.snapshots / series / day.isoformat()


def read_facts(home: Home, series: str, day: date) -> SnapshotFacts | None:
    """Facts of the snapshot, or None if there is none."""
    place = folder(home, series, day)
    return facts_in(place) if (place / "snapshot.json").exists() else None


def facts_in(place: Path) -> SnapshotFacts:
    """Facts of the snapshot in a folder."""
    return SnapshotFacts(**json.loads((place / "snapshot.json").read_text(encoding="utf-8")))


def latest_before(home: Home, series: str, day: date) -> SnapshotFacts | None:
    """The last snapshot that was really taken before `day`."""
    days = sorted(path.name for path in (home.snapshots / series).glob("????-??-??") if path.name < day.isoformat())
    found = (read_facts(home, series, date.fromisoformat(name)) for name in reversed(days))
    return next((facts for facts in found if facts and not facts.stale), None)


def latest_of(home: Home, source: str, day: date) -> tuple[str, SnapshotFacts] | None:
    """Series and facts of the last snapshot of `source` really taken before `day`, however it was declared then."""
    series = sorted(f"{source}/{path.name}" for path in (home.snapshots / source).glob("*") if path.is_dir())
    found = [(name, facts) for name in series if (facts := latest_before(home, name, day))]
    return max(found, key=lambda one: one[1].date, default=None)


def read(home: Home, series: str, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Usable rows and quarantined rows of a snapshot."""
    place = _intact(home, series, day)
    return pl.read_parquet(place / FILES[0]), pl.read_parquet(place / FILES[1])


def read_records(home: Home, series: str, day: date, wanted: pl.Series) -> pl.DataFrame:
    """Usable rows of the records `wanted` (record_id)."""
    rows = pl.scan_parquet(_intact(home, series, day) / FILES[0])
    return rows.filter(pl.col("record_id").is_in(wanted.implode())).collect()


def _intact(home: Home, series: str, day: date) -> Path:
    """The snapshot's folder, its files as they were kept."""
    place, facts = folder(home, series, day), read_facts(home, series, day)
    for name in FILES:
        if facts is None or facts.files.get(name) != file_sha256(place / name):
            raise IntegrityError(str(place / name), "is not as it was kept", "restore it, or run with --retake")
    return place


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
    left_behind: int = 0,
) -> SnapshotFacts:
    """Keep a snapshot under (series, date, taken on, cleaned values): staged, synced, renamed."""
    series, day, taken, cleaned = facts
    target = folder(home, series, day)
    staged = target.with_name(target.name + ".tmp")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    for name, rows in zip(FILES, (frame, quarantine), strict=True):
        rows.write_parquet(staged / name, compression="zstd")
    carried = int(frame.get_column(GONE).is_not_null().sum()) if GONE in frame.columns else 0
    usable = frame.height - carried
    known = SnapshotFacts(
        series.split("/")[0], day.isoformat(), taken.isoformat(), usable + quarantine.height, usable, cleaned,
        _hash(con, staged), {name: file_sha256(staged / name) for name in FILES}, carried, left_behind,
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
