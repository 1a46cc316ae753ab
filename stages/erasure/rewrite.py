"""Files that an erasure changes: tables of every kept version, raw snapshots, the key map.

Here: writing them anew and revising manifests. Not here: what a row becomes (tombstones). A file of a promoted version
is never changed but for this; its manifest says so.
"""

import shutil
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from rules.contracts import TABLES
from rules.errors import ConfigError
from rules.feeds import Feed
from rules.sources import Source
from stages.erasure.children import hung_sql, named_in
from stages.erasure.tombstones import ORDER, erased, mentions
from store import keymap, snapshots, tables, versions
from store.duck import quote, scalar
from store.home import Home, sync_file, sync_folder
from store.manifest import Manifest, Revision, TableEntry
from store.snapshots import SnapshotFacts
from store.suppression import RULE


def rewrite_versions(
    con: duckdb.DuckDBPyConnection, home: Home, work: Path, inputs: Mapping[str, str], line: str
) -> int:
    """Revise every kept version without the subject, remove what none names any more; how many tables changed.

    `inputs`: content hash of a raw snapshot → the one it has now. `line`: hash of the restriction's line in the log.
    """
    found = [versions.manifest(home, number) for number in versions.kept(home)]
    revised = [_revised(con, home, work, one, inputs, line) for one in found]
    both = [(old, new) for old, new in zip(found, revised, strict=True) if old != new]
    for _, new in both:
        versions.revise(home, new)
    changed = sum(one not in old.tables for old, new in both for one in new.tables)
    named = {file.path for one in revised for table in one.tables for file in table.files}
    for path in home.objects.glob("*/*.parquet"):
        if str(path.relative_to(home.root)) not in named:
            path.unlink()
    return changed


def _revised(
    con: duckdb.DuckDBPyConnection, home: Home, work: Path, old: Manifest, inputs: Mapping[str, str], line: str
) -> Manifest:
    versions.attach(con, home, old)
    entries = {entry.name: entry for entry in old.tables}
    if "std_feed" in entries:
        con.execute(f"CREATE OR REPLACE TEMP TABLE hung AS {hung_sql(entries)}")
    for name in (name for name in ORDER if name in entries):
        if _mentioned(con, home, entries[name]):
            entries[name] = _without(con, home, work, name)
    taken, fed = (
        tuple(
            entry.model_copy(update={"content_hash": inputs.get(entry.content_hash, entry.content_hash)})
            for entry in read
        )
        for read in (old.inputs, old.feeds)
    )
    if (taken, fed) == (old.inputs, old.feeds) and all(entries[entry.name] == entry for entry in old.tables):
        return old
    digest = versions.manifest_sha256(home, old.version)
    revisions = (*old.revisions, Revision(manifest_sha256=digest, erasure=line))
    kept = tuple(entries[entry.name] for entry in old.tables)
    changed = {"inputs": taken, "feeds": fed, "tables": kept, "revisions": revisions}
    return old.model_copy(update=changed)


def _mentioned(con: duckdb.DuckDBPyConnection, home: Home, entry: TableEntry) -> bool:
    """Whether any file of the table has the subject, also in rows that a later file takes away."""
    condition, files = mentions(entry.name), [file for file in entry.files if file.kind != "lost"]
    every = f"SELECT count(*) FROM ({versions.rows_sql(home, files)}) t WHERE {condition}"
    return bool(condition) and scalar(con, every) > 0


def _without(con: duckdb.DuckDBPyConnection, home: Home, work: Path, name: str) -> TableEntry:
    """The table without the subject, written, hashed under the new names of records, and seen by what follows."""
    path = work / f"{name}.parquet"
    con.execute(f"CREATE OR REPLACE TEMP TABLE without AS {erased(name)}")
    tables.write(con, "without", TABLES[name], path)
    digest, rows = tables.describe(con, path, TABLES[name])
    entry = TableEntry(name=name, rows=rows, content_hash=digest, files=(versions.adopt(home, path, rows),))
    con.execute(f"CREATE OR REPLACE VIEW {name} AS {versions.rows_sql(home, entry.files)}")
    return entry


