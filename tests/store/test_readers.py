"""Readers during fifty promotions see one version each time, never parts of two."""

import os
from datetime import date
from pathlib import Path
from select import select

import pytest

from store import versions
from store.home import Home
from store.manifest import Manifest, RunEntry, TableEntry

TABLES = ("golden_party", "crosswalk", "ledger_number")
PROMOTIONS = 50


def promote(home: Home, number: int) -> None:
    """Version `number`: tables that hold nothing but its number."""
    entries = []
    for name in TABLES:
        staged = home.staging / f"{name}.parquet"
        staged.write_text(f"{name} {number}", encoding="utf-8")
        kept = versions.adopt(home, staged, 1)
        entries.append(TableEntry(name=name, rows=1, content_hash="0" * 32, files=(kept,)))
    versions.promote(home, Manifest(
        version=number, parent=number - 1 or None, business_date=date(2026, 1, 1), inputs=(), models={}, rules_hash="r",
        code_version="c", tables=tuple(entries), checks=(), run=RunEntry(started="", seconds={}),
    ))  # fmt: skip


def read(home: Home) -> set[int]:
    """Numbers that the files of the live version hold."""
    found = versions.manifest(home)
    files = [home.root / file.path for table in found.tables for file in table.files]
    return {found.version, *(int(path.read_text(encoding="utf-8").split()[1]) for path in files)}


@pytest.mark.parametrize("reads", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_readers_during_fifty_promotions_see_no_mixed_version(tmp_path: Path, monkeypatch, reads: int) -> None:
    home = Home(tmp_path / "home").prepare()
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    promote(home, 1)
    told, tell = os.pipe()
    done, say = os.pipe()
    writer = os.fork()
    if writer == 0:
        for number in range(2, PROMOTIONS + 2):
            os.read(told, 1)
            promote(home, number)
            os.write(say, b".")
        os._exit(0)
    seen = []
    for _ in range(PROMOTIONS):
        seen.append(read(home))  # every version is read at least here, however slow the machine
        os.write(tell, b".")
        enough = len(seen) + reads // PROMOTIONS
        while len(seen) < enough or not select([done], [], [], 0)[0]:
            seen.append(read(home))
        os.read(done, 1)
    assert os.waitpid(writer, 0)[1] == 0
    assert all(len(numbers) == 1 for numbers in seen)
    assert len(set().union(*seen)) >= PROMOTIONS
    assert read(home) == {PROMOTIONS + 1}
