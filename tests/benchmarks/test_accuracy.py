"""`python -m benchmarks accuracy`: finding sets, evidence, causes of failing pairs, the guard, one whole run."""

import json
import math
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from benchmarks.accuracy.evidence import add_evidence
from benchmarks.accuracy.failures import JOINED, SPLIT, failures
from benchmarks.accuracy.measure import judge
from benchmarks.accuracy.recorded import fallen, load_recorded, record
from benchmarks.accuracy.report import failures_page
from benchmarks.accuracy.sets import CASES, LabelledSet, bank_name, find_sets
from matching.model import load
from rules.errors import ConfigError
from rules.settings import load_registry
from stages.evaluate import judged_live
from store.home import Home

FIGURES = {"records": 2, "precision": 1.0, "recall": 1.0, "f1": 0.9, "b3_f1": 0.9, "wrongly_merged": 0,
           "wrongly_split": 0, "blocking_loss": 0.0}  # fmt: skip


@pytest.fixture
def two_sets(tmp_path: Path) -> Path:
    for name in ("known", "unknown"):
        (tmp_path / "data" / "er" / name).mkdir(parents=True)
        (tmp_path / "data" / "er" / name / "truth.parquet").touch()
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "known.yaml").touch()
    return tmp_path


def test_a_set_is_a_folder_with_truth_and_a_case_of_its_name(two_sets):
    found, skipped = find_sets(two_sets / "data", two_sets / "cases")
    assert [(one.name, one.truth.parent.name) for one in found] == [("known", "known")]
    assert skipped == ["unknown"]


def test_a_set_that_is_not_there_or_has_no_case_is_an_error(two_sets):
    with pytest.raises(ConfigError, match="did you mean 'known'"):
        find_sets(two_sets / "data", two_sets / "cases", "knwon")
    with pytest.raises(ConfigError, match="has a case file"):
        find_sets(two_sets / "data", two_sets / "cases", "unknown")


