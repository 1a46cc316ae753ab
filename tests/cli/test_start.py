"""The command line before any command runs: help of every command, quick start, no heavy library."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "demo", "run", "train", "models", "evaluate", "verify", "versions", "rollback", "doctor", "client", "find",
    "export", "onboard",
)  # fmt: skip
HEAVY = ("dagster", "splink", "duckdb", "polars", "pandas", "pyarrow", "great_expectations", "sqlalchemy")


def test_the_list_of_commands_is_complete(registry):
    from cli.main import app

    registered = set(typer.main.get_command(app).commands)
    assert registered == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(registry, command):
    shown = registry(command, "--help")
    assert shown.code == 0
    assert "Usage" in shown.out and len(shown.out.splitlines()) > 5


def test_help_is_quick_and_imports_nothing_heavy():
    code = f"""
import sys
sys.argv = ["registry", "--help"]
try:
    from cli.main import main
    main()
except SystemExit:
    pass
print("heavy:", [name for name in {HEAVY!r} if name in sys.modules])
"""
    command = [sys.executable, "-c", code]
    begun = time.perf_counter()
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    assert "heavy: []" in shown.stdout
    seconds = [time.perf_counter() - begun]
    while min(seconds) >= 1 and len(seconds) < 4:
        begun = time.perf_counter()
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=30)
        seconds.append(time.perf_counter() - begun)
    assert min(seconds) < 1
