"""YAML made to exhaust the loader is refused; anchors in ordinary use are read."""

from pathlib import Path

import pytest

from rules import load
from rules.errors import ConfigError
from rules.load import read_yaml

CASE = Path(__file__).parents[2] / "benchmarks/cases/febrl4.yaml"


def put(folder: Path, text: str) -> Path:
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    return folder / "x.yaml"


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(levels: int) -> str:
    lines = ["a0: &a0 {k: v}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize("text", [bomb(9), merge_bomb(9)], ids=["lists", "merges"])
def test_aliases_of_aliases_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="aliases stand for more than 100000"):
        read_yaml(put(tmp_path, text))


@pytest.mark.parametrize("text", ["[" * 5_000 + "]" * 5_000, "a: &a [*a]"], ids=["deep", "circle"])
def test_endless_nesting_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="nested too deeply"):
        read_yaml(put(tmp_path, text))


@pytest.mark.parametrize("text", ["a: 2026-13-45", "a: " + "9" * 5_000])
def test_dates_and_numbers_that_cannot_be_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="date or number"):
        read_yaml(put(tmp_path, text))


def test_anchors_in_ordinary_use_are_read() -> None:
    data, _ = read_yaml(CASE)
    assert data["sources"][0]["contract"] == data["sources"][1]["contract"]


def test_a_long_file_without_aliases_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_MOST_NODES", 100)
    assert len(load.read_yaml(put(tmp_path, "- [a]\n" * 200))[0]) == 200
