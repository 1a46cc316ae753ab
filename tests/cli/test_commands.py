"""The commands on the demo home: what they print, their JSON, their errors."""

import json
import shutil

import polars as pl
import pytest

from cli.summary import show_summary, summary
from store import versions
from store.home import Home

FIGURES = ["records", "precision", "recall", "f1", "b3_f1", "wrongly_merged", "wrongly_split", "blocking_loss"]


def table(home, name) -> pl.DataFrame:
    from store.home import Home
    from tests.tables import table as rows

    return rows(Home(home), name)


@pytest.fixture
def one(demo_home) -> dict:
    """A client known to core and at least one other source."""
    walk = table(demo_home, "crosswalk")
    several = walk.filter(pl.len().over("client_number") > 1).filter(pl.col("source") == "core")
    return several.sort("client_number").row(0, named=True)


@pytest.mark.slow
def test_verify_as_text_and_json(registry, demo_home):
    shown = registry("verify", "--home", demo_home)
    assert shown.code == 0 and "holds" in shown.out and "BROKEN" not in shown.out
    found = json.loads(registry("verify", "--home", demo_home, "--json").out)
    assert found["ok"] is True
    assert {"id", "name", "ok", "rows"} == set(found["invariants"][0])


def test_verify_of_a_damaged_home_exits_1_and_says_which_invariant(registry, home_copy):
    from store import versions
    from store.home import Home

    path = home_copy / versions.manifest(Home(home_copy)).table("golden_party").files[0].path
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    shown = registry("verify", "--home", home_copy, "--json")
    broken = [i["id"] for i in json.loads(shown.out)["invariants"] if not i["ok"]]
    assert shown.code == 1 and broken == ["publication.files"]


def test_evaluate_gives_exactly_the_declared_object(registry, demo_home):
    truth = demo_home / "bank" / "truth.parquet"
    found = json.loads(registry("evaluate", "--home", demo_home, "--truth", truth, "--json").out)
    assert list(found) == ["person", "organisation", "all"]
    assert all(sorted(figures) == sorted(FIGURES) for figures in found.values())
    assert found["person"]["wrongly_merged"] == 0 and found["person"]["f1"] >= 0.87


def test_versions_mark_the_live_one(registry, demo_home):
    rows = json.loads(registry("versions", "--home", demo_home, "--json").out)
    assert [(row["version"], row["parent"], row["live"]) for row in rows] == [(1, None, False), (2, 1, True)]
    assert "2026-03-03" in registry("versions", "--home", demo_home).out


def test_models_are_listed_with_their_promotion(registry, demo_home):
    rows = json.loads(registry("models", "--home", demo_home, "--json").out)
    assert {row["promoted as"] for row in rows} == {"bootstrap"}
    assert "bootstrap" in registry("models", "--home", demo_home).out


def test_client_shows_golden_record_lineage_and_records(registry, demo_home, one):
    found = json.loads(registry("client", one["client_number"], "--home", demo_home, "--json").out)
    assert found["party"]["client_number"] == one["client_number"] and not found["redirected"]
    assert ("core", one["record_id"]) in [(row["source"], row["record_id"]) for row in found["records"]]
    assert len(found["records"]) > 1
    assert {row["source"] for row in found["lineage"]} <= {row["source"] for row in found["records"]}
    assert "Lineage" in registry("client", one["client_number"], "--home", demo_home).out


def test_a_mistyped_client_number_is_told_from_an_unknown_one(registry, demo_home, one):
    digits = one["client_number"]
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    shown = registry("client", wrong, "--home", demo_home)
    assert shown.code == 1 and "check digits" in shown.err and "Traceback" not in shown.err


def test_find_by_record_and_by_document(registry, demo_home, one):
    found = json.loads(registry("find", "--record", "core", one["record_id"], "--home", demo_home, "--json").out)
    assert [row["client_number"] for row in found] == [one["client_number"]]
    document = table(demo_home, "golden_identifier").filter(pl.col("type") == "az_fin").row(0, named=True)
    written = f"{document['number'][:3]} {document['number'][3:].lower()}"
    found = json.loads(registry("find", "--document", "az_fin", written, "--home", demo_home, "--json").out)
    assert document["client_number"] in [row["client_number"] for row in found]


def test_find_of_nobody_exits_1_and_find_of_nothing_is_explained(registry, demo_home):
    shown = registry("find", "--record", "core", "no such record", "--home", demo_home)
    assert (shown.code, shown.out.strip()) == (1, "No client found.")
    assert json.loads(registry("find", "--record", "core", "none", "--home", demo_home, "--json").out) == []
    assert registry("find", "--home", demo_home).code == 2


def test_rollback_moves_the_pointer_and_says_what_comes_next(registry, home_copy):
    shown = registry("rollback", 1, "--home", home_copy)
    assert shown.code == 0 and "Version 1 is live" in shown.out and "version 3" in shown.out
    rows = json.loads(registry("versions", "--home", home_copy, "--json").out)
    assert [row["live"] for row in rows] == [True, False]
    latest = {path.parent.name: path.read_text() for path in (home_copy / "published").glob("*/latest.txt")}
    assert latest == dict.fromkeys(("parquet", "csv-crm", "findings"), "000001\n")


def test_export_copies_the_published_snapshot(registry, demo_home, tmp_path):
    shown = registry("export", tmp_path / "out", "--home", demo_home)
    assert shown.code == 0
    exported = pl.read_parquet(tmp_path / "out" / "golden_party.parquet")
    assert exported.height == table(demo_home, "golden_party").height


