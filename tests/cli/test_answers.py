"""What machines hear: with --json a failing command answers on stdout too, whatever went wrong."""

import json

import pytest


def answer(shown) -> dict:
    found = json.loads(shown.out)
    assert found["ok"] is False and set(found["error"]) == {"place", "problem", "next"}
    return found["error"]


@pytest.mark.parametrize(
    "command", [["verify"], ["client", "1"], ["export", "x"], ["rollback", "1"], ["find", "--record", "a", "b"]]
)
def test_an_expected_error_is_an_object_on_stdout_and_a_sentence_on_stderr(registry, tmp_path, command):
    shown = registry(*command, "--home", tmp_path / "none", "--json")
    error = answer(shown)
    assert shown.code == 1
    assert error["problem"] == "no version has been promoted yet" and "registry run" in error["next"]
    assert error["problem"] in shown.err and "→" in shown.err


def test_without_json_stdout_stays_empty(registry, tmp_path):
    assert registry("verify", "--home", tmp_path / "none").out == ""


@pytest.mark.parametrize("command", [["rollback"], ["run", "--bogus"], ["find"]])
def test_a_wrong_argument_is_answered_with_exit_code_2(registry, command):
    shown = registry(*command, "--json")
    assert shown.code == 2 and answer(shown)["place"] == "command line"
    assert "Usage" in shown.err


def test_an_unexpected_error_tells_its_type_and_place_but_no_text(registry, monkeypatch, tmp_path):
    from store import versions

    def break_down(*_: object) -> None:
        raise ZeroDivisionError("Nagiyev Ali 1990")

    monkeypatch.setattr(versions, "live", break_down)
    shown = registry("versions", "--home", tmp_path, "--json")
    error = answer(shown)
    assert shown.code == 2 and error["place"] == "ZeroDivisionError" and "Nagiyev" not in shown.out + shown.err


def test_export_and_rollback_answer_in_json(registry, home_copy, tmp_path):
    found = json.loads(registry("export", tmp_path / "out", "--home", home_copy, "--json").out)
    assert found["version"] == 2 and "golden_party.parquet" in found["files"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == found["files"]
    assert json.loads(registry("rollback", 1, "--home", home_copy, "--json").out) == {"version": 1, "next_version": 3}


def test_every_line_of_a_problem_is_indented(capsys, monkeypatch):
    from cli.main import _explain
    from rules.errors import RegistryError

    monkeypatch.setattr("sys.argv", ["registry", "run"])
    _explain(RegistryError("night", "raw_a: is missing\nraw_b: is missing", "mend it"))
    assert capsys.readouterr().err == "✗ night\n  raw_a: is missing\n  raw_b: is missing\n  → mend it\n"
