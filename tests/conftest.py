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
from typing import Any

import pytest
from filelock import FileLock

CLIENTS = 600
SEED = 20260302
FIRST, SECOND, THIRD = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
SERVERS = shutil.ignore_patterns("postgres")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of two workers the first makes the demo home while the second takes the tests that do without it.

    One process alone keeps the order of the files: a module's later tests build on its first.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    needs = [item for item in items if "demo_home" in getattr(item, "fixturenames", ())]
    needs.sort(key=lambda item: item.get_closest_marker("long") is None)
    alone = set(items) - set(needs)
    items[:] = [*needs[:1], *(item for item in items if item in alone), *needs[1:]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", action="store_true", help="print the table fault, test, result at the end")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table of faults with what became of their tests; a test fails if one of its parameters does."""
    if not config.getoption("--faults"):
        return
    from tests.faults import table

    outcomes: dict[str, str] = {}
    for outcome in ("skipped", "passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, ()):
            outcomes[report.nodeid.split("::")[-1].split("[")[0]] = outcome
    terminalreporter.section("faults")
    for line in table(outcomes):
        terminalreporter.write_line(line)


@pytest.fixture
def own_environment() -> Iterator[None]:
    """Running a night sets variables, the umask and the known place of this process: put all of them back."""
    before, mask = dict(os.environ), os.umask(0o077)
    os.umask(mask)
    yield
    from pipelines.context import current

    _put_back(before, mask)
    current.cache_clear()


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's home after two nights and one training; read only: take `home_copy` to change anything."""
    return once(shared(tmp_path_factory) / "demo_home", _build_demo)


@pytest.fixture(scope="session")
def small_home(demo_home: Path) -> Path:
    """The small registry after its first night: folders `bank` and `home`; read only: take `small_live`."""
    return once(demo_home.with_name("small_home"), lambda target: _build_small(demo_home, target))


def shared(factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of the session see."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def once(target: Path, build: Callable[[Path], None]) -> Path:
    """`target`, made by the first worker that wants it, with the environment left as it was."""
    before, mask = dict(os.environ), os.umask(0o077)
    with FileLock(target.with_suffix(".lock")):
        if not target.exists():
            build(target.with_suffix(".tmp"))
            target.with_suffix(".tmp").rename(target)
    _put_back(before, mask)
    return target


def _put_back(environment: dict[str, str], mask: int) -> None:
    os.umask(mask)
    os.environ.clear()
    os.environ.update(environment)


def _build_demo(target: Path) -> None:
    """The first night by its stages, which is quicker, the second by the job that the schedule runs.

    Outside pytest's folder, because as root PostgreSQL runs as a user that may not enter it.
    """
    from benchmarks.demo.run import demo, make_bank, systems
    from pipelines.context import set_place
    from pipelines.run import train
    from stages.finish import finish
    from store.home import Home

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        bank = make_bank(Home(home).prepare(), CLIENTS, (FIRST, SECOND), SEED, lambda *_told: None)
        place = set_place(bank / "registry.yaml", home)
        with systems(place, bank, FIRST):
            train(place, FIRST)
            _compute(place, FIRST, end=lambda night, _seconds: finish(night))
        demo(home, CLIENTS, lambda _title: lambda *_told: None, (FIRST, SECOND), SEED)
        shutil.copytree(home, target, ignore=SERVERS)


def _build_small(demo_home: Path, target: Path) -> None:
    _compute(make_small(demo_home, target), FIRST)


@pytest.fixture
def home_copy(demo_home: Path, tmp_path: Path, own_environment: None) -> Path:
    """A copy of the demo home that the test may change."""
    return Path(shutil.copytree(demo_home, tmp_path / "home", ignore=shutil.ignore_patterns("spill-*")))


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
    from benchmarks.demo.run import TWO_FILES
    from pipelines.context import set_place

    bank, home = folder / "bank", folder / "home"
    (bank / "files").mkdir(parents=True)
    shutil.copytree(demo_home / "bank" / "sources", bank / "sources")
    for file in (demo_home / "bank" / "files").glob("*_2026-*"):
        if file.name.startswith(("cards_", "loans_")):
            shutil.copy(file, bank / "files")
    shutil.copy(TWO_FILES, bank / "registry.yaml")
    shutil.copytree(demo_home / "models", home / "models")
    return set_place(bank / "registry.yaml", home)


@pytest.fixture
def small_live(small_home: Path, tmp_path: Path, own_environment: None) -> object:
    """The small registry after its first night, to go on with."""
    from pipelines.context import set_place

    folder = shutil.copytree(small_home, tmp_path / "live")
    return set_place(folder / "bank" / "registry.yaml", folder / "home")


@pytest.fixture(scope="session")
def days() -> SimpleNamespace:
    """The demo's two business dates and the one after."""
    return SimpleNamespace(first=FIRST, second=SECOND, third=THIRD)


@pytest.fixture(scope="session")
def demo_call() -> SimpleNamespace:
    """What the demo home was asked for."""
    return SimpleNamespace(clients=CLIENTS, dates=(FIRST, SECOND), seed=SEED)


@pytest.fixture(scope="session")
def compute() -> Callable[..., object]:
    """`compute(place, day, threads, backwards, full)`: a night by its stages, without Dagster; its manifest."""
    return _compute


def _compute(place, day, threads=None, backwards=False, full=False, end=None):
    from dataclasses import replace

    from pipelines.ingest import land
    from stages.promote import promote
    from stages.start import begin
    from stages.steps import compute
    from store import lock

    registry = place.settings.registry.model_copy(update={"threads": threads})
    settings = replace(place.settings, registry=registry)
    night = replace(place.night(day), settings=settings)
    begin(night, full)
    try:
        for source in reversed(settings.delivered) if backwards else settings.delivered:
            land(place, source, day)
        return (end or promote)(night, compute(night))
    finally:
        lock.release(place.home)
