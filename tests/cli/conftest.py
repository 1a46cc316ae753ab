"""The command line called in this process, as `registry …` would be."""

import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest


@pytest.fixture
def registry(monkeypatch, capsys, own_environment) -> Callable[..., SimpleNamespace]:
    """`registry("verify", "--home", home)` gives code, out and err."""

    def run(*arguments: object) -> SimpleNamespace:
        from cli.main import main

        monkeypatch.setattr(sys, "argv", ["registry", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        code: object = 0
        try:
            main()
        except SystemExit as left:
            code = left.code
        shown = capsys.readouterr()
        return SimpleNamespace(code=code, out=shown.out, err=shown.err)

    return run
