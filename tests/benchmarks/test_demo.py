"""The demo run again: on its own home nothing is computed, on a fresh home everything comes out the same."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.demo.run import demo
from store import versions
from store.home import Home
from store.manifest import Manifest


@pytest.fixture
def outside(own_environment) -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter, also when root runs the tests."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def manifests(home: Path) -> list[Manifest]:
    return [versions.manifest(Home(home), number) for number in versions.numbers(Home(home))]


@pytest.mark.long
def test_the_same_home_gives_the_same_versions_and_computes_nothing(demo_home, demo_call, outside):
    home = shutil.copytree(demo_home, outside / "home")
    before = {path: path.read_bytes() for path in sorted((home / "versions").rglob("*")) if path.is_file()}
    steps: list[str] = []
    ran = demo(home, demo_call.clients, lambda _: lambda step, *_told: steps.append(step), demo_call.dates,
               demo_call.seed)  # fmt: skip
    assert [(night.version.version, night.new) for night in ran] == [(1, False), (2, False)]
    assert steps == []
    assert {path: path.read_bytes() for path in sorted((home / "versions").rglob("*")) if path.is_file()} == before


@pytest.mark.slow
def test_a_fresh_home_with_the_same_seed_gives_the_same_models_and_hashes(demo_home, demo_call, outside):
    home = outside / "home"
    demo(home, demo_call.clients, lambda _: lambda *_told: None, demo_call.dates, demo_call.seed)
    for mine, theirs in zip(manifests(home), manifests(demo_home), strict=True):
        assert mine.models == theirs.models
        assert mine.inputs == theirs.inputs
        assert mine.content_hashes == theirs.content_hashes
