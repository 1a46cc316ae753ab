"""The command line before any command runs: help of every command, quick start, no heavy library."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).parents[2]
COMMANDS = (
    "demo", "run", "train", "models", "evaluate", "verify", "versions", "rollback", "doctor", "client", "find",
    "export", "onboard", "explain", "blocking", "decide", "diff", "findings", "replay", "clean", "quality", "gates",
    "notes", "erase", "export-subject", "serve", "users", "tokens",
    "acknowledge", "contract-test", "operation", "outputs", "publish", "quarantine", "report", "search",
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
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    assert "heavy: []" in shown.stdout
    assert min(_seconds(command) for _ in range(2)) < 2


def _seconds(command):
    """Processor time of a command: a busy machine must not fail this."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=30)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
