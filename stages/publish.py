"""Publication: the live version's golden tables as a Parquet and CSV snapshot, each version in a folder of its own.

Here: composition; a folder appears whole or not at all. Not here: which version is live (store/versions).
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from rules.contracts.golden import GOLDEN
from rules.settings import Publication
from stages.night import Night
from store import versions
from store.duck import quote
from store.home import Home, sync_folder, write_durably
from store.manifest import Manifest

TABLES = (*(name for name in GOLDEN if name != "change_event"), "crosswalk", "ledger_number")
_TEMPTING = r"^\s*[=@\t\r]|^\s*[+-]\D"
"""Cells that a spreadsheet would take for a formula; a signed number or phone is none."""


def publish(night: Night, version: Manifest) -> dict[str, str]:
    """Write every declared target of `version`; return target → folder. A target already there is left alone."""
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
    if not folder.exists():
        staged = folder.with_name(folder.name + ".tmp")
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        with night.open() as con:
            versions.attach(con, night.home, version, TABLES)
            for name in TABLES:
                _write(con, name, target, staged)
        (staged / "manifest.json").write_bytes(version.to_bytes())
        staged.replace(folder)
        sync_folder(folder.parent)
    write_durably(folder.parent / "latest.txt", f"{version.version:06d}\n".encode())
    return folder


def _write(con: duckdb.DuckDBPyConnection, name: str, target: Publication, folder: Path) -> None:
    """One table; a record key, which only we understand, is shown as source and record id."""
    keyed = "record_key" in _columns(con, name) and "source" not in _columns(con, name)
    shown = f"(SELECT * EXCLUDE (record_key) FROM {name} JOIN key_map USING (record_key))" if keyed else name
    columns = _columns(con, shown)
    wanted = {c: t for c, t in columns.items() if c != "record_key" and (not target.columns or c in target.columns)}
    if not wanted:
        return
    shape, order = ", ".join(_cells(wanted, target.kind)), ", ".join(f'"{column}"' for column in wanted)
    options = "(FORMAT parquet, COMPRESSION zstd)" if target.kind == "parquet" else "(FORMAT csv, HEADER)"
    path = folder / f"{name}.{target.kind}"
    con.execute(f"COPY (SELECT {shape} FROM {shown} ORDER BY {order}) TO {quote(str(path))} {options}")


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}


def _cells(columns: dict[str, str], kind: str) -> Iterator[str]:
    """Columns as they are; in CSV, texts that a spreadsheet would run are led by an apostrophe."""
    for column, dtype in columns.items():
        quoted = f'"{column}"'
        if kind == "csv" and dtype == "VARCHAR":
            formula = f"regexp_matches({quoted}, '{_TEMPTING}')"
            yield f"CASE WHEN {formula} THEN concat(chr(39), {quoted}) ELSE {quoted} END AS {quoted}"
        else:
            yield quoted
