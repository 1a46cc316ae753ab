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
from store.hashing import content_hash, file_sha256, row_hashes, summed
from store.home import Home, sync_file, sync_folder

FILES = ("rows.parquet", "quarantine.parquet")
HASHES = "hashes.parquet"
"""File with the hash of every usable row by its key: two snapshots are compared without reading their rows."""
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
    return scan(home, series, day).collect(), read_refused(home, series, day)


def read_refused(home: Home, series: str, day: date) -> pl.DataFrame:
    """Quarantined rows of a snapshot."""
    return pl.read_parquet(_intact(home, series, day, FILES[1]))


def scan(home: Home, series: str, day: date) -> pl.LazyFrame:
    """Usable rows of a snapshot, not yet read: of few columns or records only what is asked for is."""
    return pl.scan_parquet(_intact(home, series, day, FILES[0]))


def of_records(rows: pl.LazyFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Those of `rows` whose records are `wanted` (record_id), in their order."""
    return rows.join(wanted.lazy(), on="record_id", how="semi", maintain_order="left").collect()


def changed(con: duckdb.DuckDBPyConnection, home: Home, series: str, before: date, day: date) -> bool:
    """Create `changed(record_id)`: keys of usable rows that came, went or differ between two snapshots.

    False, and nothing made, where one of them was kept by a release that kept no hashes.
    """
    both = [read_facts(home, series, each) for each in (before, day)]
    if any(facts is None or HASHES not in facts.files for facts in both):
        return False
    one, other = (quote(str(_intact(home, series, each, HASHES))) for each in (before, day))
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE changed AS
        SELECT record_id FROM read_parquet({one}) o FULL JOIN read_parquet({other}) n USING (record_id)
        WHERE o.high IS DISTINCT FROM n.high OR o.low IS DISTINCT FROM n.low""")
    return True


def _intact(home: Home, series: str, day: date, name: str) -> Path:
    """A file of the snapshot, as it was kept."""
    path, facts = folder(home, series, day) / name, read_facts(home, series, day)
    if facts is None or facts.files.get(name) != file_sha256(path):
        raise IntegrityError(str(path), "is not as it was kept", "restore it, or run with --retake")
    return path


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
        _hash(con, staged), {name: file_sha256(staged / name) for name in (*FILES, HASHES)}, carried, left_behind,
    )  # fmt: skip
    (staged / "snapshot.json").write_text(json.dumps(asdict(known), indent=1, sort_keys=True), encoding="utf-8")
    for file in staged.iterdir():
        sync_file(file)
    sync_folder(staged)
    staged.replace(target)
    sync_folder(target.parent)
    return known


def _hash(con: duckdb.DuckDBPyConnection, staged: Path) -> str:
    """Content hash of both files, and the file of row hashes; a row's place in its file says nothing about the data."""
    rows, refused = (_view(con, staged / name) for name in FILES)
    con.execute(f"CREATE OR REPLACE TEMP TABLE snap_hash AS {row_hashes(con, rows, 'record_id')}")
    path = quote(str(staged / HASHES))
    con.execute(f"COPY (FROM snap_hash ORDER BY record_id) TO {path} (FORMAT parquet, COMPRESSION zstd)")
    return summed(con, "snap_hash") + content_hash(con, refused)[0]


def _view(con: duckdb.DuckDBPyConnection, file: Path) -> str:
    """A view on the file without the place of its rows; its name."""
    read = f"read_parquet({quote(str(file))})"
    con.execute(f"CREATE OR REPLACE TEMP VIEW snap_{file.stem} AS SELECT COLUMNS(lambda c: c <> 'row') FROM {read}")
    return f"snap_{file.stem}"
