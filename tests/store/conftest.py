"""Homes with promoted versions, made of small real files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from store import versions
from store.home import Home
from store.manifest import Manifest, RunEntry, TableEntry


def build(home: Home, text: str, version: int | None = None, parent: int | None = None) -> Manifest:
    """The next version of `home`, holding one table whose file is `text`; not promoted."""
    staged = home.staging / "clusters.parquet"
    staged.write_bytes(text.encode())
    pointer = versions.live(home)
    return Manifest(
        version=version or versions.next_number(home), parent=parent or (pointer.version if pointer else None),
        business_date=date(2026, 1, 1), inputs=(), models={"person": "person-1"}, rules_hash="r", code_version="c",
        tables=(
            TableEntry(name="clusters", rows=1, content_hash=text_hash(text), files=(versions.adopt(home, staged, 1),)),
        ), checks=(),
        run=RunEntry(started="2026-01-01T02:30:00", seconds={}),
    )  # fmt: skip


def text_hash(text: str) -> str:
    return text.rjust(32, "0")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def make() -> Callable[..., Manifest]:
    return build
