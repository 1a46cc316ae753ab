"""Findings told to the systems that own them: the list of a version, and a file per issuing source.

Here: reading and delivering them. Not here: what a finding is (golden_record/findings).
"""

import shutil
from pathlib import Path
from typing import Any

from stages.night import Night
from stages.publish.files import neutral
from store import versions
from store.duck import quote, rows
from store.home import Home, sync_folder, write_durably
from store.manifest import Manifest
from store.opening import opened

_ORDER = "source, state = 'open' DESC, first_seen, finding_id"


def listed(home: Home, source: str | None = None) -> list[dict[str, Any]]:
    """Findings of the live version, of one source or all: open ones first, `records` as a list."""
    live = versions.manifest(home)
    if live.table("finding") is None:
        return []
    with opened(home, ["finding"], live) as con:
        where = f"WHERE source = {quote(source)}" if source else ""
        return rows(con, f"SELECT * FROM finding {where} ORDER BY {_ORDER}")


def deliver(night: Night, version: Manifest) -> Path:
    """Write `findings/VERSION/SOURCE.csv` for every source that issues numbers; a folder already there is left alone.

    A file without rows tells the owner that there is nothing to mend.
    """
    folder = night.home.published / "findings" / f"{version.version:06d}"
    issuers = [source.name for source in night.settings.sources if source.issues_numbers_for]
    if issuers and not folder.exists():
        staged = folder.with_name(folder.name + ".tmp")
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        with night.open() as con:
            versions.attach(con, night.home, version, ["finding"])
            for name in issuers:
                con.execute(f"COPY ({_of(name)}) TO {quote(str(staged / f'{name}.csv'))} (FORMAT csv, HEADER)")
        staged.replace(folder)
        sync_folder(folder.parent)
    if issuers:
        write_durably(folder.parent / "latest.txt", f"{version.version:06d}\n".encode())
    return folder


def _of(source: str) -> str:
    """A source's findings as CSV shows them: the two numbers side by side, no cell that a spreadsheet would run."""
    records = ", ".join(f"records[{place}] AS record_{place}" for place in (1, 2))
    shown = f"(SELECT * EXCLUDE (records), {records} FROM finding WHERE source = {quote(source)})"
    safe = ", ".join(neutral(f"record_{place}") for place in (1, 2))
    return f"""SELECT finding_id, kind, source, owner, client_number, {safe}, evidence, first_seen, resolved, state
               FROM {shown} ORDER BY {_ORDER}"""
