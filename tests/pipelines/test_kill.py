"""Kill -9 in the middle of a night, then the night again: the same hashes as one that was never disturbed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.context import set_place
from pipelines.run import run_night
from stages.verify import verify
from store import versions

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("night_until_killed.py")
RUN = "from cli.main import main; main()"


@pytest.mark.slow
def test_a_run_killed_half_way_through_the_job_and_run_again(small_place, small_home, days):
    home = small_place.home
    command = [sys.executable, "-c", RUN, "run", "--config", str(small_place.settings.path), "--home", str(home.root),
               "--date", str(days.first)]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        night = small_place.night(days.first)
        while run.poll() is None and not night.path("match_input_person").exists():
            time.sleep(0.02)
        run.send_signal(signal.SIGKILL)
        run.communicate()
    assert run.returncode == -signal.SIGKILL
    assert versions.live(home) is None
    assert run_night(small_place, days.first).new
    expected = versions.manifest(type(home)(small_home / "home"), 1).content_hashes
    assert versions.manifest(home).content_hashes == expected
    assert verify(home)["ok"]


@pytest.mark.slow
def test_a_night_killed_at_every_third_table_write_and_run_again(small_place, small_home, days):
    """One home, killed later and later: each night starts from what all the killed ones left."""
    folder = small_place.home.root.parent
    command = [sys.executable, str(SCRIPT), str(folder), str(days.first), "0", "3"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line.split() for line in done.stdout.splitlines()]
    assert len(lines) > 10
    assert {died for _, died in lines[:-1]} == {str(-signal.SIGKILL)} and lines[-1][1] == "0"
    killed = set_place(folder / "bank" / "registry.yaml", folder / "home")
    undisturbed = versions.manifest(type(killed.home)(small_home / "home"), 1)
    assert versions.manifest(killed.home).content_hashes == undisturbed.content_hashes
    assert verify(killed.home)["ok"]
