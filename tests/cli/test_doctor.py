"""`registry doctor` looks at each declared source without reading it."""

import json
import os
from datetime import date
from pathlib import Path

import pytest

from cli.doctor import examine
from cli.reach import reach
from rules.sources import Source

DAY = date(2026, 3, 2)


def declared(path: str = "in/a.csv") -> dict[str, object]:
    return {"name": "a", "kind": "csv", "read": {"path": path, "key": "id"}, "contract": {"columns": {"id": "text"}},
            "map": [{"party_type": "person"}]}  # fmt: skip


def source(path: str = "in/a.csv", **changes: object) -> Source:
    return Source.model_validate({**declared(path), **changes})


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "in").mkdir()
    for name in ("a.csv", "d_2026-03-01.csv", "d_2026-02-28.csv"):
        (tmp_path / "in" / name).write_text("id\n1\n")
    (tmp_path / "in" / "empty.csv").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("path", "state", "said"),
    [
        ("in/a.csv", "ok", "a.csv"),
        ("in/d_*.csv", "ok", "2 files"),
        ("in/none.csv", "problem", "no file 'in/none.csv'"),
        ("in/empty.csv", "problem", "'empty.csv' is empty"),
        ("../a.csv", "problem", "must not contain"),
        ("in/d_{date}.csv", "warning", "no file for 2026-03-02; the newest is 'd_2026-03-01.csv'"),
        ("in/e_{date}.csv", "problem", "no file 'in/e_2026-03-02.csv'"),
    ],
)
def test_files(folder, path, state, said):
    found = reach(source(path), folder, DAY)
    assert (found.state, said in found.found) == (state, True), found
    assert bool(found.mend) == (state != "ok")


@pytest.mark.parametrize(
    ("spill", "state", "said"),
    [("", "ok", "at most the free disk beyond 2GB"), ("1GB", "ok", "at most 1GB beyond 2GB of memory"),
     ("9000 TB", "warning", "at most 9000 TB beyond 2GB of memory, ")],
)  # fmt: skip
def test_what_a_night_may_spill_is_said_in_advance(folder, spill, state, said):
    (folder / "a.yaml").write_text(json.dumps(declared()))
    config = folder / "registry.yaml"
    config.write_text("sources: [a.yaml]\nmemory: 2GB\n" + (f"spill: {spill}\n" if spill else ""))
    told = {each["what"]: each for each in examine(config, folder / "home", day=DAY)}
    assert told["spill"]["state"] == state and told["spill"]["found"].startswith(said)
    assert told["home"]["found"] == f"{folder / 'home'}, to be made"


def test_the_dated_file_of_the_day(folder):
    assert reach(source("in/d_{date}.csv"), folder, date(2026, 2, 28)).found == "d_2026-02-28.csv"
    assert reach(source(str(folder / "in" / "d_{date}.csv")), Path("elsewhere"), DAY).state == "warning"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_of_another_user(folder):
    (folder / "in" / "a.csv").chmod(0)
    assert "not readable" in reach(source(), folder, DAY).found


def test_variables_of_connection_and_token(monkeypatch, folder):
    rest = source(kind="rest", connection="${X_URL}/v1", read={"key": "id", "token": "${X_TOKEN}"})
    monkeypatch.delenv("X_URL", raising=False)
    monkeypatch.setenv("X_TOKEN", "hunter2")
    found = reach(rest, folder, DAY)
    assert found.state == "problem" and "X_URL" in found.found and "X_TOKEN" not in found.found
    assert "export X_URL" in found.mend
    monkeypatch.setenv("X_URL", "https://me:hunter2@host")
    found = reach(rest, folder, DAY)
    assert found.state == "ok" and "hunter2" not in found.found


def test_a_missing_file_makes_the_command_fail_and_data_moves_the_folder(registry, folder, tmp_path):
    bank = tmp_path / "bank"
    bank.mkdir()
    (bank / "registry.yaml").write_text(
        "sources: [{name: a, kind: csv, read: {path: in/a.csv, key: id}, contract: {columns: {id: text}},"
        " map: [{party_type: person}]}]\n"
    )
    asked = ("doctor", "--config", bank / "registry.yaml", "--home", tmp_path / "home", "--json")
    shown = registry(*asked)
    found = {finding["what"]: finding for finding in json.loads(shown.out)}
    assert shown.code == 1 and found["source a"]["state"] == "problem" and "in/a.csv" in found["source a"]["found"]
    assert str(bank) in found["source a"]["mend"] and found["registry.yaml"]["state"] == "ok"
    assert registry(*asked, "--data", folder).code == 0


def test_a_missing_registry_is_not_sent_back_to_the_doctor(registry, tmp_path):
    shown = registry("doctor", "--config", tmp_path / "none.yaml", "--home", tmp_path / "home", "--json")
    mend = json.loads(shown.out)[-1]["mend"]
    assert shown.code == 1 and mend and "doctor" not in mend


def test_a_cluster_is_declared_and_this_machine_cannot_use_it(registry, tmp_path, monkeypatch):
    (tmp_path / "registry.yaml").write_text(
        "sources: [{name: a, kind: csv, read: {path: a.csv, key: id}, contract: {columns: {id: text}},"
        " map: [{party_type: person}]}]\nengine: spark\nspark: {master: 'spark://host:7077'}\n"
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    shown = registry("doctor", "--config", tmp_path / "registry.yaml", "--home", tmp_path / "home", "--json")
    [found] = [finding for finding in json.loads(shown.out) if finding["what"] == "engine"]
    assert found["state"] == "problem" and "spark.lock" in found["mend"] and shown.code == 1
