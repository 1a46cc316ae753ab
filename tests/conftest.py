"""What every room shares: one demo home a session, copies of it, and a small registry of two file sources.

Training and two whole nights take most of a minute, so they happen once; xdist's workers wait for the first of them.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

CLIENTS = 600
SEED = 20260302
FIRST, SECOND, THIRD = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
SERVERS = shutil.ignore_patterns("postgres")


@pytest.fixture
def own_environment() -> Iterator[None]:
    """Running a night sets variables, the umask and the known place of this process: put all of them back."""
    before, mask = dict(os.environ), os.umask(0o077)
    os.umask(mask)
    yield
    from pipelines.context import current

    os.environ.clear()
    os.environ.update(before)
    os.umask(mask)
    current.cache_clear()


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's home after two nights and one training; read only: take `home_copy` to change anything."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with FileLock(shared / "demo_home.lock"):
        if not (shared / "demo_home").exists():
            _build(shared / "demo_home")
    return shared / "demo_home"


def _build(target: Path) -> None:
    """Outside pytest's folder, because as root PostgreSQL runs as a user that may not enter it."""
    from benchmarks.demo.run import demo

    before, mask = dict(os.environ), os.umask(0o077)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        demo(home, CLIENTS, lambda _title: lambda *_told: None, (FIRST, SECOND), SEED)
        shutil.copytree(home, target.with_suffix(".tmp"), ignore=SERVERS)
    target.with_suffix(".tmp").rename(target)
    os.umask(mask)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def home_copy(demo_home: Path, tmp_path: Path, own_environment: None) -> Path:
    """A copy of the demo home that the test may change."""
    return Path(shutil.copytree(demo_home, tmp_path / "home"))


@pytest.fixture
def bank_place(home_copy: Path) -> object:
    """The demo's whole registry on a copied home: both nights' snapshots are kept, so no source system must run."""
    from pipelines.context import set_place

    return set_place(home_copy / "bank" / "registry.yaml", home_copy)


@pytest.fixture
def small_place(demo_home: Path, tmp_path: Path, own_environment: None) -> object:
    """Cards (CSV) and loans (Parquet) of the demo bank in a home of their own, with the demo's trained models."""
    return make_small(demo_home, tmp_path / "small")


def make_small(demo_home: Path, folder: Path) -> object:
    from pipelines.context import set_place

    bank, home = folder / "bank", folder / "home"
    (bank / "files").mkdir(parents=True)
    shutil.copytree(demo_home / "bank" / "sources", bank / "sources")
    for file in (demo_home / "bank" / "files").glob("*_2026-*"):
        if file.name.startswith(("cards_", "loans_")):
            shutil.copy(file, bank / "files")
    (bank / "registry.yaml").write_text(SMALL, encoding="utf-8")
    shutil.copytree(demo_home / "models", home / "models")
    return set_place(bank / "registry.yaml", home)


SMALL = """
name: Two files
legal_entities: [{id: bank_az, country: AZ}, {id: lease_az, country: AZ}]
time_zone: Asia/Baku
sources: [sources/cards.yaml, sources/loans.yaml]
publish: [{kind: csv}]
memory: 2GB
"""


@pytest.fixture
def another_small(demo_home: Path, tmp_path: Path, own_environment: None) -> Callable[[str], object]:
    """`another_small(name)` makes a further home of the two file sources."""
    return lambda name: make_small(demo_home, tmp_path / name)


@pytest.fixture(scope="session")
def days() -> SimpleNamespace:
    """The demo's two business dates and the one after."""
    return SimpleNamespace(first=FIRST, second=SECOND, third=THIRD)


@pytest.fixture(scope="session")
def compute() -> Callable[..., object]:
    """`compute(place, day, threads=None, backwards=False)`: a night by its stages, without Dagster; its manifest."""
    return _compute


def _compute(place, day, threads=None, backwards=False, until=None):
    from dataclasses import replace

    from pipelines.ingest import land
    from stages import identify, match
    from stages.check import STAGES, check, check_raw
    from stages.promote import promote
    from stages.standardise import standardise
    from stages.start import begin
    from store import lock

    registry = place.settings.registry.model_copy(update={"threads": threads})
    settings = replace(place.settings, registry=registry)
    night = replace(place.night(day), settings=settings)
    begin(night)
    try:
        for source in reversed(settings.sources) if backwards else settings.sources:
            land(place, source, day)
            check_raw(night, source)
            standardise(night, source)
        match.prepare(night)
        for party in match.MODELS:
            match.score(night, party)
        match.cluster(night)
        identify.identify(night)
        identify.golden(night)
        for stage in STAGES:
            check(night, stage)
        return promote(night, {})
    finally:
        lock.release(place.home)
