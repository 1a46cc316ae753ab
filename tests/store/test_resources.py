"""A machine that runs out: the work fails with its own error, the live version stays and the next run works."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rules.errors import StoreError
from store import versions
from store.duck import connect
from store.home import Home

ROOT = Path(__file__).parents[2]
PROMOTE = """
import resource, signal, sys
from pathlib import Path
from store.home import Home
from tests.store.promote_until_killed import promote
home = Home(Path(sys.argv[1])).prepare()
promote(home, "old")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
kind, most = getattr(resource, sys.argv[2]), int(sys.argv[3])
resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))
try:
    for _ in range(100):
        open_files = [open("/dev/null") for _ in range(most if kind == resource.RLIMIT_NOFILE else 0)]
        promote(home, "new")
except OSError as error:
    print(type(error).__name__, error.errno)
"""


def run_out(home: Home, kind: str, most: int) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", PROMOTE, str(home.root), kind, str(most)]
    return subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=60).stdout


@pytest.mark.parametrize(("kind", "most"), [("RLIMIT_FSIZE", 400), ("RLIMIT_NOFILE", 64)])
def test_a_promotion_without_room_or_descriptors_leaves_the_old_version_whole(tmp_path: Path, kind, most) -> None:
    """A file that may grow no further fails each write as a full disk does."""
    home = Home(tmp_path / "home")
    assert run_out(home, kind, most).startswith("OSError")
    live = versions.manifest(home)
    assert live.version == 1 and versions.damaged(home, live) == []
    versions.sweep(home)
    assert list(home.staging.iterdir()) == []


@pytest.mark.parametrize("spill", [None, "10MB"])
def test_a_query_beyond_memory_and_temp_cap_is_said_and_leaves_no_spill(tmp_path: Path, spill: str | None) -> None:
    with (
        pytest.raises(StoreError, match=f"memory 20MB, and {spill or 'the free disk'}"),
        connect([tmp_path], tmp_path / "work", memory="20MB", threads=1, spill=spill) as con,
    ):
        con.execute("SELECT list(i) FROM range(50000000) t(i)").fetchall()
    assert list((tmp_path / "work").iterdir()) == []


def test_an_output_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        Home(tmp_path / "file" / "home").prepare()
