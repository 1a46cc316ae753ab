"""Kill -9 at every line of store code that a promotion runs: the live version is N or N+1, never a mix."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rules.errors import HomeBusy
from store import lock, versions
from store.home import Home

SCRIPT = Path(__file__).with_name("promote_until_killed.py")
ROOT = SCRIPT.parents[2]


def python(*arguments: str) -> subprocess.Popen[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        [sys.executable, *arguments], env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    with python(str(SCRIPT), str(tmp_path_factory.mktemp("kills"))) as run:
        out, _ = run.communicate(timeout=60)
    assert run.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


def test_every_step_was_tried(kills: list[dict]) -> None:
    assert len(kills) > 30 and [k["died"] for k in kills] == [True] * (len(kills) - 1) + [False]


def test_live_version_is_the_old_or_the_new_one(kills: list[dict]) -> None:
    live = [k["live"] for k in kills]
    assert set(live) == {1, 2} and live == sorted(live)


def test_sweep_leaves_a_home_that_works(kills: list[dict]) -> None:
    for kill in kills:
        assert kill["swept"] == kill["live"] and kill["damaged"] == [] and kill["leftovers"] == [], kill
        assert kill["next"] == kill["live"] + 1, kill


HOLD = """
import sys; from pathlib import Path; from store import lock; from store.home import Home
lock.acquire(Home(Path(sys.argv[1]))); print("held", flush=True); sys.stdin.read()
"""


def test_second_writer_is_refused_while_the_first_lives_and_a_dead_ones_lock_is_free(home: Home) -> None:
    with python("-c", HOLD, str(home.root)) as first:
        assert first.stdout is not None and first.stdout.readline() == "held\n"
        with pytest.raises(HomeBusy, match=f"process {first.pid}"):
            lock.acquire(home)
        first.kill()
        first.wait()
        assert (home.root / "run.holder").exists()
        lock.acquire(home)
    lock.acquire(home)
    lock.release(home)
    lock.release(home)
    assert not (home.root / "run.holder").exists()


def test_reading_needs_no_lock(home: Home) -> None:
    with python("-c", HOLD, str(home.root)) as first:
        assert first.stdout is not None and first.stdout.readline() == "held\n"
        assert versions.live(home) is None
        first.communicate("")