def test_export_of_a_kind_that_is_not_published_names_the_next_step(registry, demo_home, tmp_path):
    shown = registry("export", tmp_path / "out", "--home", demo_home, "--kind", "xml")
    assert shown.code != 0 and "Traceback" not in shown.err


def test_an_empty_home_says_what_to_do_first(registry, tmp_path):
    for command in (["verify"], ["client", "1"], ["export", tmp_path / "x"], ["rollback", "1"]):
        shown = registry(*command, "--home", tmp_path / "none")
        assert shown.code == 1, command
        assert "no version has been promoted yet" in shown.err and "→ run `registry run` first" in shown.err
    assert not (tmp_path / "none").exists()


def test_onboard_proposes_a_source(registry, demo_home):
    shown = registry("onboard", demo_home / "bank" / "files" / "cards_2026-03-02.csv")
    assert shown.code == 0 and "contract:" in shown.out and "az_fin" in shown.out


def test_doctor_on_a_sound_home(registry, demo_home, monkeypatch):
    asked = ("doctor", "--home", demo_home, "--config", demo_home / "bank" / "registry.yaml", "--json")
    for variable in ("CORE_DSN", "CRM_URL"):
        monkeypatch.setenv(variable, "set")
    shown = registry(*asked, "--date", "2026-03-03")
    states = {finding["what"]: finding["state"] for finding in json.loads(shown.out)}
    assert shown.code == 0, shown.out
    assert states["live version"] == states["registry.yaml"] == "ok"
    assert {state for what, state in states.items() if what.startswith("source ")} == {"ok"}
    monkeypatch.delenv("CORE_DSN")
    shown = registry(*asked)
    found = {finding["what"]: finding for finding in json.loads(shown.out)}
    assert shown.code == 1 and "CORE_DSN" in found["source core"]["found"]
    assert found["source cards"]["state"] == "warning" and "2026-03-03" in found["source cards"]["found"]


def test_doctor_names_what_is_wrong_with_its_mend(registry, home_copy):
    (home_copy / "current.json").write_text("{", encoding="utf-8")
    shown = registry("doctor", "--home", home_copy)
    assert shown.code == 1 and "not a valid pointer" in shown.out


@pytest.fixture
def typo(demo_home, tmp_path):
    bank = tmp_path / "bank"
    shutil.copytree(demo_home / "bank" / "sources", bank / "sources")
    text = (demo_home / "bank" / "registry.yaml").read_text(encoding="utf-8")
    (bank / "registry.yaml").write_text(text.replace("time_zone:", "timezone:"), encoding="utf-8")
    return bank / "registry.yaml"


def test_a_typo_in_yaml_names_file_line_and_nearest_key(registry, typo, tmp_path):
    line = 1 + [row.split(":")[0] for row in typo.read_text(encoding="utf-8").splitlines()].index("timezone")
    for command in (["run"], ["train"], ["doctor"]):
        shown = registry(*command, "--config", typo, "--home", tmp_path / "home")
        assert shown.code == 1, command
        said = (shown.err + shown.out).replace("\n", "")
        assert f"registry.yaml:{line}" in said and "unknown key 'timezone'" in said and "'time_zone'" in said
        assert "Traceback" not in said


def test_a_failed_night_is_one_readable_sentence(registry, small_place, tmp_path):
    shown = registry("run", "--config", small_place.settings.path, "--home", small_place.home.root, "--date",
                     "2026-03-09")  # fmt: skip
    assert shown.code == 1
    assert "✗ night of 2026-03-09" in shown.err and "source cards" in shown.err and "→" in shown.err
    told = [line.split(":")[0] for line in shown.err.splitlines() if line.startswith("  raw_")]
    assert sorted(told) == ["  raw_cards", "  raw_loans"]
    assert "Traceback" not in shown.err and "Traceback" not in shown.out


def test_evaluate_without_a_truth_file_names_it(registry, demo_home, tmp_path):
    shown = registry("evaluate", "--home", demo_home, "--truth", tmp_path / "none.parquet")
    assert shown.code == 1 and "none.parquet" in shown.err and "does not exist" in shown.err


def test_evaluate_takes_a_csv_and_leaves_the_figures_of_a_party_without_records_open(registry, demo_home, tmp_path):
    truth = pl.read_parquet(demo_home / "bank" / "truth.parquet")
    truth.filter(pl.col("source") == "companies").write_csv(tmp_path / "truth.csv")
    command = ("evaluate", "--home", demo_home, "--truth", tmp_path / "truth.csv")
    found = json.loads(registry(*command, "--json").out)
    assert found["person"] == dict.fromkeys(FIGURES) | {"records": 0}
    assert found["organisation"]["records"] > 0 and found["organisation"]["f1"] is not None
    [line] = [line for line in registry(*command).out.splitlines() if "person" in line]
    assert [cell.strip() for cell in line.split("│")[2:-1]] == ["0", *["-"] * 7]


def test_the_summary_names_a_source_with_much_in_quarantine(demo_home, capsys, monkeypatch):
    home = Home(demo_home)
    version = versions.manifest(home)
    assert "core" not in summary(home, version, new=True)["much_quarantined"]
    monkeypatch.setattr("cli.summary.MUCH", 0.001)
    found = summary(home, version, new=True)
    show_summary(found | {"much_quarantined": {"core": 0.26}})
    assert 0.001 < found["much_quarantined"]["core"] < 0.1
    assert "! core: 26% of its rows are quarantined" in capsys.readouterr().out