@pytest.mark.parametrize("case", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_case_is_a_registry_like_any_users(case):
    settings = load_registry(case)
    assert settings.rules_folder is None
    for source in settings.sources:
        assert source.read.key == ("record_id",) and "entity_id" not in source.contract.columns


def test_figures_may_fall_by_two_thousandths_and_no_further(tmp_path):
    path = tmp_path / "recorded.yaml"
    record([{"name": "one", **FIGURES, "seconds": 3.0}], path)
    record([{"name": "two", **FIGURES}], path)
    held = load_recorded(path)
    assert list(held) == ["one", "two"] and held["one"] == FIGURES
    assert fallen([{"name": "one", "f1": 0.8981}, {"name": "new", "f1": 0.1}], held) == []
    [told] = fallen([{"name": "one", "f1": 0.8979}], held)
    assert "0.897900" in told and "0.900000" in told


def bank_of(demo_home: Path, clients: int) -> LabelledSet:
    return LabelledSet(bank_name(clients), demo_home / "bank", demo_home / "bank" / "registry.yaml")


def test_the_synthetic_bank_reaches_its_recorded_figure(demo_home, demo_call):
    found = judge(bank_of(demo_home, demo_call.clients), Home(demo_home))
    assert found["name"] in load_recorded()
    assert fallen([found], load_recorded()) == []


def test_evidence_of_a_pair_is_what_scoring_found(demo_home):
    home = Home(demo_home)
    model = load(home.models, "person", "bootstrap")
    with judged_live(home, demo_home / "bank" / "truth.parquet") as con:
        add_evidence(con, model, "pairs_person", "explained")
        rows = con.sql("SELECT levels, pattern FROM explained ORDER BY record_key_l, record_key_r").pl()
        differing = con.execute("SELECT count(*) FROM explained WHERE round(bits * 1e6) <> weight").fetchall()
    assert rows.height > 500 and differing == [(0,)]
    exact = set(model.comparisons) - model.adjusted
    weight = {
        (one["output_column_name"], level["label_for_charts"]): _bits(level)
        for one in model.settings["comparisons"] for level in one["comparison_levels"]
    }  # fmt: skip
    for levels, pattern in rows.unique().iter_rows():
        told = dict(part.split("=") for part in levels.split(", "))
        for name, label in (part.split("=") for part in pattern.split(", ")):
            assert name not in exact or float(told[name]) == pytest.approx(weight[name, label], abs=0.006)


def _bits(level: dict) -> float:
    return math.log2(level["m_probability"] / level["u_probability"]) if "m_probability" in level else 0.0


@pytest.mark.slow
def test_every_failing_pair_has_one_cause(demo_home):
    truth = demo_home / "bank" / "truth.parquet"
    told = failures(Home(demo_home), truth, examples=2)
    counted = {
        failure: sum(row["pairs"] for party in told.values() for row in party.get(failure, []))
        for failure in (SPLIT, JOINED)
    }
    with judged_live(Home(demo_home), truth) as con:
        same = "SELECT count(*) FROM everyone l JOIN everyone r ON l.unit < r.unit"
        split = con.execute(f"{same} WHERE l.entity_id = r.entity_id AND l.cluster_id <> r.cluster_id").fetchall()
        joined = con.execute(f"{same} WHERE l.entity_id <> r.entity_id AND l.cluster_id = r.cluster_id").fetchall()
    assert counted == {SPLIT: split[0][0], JOINED: joined[0][0]}
    assert counted[SPLIT] > 20
    causes = [row for party in told.values() for rows in party.values() for row in rows]
    assert all(len(row["examples"]) == min(2, row["pairs"]) for row in causes)
    assert told == failures(Home(demo_home), truth, examples=2)
    page = failures_page([{"name": "bank", "f1": 0.9, "precision": 1.0, "recall": 0.8, "failures": told}])
    assert all(row["cause"] in page for row in causes)


CASE = """
name: Tiny
sources:
  - name: a
    kind: parquet
    read: {path: records_a.parquet, key: record_id}
    contract: {columns: {record_id: text, given: text, family: text, born: date, mail: text}}
    map:
      - {party_type: person}
      - {name: {given: given, family: family}}
      - {birth_date: born}
      - {contact: {kind: email, value: mail}}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """150 people, each twice, the second time with another spelling of the given name."""
    number = pl.int_range(150, eager=True)
    word = (number * 7919 % 17576).cast(pl.String).str.zfill(5).str.split("").list.eval(
        pl.element().replace(dict(zip("0123456789", "abdegiklno", strict=True)))
    ).list.join("")  # fmt: skip
    people = pl.DataFrame({"entity_id": number, "given": word, "family": word.reverse() + "ov"}).with_columns(
        born=(pl.date(1950, 1, 1) + pl.duration(days=pl.col("entity_id") * 97)).cast(pl.String),
        mail=pl.col("given") + "@mail.test",
    )
    twice = pl.concat([people, people.with_columns(pl.col("given") + "a")]).with_row_index("record_id")
    records = twice.with_columns(pl.col("record_id").cast(pl.String).str.zfill(4))
    (tmp_path / "data" / "tiny").mkdir(parents=True)
    records.drop("entity_id").write_parquet(tmp_path / "data" / "tiny" / "records_a.parquet")
    truth = records.select(pl.lit("a").alias("source"), "record_id", "entity_id")
    truth.write_parquet(tmp_path / "data" / "tiny" / "truth.parquet")
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "tiny.yaml").write_text(CASE, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_the_command_measures_a_set_in_its_own_process(tiny):
    command = ["-m", "benchmarks", "accuracy", "--data", tiny / "data", "--cases", tiny / "cases", "--json",
               "--failures", tiny / "failures.md"]  # fmt: skip
    ran = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    [found] = json.loads(ran.stdout)["sets"]
    assert list(found) == ["name", "records", "seconds", "peak_mb", "precision", "recall", "f1", "b3_f1",
                           "wrongly_merged", "wrongly_split", "blocking_loss"]  # fmt: skip
    assert (found["name"], found["records"]) == ("tiny", 300) and found["f1"] > 0.95
    assert found["seconds"] > 1 and found["peak_mb"] > 100
    assert "tiny: runs" in ran.stderr and "live_version" in ran.stderr
    assert "## tiny" in (tiny / "failures.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_set_that_cannot_be_run_is_told_and_fails_the_command(tiny):
    (tiny / "cases" / "tiny.yaml").write_text(CASE.replace("records_a", "records_b"), encoding="utf-8")
    command = ["-m", "benchmarks", "accuracy", "--data", tiny / "data", "--cases", tiny / "cases", "--json"]
    ran = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and json.loads(ran.stdout) == {"sets": []}
    assert "tiny: could not be measured" in ran.stderr and "records_b.parquet" in ran.stderr


@pytest.mark.slow
def test_nothing_to_measure_is_an_error_with_a_next_step():
    ran = subprocess.run([sys.executable, "-m", "benchmarks", "accuracy"], capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "give --data DIR" in ran.stderr and "Traceback" not in ran.stderr


def test_the_page_on_accuracy_shows_the_recorded_figures() -> None:
    page = (Path(__file__).parents[2] / "docs" / "accuracy.md").read_text(encoding="utf-8")
    for name, figures in load_recorded().items():
        if not name.startswith("synthetic"):
            row = f"| {figures['records']:,} | "
            assert any(row in line and _shown(figures["f1"]) in line for line in page.splitlines()), name


def _shown(figure: float) -> str:
    return f"{figure:.4f}".lstrip("0")
