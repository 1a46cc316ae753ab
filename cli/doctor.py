"""What `registry doctor` looks at: libraries, home, disk, memory, declared files, sources.

Here: one small examination per matter, each with its mend. Not here: mending, how a source is looked for (cli/reach).
"""

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from cli.options import business_date
from cli.reach import reach
from rules.engine import Spark
from rules.errors import RegistryError
from rules.oidc import Oidc, secret_of
from rules.settings import Registry, gigabytes

Finding = dict[str, Any]


def examine(config: Path | None, home: Path, data: Path | None = None, day: date | None = None) -> list[Finding]:
    """Every finding: {state: ok | warning | problem, what, found, mend}.

    `data` is where relative file paths start (by default the folder of `config`), `day` the business date that is due.
    """
    parts = (_python(), _space(home), _home(home), _declared(config, home, data, day))
    return [finding for part in parts for finding in part]


def _finding(state: str, what: str, found: str, mend: str = "") -> Finding:
    return {"state": state, "what": what, "found": found, "mend": mend}


def _python() -> Iterator[Finding]:
    good = platform.python_version_tuple() >= ("3", "11")
    yield _finding(
        "ok" if good else "problem", "Python", platform.python_version(), "" if good else "use 3.11 or newer"
    )
    yield _finding("ok", "processors", str(os.cpu_count()))


def _space(home: Path) -> Iterator[Finding]:
    place, free = _disk(home)
    good = free >= 10
    yield _finding(
        "ok" if good else "warning", "free disk", f"{free:.0f} GB", "" if good else "keep 10 GB free for spill"
    )
    writable = os.access(place, os.W_OK)
    told = str(home.absolute()) if home.exists() else f"{home.absolute()}, to be made"
    yield _finding("ok" if writable else "problem", "home", told, "" if writable else "choose another --home")


def _disk(home: Path) -> tuple[Path, float]:
    """The folder, or the nearest above it that exists, and the GB free there."""
    place = next(path for path in (home.absolute(), *home.absolute().parents) if path.exists())
    return place, shutil.disk_usage(place).free / 1e9


def _home(home: Path) -> Iterator[Finding]:
    from store import versions
    from store.home import Home

    place = Home(home)
    if not place.pointer.exists():
        yield _finding("warning", "live version", "none yet", "run `registry run --config registry.yaml`")
        return
    yield _tried(
        "live version", lambda: f"version {versions.manifest(place).version}", "roll back: `registry rollback`"
    )
    loose = [path for path in place.objects.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    state = "problem" if loose else "ok"
    yield _finding(state, "file modes", f"{len(loose)} readable by others", "chmod -R go= on the home" if loose else "")


def _declared(config: Path | None, home: Path, data: Path | None, day: date | None) -> Iterator[Finding]:
    from rules.settings import load_registry

    if config is None:
        return
    try:
        settings = load_registry(config)
    except RegistryError as error:
        yield _problem("registry.yaml", error, "correct the file")
        return
    yield _finding("ok", "registry.yaml", f"{len(settings.sources)} sources, {len(settings.feeds)} feeds")
    yield _spill(settings.registry, home)
    if settings.registry.engine == "spark" and settings.registry.spark:
        yield _engine(settings.registry.spark)
    if settings.registry.oidc:
        yield _provider(settings.registry.oidc, settings.folder)
    due = day or business_date(None, settings.registry.time_zone)
    for source in settings.delivered:
        found = reach(source, data or settings.folder, due)
        yield _finding(found.state, f"source {source.name}", found.found, found.mend)


def _spill(declared: Registry, home: Path) -> Finding:
    """How much of the disk a night may take for what exceeds its memory; without a bound all that is free."""
    free, bound = _disk(home)[1], declared.spill
    told = f"at most {bound or 'the free disk'} beyond {declared.memory} of memory"
    if bound and gigabytes(bound) > free:
        return _finding("warning", "spill", f"{told}, {free:.0f} GB are free", "free disk, or lower spill")
    return _finding("ok", "spill", told, "" if bound else "bound it: spill: 40GB")


def _engine(declared: Spark) -> Finding:
    from store.spark import MEND, lacking

    missing = lacking()
    return _finding("problem", "engine", missing, MEND) if missing else _finding("ok", "engine", declared.master)


def _provider(declared: Oidc, folder: Path) -> Finding:
    """Whether a log-in could begin: the secret is there, and the provider's document is as it is declared."""
    from stewardship.provider import Provider

    def begin() -> str:
        Provider(declared, secret_of(declared, folder)).begin(f"https://{declared.client_id}", "/")
        return declared.shown

    return _tried("identity provider", begin, "compare oidc: in registry.yaml with the provider")


def _tried(what: str, look: Callable[[], str], mend: str) -> Finding:
    try:
        return _finding("ok", what, look())
    except RegistryError as error:
        return _problem(what, error, mend)


def _problem(what: str, error: RegistryError, mend: str) -> Finding:
    return _finding("problem", what, f"{error.place}: {error.expected}", error.typed or mend)
