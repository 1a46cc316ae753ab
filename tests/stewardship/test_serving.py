"""The live version, served: a new one answers without a restart, a request keeps its own, cleaning is not held up."""

import shutil
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from queue import Queue

import pytest

from rules.errors import IntegrityError, StoreError
from stewardship import following, serving
from stewardship.desk import desk
from stewardship.following import Following
from stewardship.serving import Served
from store import reading, versions
from store.home import Home


@pytest.fixture
def own(peopled_home, tmp_path) -> Home:
    return Home(Path(shutil.copytree(peopled_home, tmp_path / "home")))


def test_a_roll_back_is_followed_at_once_and_a_request_keeps_its_version(own):
    served = Served(own)
    with served.live() as before:
        assert before.number == 2
        versions.rollback(own, 1)
        with served.live() as after:
            assert after.number == 1
        with before.cursor() as con:
            assert con.execute("SELECT count(*) FROM crosswalk").fetchone()[0] > 0, "still open for its reader"
    with served.live() as again:
        assert again is after, "opened once"
    served.close()
    with pytest.raises(Exception, match=r"[Cc]losed"):
        before.con.execute("SELECT 1")


def test_others_are_answered_by_the_version_before_while_a_new_one_opens(own, monkeypatch):
    served, opening, go_on = Served(own), threading.Event(), threading.Event()
    with served.live():
        versions.rollback(own, 1)
    opened = serving.open_version

    def slow(*asked):
        opening.set()
        go_on.wait(10)
        return opened(*asked)

    monkeypatch.setattr(serving, "open_version", slow)
    numbers = []

    def ask():
        with served.live() as found:
            numbers.append(found.number)

    first = threading.Thread(target=ask)
    first.start()
    opening.wait(10)
    ask()
    go_on.set()
    first.join()
    ask()
    served.close()
    assert numbers == [2, 1, 1]


def test_who_asks_while_the_first_version_opens_is_told_to_come_again(own, monkeypatch):
    served, opening, go_on = Served(own), threading.Event(), threading.Event()

    def slow(*asked):
        opening.set()
        go_on.wait(10)
        raise StoreError("the disk", "is slow", "wait")

    def ask():
        with pytest.raises(StoreError, match="is slow"), served.live():
            pass

    monkeypatch.setattr(serving, "open_version", slow)
    monkeypatch.setattr(serving, "PATIENCE", 0.05)
    first = threading.Thread(target=ask)
    first.start()
    opening.wait(10)
    with pytest.raises(StoreError, match="still being opened"), served.live():
        pass
    go_on.set()
    first.join()
    served.close()


def test_a_new_version_is_opened_before_anybody_asks(own, monkeypatch):
    monkeypatch.setattr(following, "SECONDS", 0.05)
    told: Queue[str] = Queue()
    held = desk(own)
    watch = Following(held, told.put)
    assert told.get(timeout=60) == "Open  version 2"
    versions.rollback(own, 1)
    assert told.get(timeout=60) == "Open  version 1"
    with held.served.live() as found:
        assert found.number == 1 and not isinstance(held.indexed.asked(), Future)
    watch.close()
    held.close()


def test_a_version_that_cannot_be_opened_is_told_to_the_operator_once(own, monkeypatch):
    monkeypatch.setattr(following, "SECONDS", 0.05)
    told: Queue[str] = Queue()

    def failing(*_):
        raise StoreError("DuckDB", "did not suffice: memory 2GB")

    monkeypatch.setattr(serving, "open_version", failing)
    held = desk(own)
    watch = Following(held, told.put)
    assert "No version can be opened: DuckDB: did not suffice" in told.get(timeout=60)
    time.sleep(0.3)
    watch.close()
    held.close()
    assert told.empty()


def test_only_the_live_version_is_held_against_cleaning(own):
    served = Served(own)
    with served.live() as live:
        with reading.alone(own, 1) as free:
            assert free
        with reading.alone(own, live.number) as free:
            assert not free
    served.close()


def test_many_threads_ask_while_the_version_changes(own):
    served, wrong, stop = Served(own), [], threading.Event()

    def ask():
        while not stop.is_set():
            with served.live() as live, live.cursor() as con:
                rows = con.execute("SELECT count(*) FROM golden_party").fetchone()[0]
                if rows != live.manifest.table("golden_party").rows:
                    wrong.append((live.number, rows))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for number in (1, 2, 1):
        versions.rollback(own, number)
    stop.set()
    for thread in threads:
        thread.join()
    served.close()
    assert not wrong


def test_a_home_without_a_version_says_so(tmp_path):
    with pytest.raises(StoreError, match="registry run"), Served(Home(tmp_path)).live():
        pass


def test_a_damaged_version_is_not_served(own):
    first, second = (
        {file.path for table in versions.manifest(own, number).tables for file in table.files} for number in (1, 2)
    )
    file = own.root / min(second - first)
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    served = Served(own)
    with pytest.raises(IntegrityError, match="damaged files"), served.live():
        pass
    versions.rollback(own, 1)
    with served.live() as found:
        assert found.number == 1, "after a roll-back it serves again"
    served.close()


def test_a_client_is_found_by_an_index(own):
    served = Served(own)
    with served.live() as live, live.cursor() as con:
        number = con.execute("SELECT min(client_number) FROM crosswalk").fetchone()
        plan = con.execute("EXPLAIN ANALYZE SELECT * FROM crosswalk WHERE client_number = ?", number).fetchone()
    served.close()
    assert "Index Scan" in plan[1]
