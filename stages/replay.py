"""Rebuilding a version from what its manifest names, to see that the same comes out.

Here: the scratch home (hard links to snapshots, models, key map and the versions it was built on), the computing, the
comparison of content hashes. Not here: the steps of a night (steps). Great Expectations is left out: checks judge, they
change nothing.
"""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from rules.errors import NotFound, RegistryError
from rules.settings import Settings
from rules.sources import Source
from stages.night import Night
from stages.staged import gathered
from stages.start import begin, model_names
from stages.steps import compute
from store import lock, snapshots, versions
from store.code import code_version
from store.decisions.place import FILE as LOG_FILE
from store.home import Home, write_durably
from store.manifest import InputEntry, Manifest

_SEED = 20260101


def replay(
    home: Home, settings: Settings, version: int, threads: int | None = None, shuffle: bool = False
) -> dict[str, Any]:
    """Rebuild `version` in a scratch home, removed afterwards, and compare: `{"version", "equal", "tables"}`.

    With `shuffle` the rows of every snapshot, and the sources, come in another order. Raises RegistryError where the
    rules, the code or the models are not those of the manifest, NotFound where a snapshot or a version that it was
    built on is no longer kept.
    """
    wanted = versions.manifest(home, version)
    _same_rules(settings, wanted)
    for number in _built_on(wanted):
        versions.require_kept(home, number)
    with _scratch(home, version) as scratch:
        _link_what_it_read(home, scratch, settings, wanted)
        if shuffle:
            _shuffle(scratch, settings, wanted)
        made = _made(scratch, settings, wanted, threads, shuffle)
    told = [{"name": name, "equal": made.get(name) == digest} for name, digest in wanted.content_hashes.items()]
    return {"version": version, "equal": all(one["equal"] for one in told), "tables": told}


def _same_rules(settings: Settings, wanted: Manifest) -> None:
    """A result under other rules or code says nothing about the version."""
    facts = {"rules_hash": (settings.rules_hash(), wanted.rules_hash, "registry.yaml, its sources and overlay"),
             "code_version": (code_version(), wanted.code_version, "the installed release")}  # fmt: skip
    for name, (here, there, what) in facts.items():
        if here != there:
            problem = f"was made under another {name} ({there[:12]}, here {here[:12]}): {what} changed since"
            raise RegistryError(f"version {wanted.version}", problem, "replay it where both are as they were then")


def _built_on(wanted: Manifest) -> list[int]:
    """The version live when it was made, and the newest one then, which has the ledger."""
    return sorted({number for number in (wanted.parent, wanted.version - 1) if number})


@contextmanager
def _scratch(home: Home, version: int) -> Iterator[Home]:
    """An empty home inside the home, so that hard links work; gone at the end, whatever happens."""
    folder = home.root / ".replay" / f"{version:06d}-{os.getpid()}"
    for left in folder.parent.glob("*-*"):
        if not Path(f"/proc/{left.name.split('-')[1]}").exists() or left == folder:
            shutil.rmtree(left, ignore_errors=True)
    scratch = Home(folder).prepare()
    try:
        yield scratch
    finally:
        lock.release(scratch)
        shutil.rmtree(folder, ignore_errors=True)


def _link_what_it_read(home: Home, scratch: Home, settings: Settings, wanted: Manifest) -> None:
    """Files are linked, never copied; steps replace files and do not change them, so the home's stay as they are."""
    for ours, theirs in ((home.keys, scratch.keys), (home.models, scratch.models)):
        shutil.copytree(ours, theirs, copy_function=os.link, dirs_exist_ok=True)
    if (home.root / LOG_FILE).exists():
        shutil.copyfile(home.root / LOG_FILE, scratch.root / LOG_FILE)
    for source in settings.delivered:
        entry = next((one for one in (*wanted.inputs, *wanted.feeds) if one.source == source.name), None)
        if entry is None:
            raise NotFound(
                f"version {wanted.version}", f"names no snapshot of source {source.name}", "see its manifest"
            )
        folder = _snapshot(home, source, wanted, entry)
        shutil.copytree(folder, snapshots.folder(scratch, source.series, wanted.business_date), copy_function=os.link)
    built_on = _built_on(wanted)
    for number in built_on:
        folder = versions.manifest_path(home, number).parent
        shutil.copytree(folder, scratch.versions / folder.name, ignore=shutil.ignore_patterns("*.lock"))
        files = {file.path for table in versions.manifest(home, number).tables for file in table.files}
        for path in files:
            (scratch.root / path).parent.mkdir(parents=True, exist_ok=True)
            if not (scratch.root / path).exists():
                os.link(home.root / path, scratch.root / path)
    if wanted.parent:
        pointer = versions.pointer_to(scratch, wanted.parent, promoted=built_on[-1])
        write_durably(scratch.pointer, pointer.model_dump_json().encode())


def _snapshot(home: Home, source: Source, wanted: Manifest, entry: InputEntry) -> Path:
    """The folder of the snapshot with the content that the manifest names, also if it was set aside since."""
    day = wanted.business_date.isoformat()
    for folder in sorted((home.snapshots / source.series).glob(f"{day}*")):
        if snapshots.facts_in(folder).content_hash == entry.content_hash:
            return folder
    place = f"version {wanted.version}"
    raise NotFound(
        place, f"the snapshot of source {source.name} of {day} is no longer kept", "restore it from a backup"
    )


def _shuffle(scratch: Home, settings: Settings, wanted: Manifest) -> None:
    """Every snapshot's rows in another order, and numbered by it, as if the source had delivered them so."""
    for place, source in enumerate(settings.delivered):
        day = wanted.business_date
        usable, refused = snapshots.read(scratch, source.series, day)
        numbers = pl.concat([usable.get_column("row"), refused.get_column("row")]).to_list()
        order = random.Random(_SEED + place).sample(numbers, len(numbers))
        renumber = pl.col("row").replace_strict(numbers, order, return_dtype=pl.Int64)
        usable, refused = (one.with_columns(renumber).sort("row") for one in (usable, refused))
        facts = snapshots.read_facts(scratch, source.series, day)
        assert facts is not None
        shutil.rmtree(snapshots.folder(scratch, source.series, day))
        with Night(scratch, settings, day).open() as con:
            named = (source.series, day, type(day).fromisoformat(facts.taken), facts.cleaned)
            snapshots.keep(con, scratch, named, usable, refused, facts.left_behind)


def _made(scratch: Home, settings: Settings, wanted: Manifest, threads: int | None, shuffle: bool) -> dict[str, str]:
    """Content hash by table of the night computed again."""
    registry = settings.registry.model_copy(update={"threads": threads or settings.registry.threads})
    night = Night(scratch, replace(settings, registry=registry), wanted.business_date)
    begin(night, full=True, decisions_upto=wanted.decisions_upto)
    if (models := model_names(night)) != wanted.models:
        problem = f"was made with models {wanted.models}, pinned are {models}"
        raise RegistryError(f"version {wanted.version}", problem, "restore the models folder, or correct models:")
    compute(night, tuple(reversed(settings.sources)) if shuffle else settings.sources, checked=False)
    return {found.name: found.digest for found in gathered(night)}
