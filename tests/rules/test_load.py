"""YAML made to exhaust the loader is refused; anchors in ordinary use are read; mistakes in the text are explained."""

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


def test_a_repeated_key_is_refused_with_both_lines(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"x\.yaml:3: the key 'b' stands twice, first in line 2 → keep one"):
        read_yaml(put(tmp_path, "a:\n  b: 1\n  b: 2\n"))
    with pytest.raises(ConfigError, match="'1' stands twice"):
        read_yaml(put(tmp_path, 'a: [{1: x, "1": y}]'))


def test_a_key_may_stand_in_several_mappings_and_override_a_merged_one(tmp_path: Path) -> None:
    data, _ = read_yaml(put(tmp_path, "a: &a {k: 1}\nb: {<<: *a, k: 2}\nc: *a\n"))
    assert data == {"a": {"k": 1}, "b": {"k": 2}, "c": {"k": 1}}


@pytest.mark.parametrize("word", ["no", "YES", "on"])
def test_a_bare_truth_value_as_a_key_is_explained(tmp_path: Path, word: str) -> None:
    with pytest.raises(ConfigError, match=rf"x\.yaml:2: the key {word} is read as true or false → put it in quotes"):
        read_yaml(put(tmp_path, f"columns:\n  {word}: text\n"))
    assert read_yaml(put(tmp_path, f"columns:\n  '{word}': text\n"))[0] == {"columns": {word: "text"}}


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("a: 1\n\tb: 2\n", 2, "no tab"),
        ("a: [%d.%m.%Y]\n", 1, "in quotes"),
        ("a: @home\n", 1, "in quotes"),
        ("a: b: c\n", 1, "colon"),
        ("a: {b: 1\nc: 2\n", 2, "close the {"),
        ("a: [b, c\n\nd: 2\n", 3, "close the \\["),
        ("a: 1\nb 2\nc: 3\n", 3, "space after the colon"),
        ("a: 1\n b: 2\n", 2, "in quotes if it holds a colon, else check the indentation"),
        ("a: 'x' y\n", 1, "quotes in the middle"),
        ("a: !!python/name:os.system x\n", 1, "no tags"),
    ],
)
def test_a_syntax_error_says_what_usually_mends_it(tmp_path: Path, text: str, line: int, hint: str) -> None:
    with pytest.raises(ConfigError, match=rf"x\.yaml:{line}: .*→ .*{hint}"):
        read_yaml(put(tmp_path, text))


def test_what_is_left_open_is_found_where_it_began(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="began in line 1"):
        read_yaml(put(tmp_path, "a: {b: 1\nc: 2\n"))


def test_a_folder_or_no_file_at_all_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(ConfigError) as caught:
            read_yaml(path)
        assert caught.value.place == str(path) and caught.value.next_step and "doctor" not in str(caught.value)


def test_no_shipped_file_repeats_a_key() -> None:
    for path in load.DEFAULTS.rglob("*.yaml"):
        read_yaml(path)
