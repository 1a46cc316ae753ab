"""The index of the live version, followed: the one before answers meanwhile, but not after an erasure or damage."""

import asyncio
import shutil
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

from rules.errors import IntegrityError, StoreError
from stages.index.read import Index
from stewardship import indexed, serving, sessions
from stewardship.indexed import Indexed
from stewardship.sessions import Tokens
from store import versions
from store.desk import Database
from store.home import Home


@pytest.fixture
def home(demo_home, tmp_path) -> Home:
    return Home(Path(shutil.copytree(demo_home, tmp_path / "home", ignore=shutil.ignore_patterns("spill-*"))))


@pytest.fixture
def opening(home, monkeypatch):
    """An index follower whose opening waits for `opening.set()` from the second time on."""
    go, first = threading.Event(), threading.Event()
    real = indexed.open_index

    def slow(place):
        if first.is_set():
            go.wait(20)
        first.set()
        return real(place)

    monkeypatch.setattr(indexed, "open_index", slow)
    told: list[int] = []
    go.follower, go.told = Indexed(home, lambda index: told.append(index.version.version)), told
    yield go
    go.set()
    go.follower.close()


def test_the_version_before_answers_until_the_new_one_is_open(home, opening):
    follower = opening.follower
    assert asyncio.run(follower.live()).version.version == 2 and opening.told == [2]
    versions.rollback(home, 1)
    assert follower.asked().version.version == 2, "nobody waits"
    opening.set()
    follower._next.result()
    assert follower.asked().version.version == 1 and opening.told == [2, 1]


def test_who_asks_while_the_first_index_opens_is_told_to_come_again(home, monkeypatch):
    go, real = threading.Event(), indexed.open_index
    monkeypatch.setattr(indexed, "open_index", lambda place: go.wait(20) and real(place))
    monkeypatch.setattr(serving, "PATIENCE", 0.05)
    follower = Indexed(home, lambda index: None)
    for ask in (lambda: asyncio.run(follower.live()), follower.wait):
        with pytest.raises(StoreError, match="still being opened"):
            ask()
    go.set()
    assert follower._next.result().version.version == 2 and follower.wait().version.version == 2
    follower.close()


def test_after_an_erasure_nobody_is_answered_by_what_was_before(home, opening):
    follower = opening.follower
    before = asyncio.run(follower.live())
    manifest = versions.manifest(home)
    revised = manifest.model_copy(update={"rules_hash": "revised"})
    versions.revise(home, revised)
    coming = follower.asked()
    assert isinstance(coming, Future), "who asks waits"
    opening.set()
    after = coming.result()
    assert after.version == revised and after.folder != before.folder and not before.folder.exists()


def test_damage_is_told_to_everybody_until_it_is_mended(home, opening):
    follower = opening.follower
    asyncio.run(follower.live())
    opening.set()
    named = [{file.path for table in versions.manifest(home, one).tables for file in table.files} for one in (1, 2)]
    file = home.root / min(named[0] - named[1])
    whole = file.read_bytes()
    file.chmod(0o600)
    versions.rollback(home, 2)
    point = home.pointer.read_bytes()
    versions.rollback(home, 1)
    file.write_bytes(whole[:-1] + b"x")
    for _ in range(2):
        found = follower.asked()
        if isinstance(found, Index):
            found = follower._next
        with pytest.raises(IntegrityError, match="damaged"):
            found.result()
    home.pointer.write_bytes(point)
    assert asyncio.run(follower.live()).version.version == 2


def test_a_home_without_a_version_says_so(tmp_path):
    with pytest.raises(StoreError, match="registry run"):
        Indexed(Home(tmp_path), print).asked()


def test_a_token_that_another_process_revokes_ends_at_once(tmp_path):
    home = Home(tmp_path).prepare()
    database, other = Database(home), Database(home)
    tokens, secret = Tokens(database), sessions.issue_token(other, "scoring", 1)
    assert tokens.of(secret).name == tokens.of(secret).name == "scoring" and tokens.of("another") is None
    sessions.revoke_token(other, "scoring")
    assert tokens.of(secret) is None
    database.close()
