"""Publication: the live version's golden tables as a Parquet and CSV snapshot, each version in a folder of its own.

Here: composition; a folder appears whole or not at all. Not here: which version is live (store/versions).
"""

import shutil
from pathlib import Path

import duckdb

from rules.errors import StoreError
from rules.settings import Publication
from stages import entities
from stages.night import Night
from store import versions
from store.duck import quote
from store.home import Home, sync_folder, write_durably
from store.manifest import Manifest

_TEMPTING = r"^[\s\v\pZ]*[=+@\t\r-]"
"""Cells that a spreadsheet would take for a formula …"""
_FIGURES = r"[+-]?[\d\s().,-]+"
"""… but for those that are wholly a number, a phone or a date."""


def publish(night: Night, version: Manifest) -> dict[str, str]:
    """Write every declared target of `version`; return target → folder.

    A target already there is left alone. Raises StoreError where that one was published of something else.
    """
    targets = night.settings.registry.publish or (Publication(kind="parquet"), Publication(kind="csv"))
    return {_name(target): str(_publish(night, version, target)) for target in targets}


def point(home: Home, version: int) -> None:
    """Make `latest.txt` of every target that has the version name it, as after a rollback."""
    for folder in sorted(home.published.glob(f"*/{version:06d}")):
        write_durably(folder.parent / "latest.txt", f"{version:06d}\n".encode())


def _name(target: Publication) -> str:
    return f"{target.kind}-{target.consumer}" if target.consumer else target.kind


def _publish(night: Night, version: Manifest, target: Publication) -> Path:
    folder = night.home.published / _name(target) / f"{version.version:06d}"
    if folder.exists():
        _same(folder, version)
    else:
        _create(night, version, target, folder)
    write_durably(folder.parent / "latest.txt", f"{version.version:06d}\n".encode())
    return folder


def _same(folder: Path, version: Manifest) -> None:
    """Refuse a folder that holds another manifest: an old extract must not pass for this version."""
    kept = folder / "manifest.json"
    if not kept.exists() or kept.read_bytes() != version.to_bytes():
        raise StoreError(
            str(folder), f"must be an extract of this home's version {version.version}", "move it away and run again"
        )


def _create(night: Night, version: Manifest, target: Publication, folder: Path) -> None:
    staged = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    with night.open() as con:
        if target.legal_entity:
            versions.attach(con, night.home, version, entities.NEEDED, entities.PREFIX)
            entities.restrict(con, target.legal_entity, night.settings.registry.publish_across_entities)
        else:
            versions.attach(con, night.home, version, target.tables)
        for name in filter(version.table, target.tables):
            write_table(con, name, target, staged)
    (staged / "manifest.json").write_bytes(version.to_bytes())
    staged.replace(folder)
    sync_folder(folder.parent)


def write_table(con: duckdb.DuckDBPyConnection, name: str, target: Publication, folder: Path) -> None:
    """One table; a record key, which only we understand, is shown as source and record id."""
    keyed = "record_key" in _columns(con, name) and "source" not in _columns(con, name)
    shown = f"(SELECT * EXCLUDE (record_key) FROM {name} JOIN key_map USING (record_key))" if keyed else name
    columns = _columns(con, shown)
    wanted = {c: t for c, t in columns.items() if c != "record_key" and (not target.columns or c in target.columns)}
    if not wanted:
        return
    texts = [column for column, dtype in wanted.items() if dtype == "VARCHAR" and target.kind == "csv"]
    shape = ", ".join(neutral(column) if column in texts else f'"{column}"' for column in wanted)
    order = ", ".join(f'"{column}"' for column in wanted)
    options = _csv_options(texts) if target.kind == "csv" else "(FORMAT parquet, COMPRESSION zstd)"
    path = folder / f"{name}.{target.kind}"
    con.execute(f"COPY (SELECT {shape} FROM {shown} ORDER BY {order}) TO {quote(str(path))} {options}")


def _csv_options(texts: list[str]) -> str:
    forced = ", ".join(f'"{column}"' for column in texts)
    return f"(FORMAT csv, HEADER, FORCE_QUOTE ({forced}))" if forced else "(FORMAT csv, HEADER)"


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}


def neutral(column: str) -> str:
    """A text column for CSV: what a spreadsheet would run is led by an apostrophe."""
    cell = f'"{column}"'
    formula = f"regexp_matches({cell}, '{_TEMPTING}') AND NOT regexp_full_match({cell}, '{_FIGURES}')"
    return f"CASE WHEN {formula} THEN concat(chr(39), {cell}) ELSE {cell} END AS {cell}"