def rewrite_snapshots(con: duckdb.DuckDBPyConnection, home: Home, feeds: Iterable[Feed]) -> dict[str, str]:
    """Take the subject's rows, and what hangs on them, out of every raw snapshot: content hash before → now."""
    subject: pl.DataFrame = con.sql("SELECT source, record_id, tombstone FROM subject").pl()
    declared = {feed.name: feed for feed in feeds}
    found: dict[str, str] = {}
    for name in sorted({*subject["source"], *declared}):
        for place in sorted(path.parent for path in (home.snapshots / name).rglob("snapshot.json")):
            facts = snapshots.facts_in(place)
            kept = [pl.read_parquet(place / file) for file in snapshots.FILES]
            named = _named(place, declared.get(name, name), kept).join(subject, on=("source", "record_id"))
            if frames := suppress(name, named, *kept):
                found[facts.content_hash] = _replaced(con, home, place, facts, frames).content_hash
    return found


def _named(place: Path, source: Source | str, kept: list[pl.DataFrame]) -> pl.DataFrame:
    try:
        return named_in(source, *kept)
    except pl.exceptions.ColumnNotFoundError:
        problem = "was taken when the feed was declared with other columns, so its records are not known"
        raise ConfigError(str(place), problem, "declare them again, or remove this folder") from None


def suppress(
    source: str, named: pl.DataFrame, rows: pl.DataFrame, refused: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """Usable and refused rows with every row of `named(item, tombstone)` as a refused one; None without any."""
    once = named.group_by(record_id="item").agg(pl.col("tombstone").min())
    hit = rows.join(once, on="record_id", how="inner")
    again = refused.join(once, on="record_id", how="left")
    if hit.is_empty() and again["tombstone"].null_count() == again.height:
        return None
    kept = again.with_columns(pl.coalesce("tombstone", "record_id").alias("record_id")).select(refused.columns)
    rule, reason = RULE
    added = hit.select(
        pl.lit(source).alias("source"), "row", pl.col("tombstone").alias("record_id"), pl.lit(rule).alias("rule"),
        pl.lit(reason).alias("reason"),
    )  # fmt: skip
    both = pl.concat([kept, added.select(refused.columns).cast(refused.schema)]).sort("row")
    return rows.join(hit, on="record_id", how="anti"), both


def _replaced(
    con: duckdb.DuckDBPyConnection, home: Home, place: Path, facts: SnapshotFacts,
    frames: tuple[pl.DataFrame, pl.DataFrame],
) -> SnapshotFacts:  # fmt: skip
    """The snapshot written anew beside the old one, which it then replaces; what was carried is refused now."""
    series = str(place.parent.relative_to(home.snapshots))
    days = (date.fromisoformat(place.name[:10]), date.fromisoformat(facts.taken))
    aside = place.with_name(place.name + ".before")
    place.rename(aside)
    made = snapshots.keep(con, home, (series, *days, facts.cleaned), *frames, facts.left_behind)
    if place.name != days[0].isoformat():
        snapshots.folder(home, series, days[0]).rename(place)
    shutil.rmtree(aside)
    sync_folder(place.parent)
    return made


def rewrite_keys(con: duckdb.DuckDBPyConnection, home: Home, work: Path) -> None:
    """The key map's files with the tombstones in the place of the subject's keys."""
    for file in sorted(home.keys.glob("*.parquet")):
        body = f"SELECT t.* FROM read_parquet({quote(str(file))}) t"
        if scalar(con, f"SELECT count(*) FROM ({body}) SEMI JOIN subject USING (record_key)"):
            staged = work / file.name
            con.execute(f"""
                COPY (SELECT t.record_key, t.source, coalesce(s.tombstone, t.record_id) AS record_id
                      FROM ({body}) t LEFT JOIN subject s USING (record_key) ORDER BY record_key)
                TO {quote(str(staged))} (FORMAT parquet)""")
            sync_file(staged)
            staged.replace(file)
            sync_folder(file.parent)


def named_anew(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """`key_map` as it will be: content hashes name a record by its source and key."""
    keymap.attach(con, home)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE key_map AS
        SELECT k.record_key, k.source, coalesce(s.tombstone, k.record_id) AS record_id
        FROM key_map k LEFT JOIN subject s USING (record_key)""")
