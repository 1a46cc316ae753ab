"""A whole night on the demo bank: figures, invariants, determinism, conservation, numbers over two nights."""

import shutil

import polars as pl
import pytest

from pipelines.context import set_place
from stages.evaluate import evaluate_live
from stages.verify import verify
from store import snapshots, versions
from store.home import Home

FIGURES = {"records", "precision", "recall", "f1", "b3_f1", "wrongly_merged", "wrongly_split", "blocking_loss"}


@pytest.fixture(scope="session")
def home(demo_home) -> Home:
    return Home(demo_home)


def table(home: Home, name: str, version: int | None = None) -> pl.DataFrame:
    files = versions.manifest(home, version).table(name).files
    return pl.concat([pl.read_parquet(home.root / file.path) for file in files])


@pytest.mark.long
def test_persons_are_found_again_against_the_truth(home, demo_home):
    found = evaluate_live(home, demo_home / "bank" / "truth.parquet")
    assert {name: set(figures) for name, figures in found.items()} == dict.fromkeys(
        ("person", "organisation", "all"), FIGURES
    )
    assert found["person"]["f1"] >= 0.90
    assert found["all"]["f1"] >= 0.85


def test_every_invariant_holds_on_both_versions(home):
    for version in (1, 2):
        found = verify(home, version)
        assert found["ok"], [i for i in found["invariants"] if not i["ok"]]
        assert len(found["invariants"]) > 10


def test_every_delivered_row_is_a_record_or_in_quarantine(home):
    for version in (1, 2):
        read = {entry.source: entry.rows for entry in versions.manifest(home, version).inputs}
        records = table(home, "std_record", version)["source"].value_counts()
        refused = table(home, "quarantine", version)["source"].value_counts()
        kept = pl.concat([records, refused]).group_by("source").agg(pl.col("count").sum())
        assert dict(kept.iter_rows()) == read
        assert refused["count"].sum() > 0


def test_every_quarantined_row_says_rule_and_reason(home):
    found = table(home, "quarantine")
    assert found["rule"].null_count() == found["reason"].null_count() == 0


def test_client_numbers_survive_the_second_night(home):
    keys = ["source", "record_id"]
    both = table(home, "crosswalk", 1).join(table(home, "crosswalk", 2), on=keys, suffix="_2")
    same = both.filter(pl.col("client_number") == pl.col("client_number_2"))
    assert same.height >= 0.99 * both.height
    given = set(table(home, "ledger_number", 1)["client_number"])
    assert given <= set(table(home, "ledger_number", 2)["client_number"])


def test_every_number_ever_given_resolves_to_a_live_one_or_a_tombstone(home):
    ledger = table(home, "ledger_number")
    live = set(ledger.filter(pl.col("state") == "live")["client_number"])
    merged = ledger.filter(pl.col("state") == "merged")
    assert set(merged["resolves_to"]) <= live
    assert set(table(home, "golden_party")["client_number"]) == live


def test_a_fresh_home_gives_the_same_hashes_whatever_the_threads_and_the_order_of_arrival(
    demo_home, home, tmp_path, own_environment, compute, days
):
    fresh = tmp_path / "fresh"
    for part in ("raw", "models"):
        shutil.copytree(demo_home / part, fresh / part)
    place = set_place(demo_home / "bank" / "registry.yaml", fresh)
    made = [compute(place, day, threads=1, backwards=True) for day in (days.first, days.second)]
    for mine, theirs in zip(made, (versions.manifest(home, 1), versions.manifest(home, 2)), strict=True):
        assert mine.content_hashes == theirs.content_hashes


def test_shuffled_input_rows_give_the_same_hashes(another_small, compute, days):
    straight, shuffled = another_small("straight"), another_small("shuffled")
    file = shuffled.data / "files" / f"cards_{days.first}.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join([head, *sorted(rows, key=lambda row: row[::-1])]), encoding="utf-8")
    one = compute(straight, days.first, threads=2).content_hashes
    other = compute(shuffled, days.first, threads=1).content_hashes
    place_of_rows = ("quarantine",)
    assert {k: v for k, v in one.items() if k not in place_of_rows} == {
        k: v for k, v in other.items() if k not in place_of_rows
    }


def test_rollback_then_a_new_night_never_reuses_versions_or_numbers(small_place, compute, days):
    home = small_place.home
    compute(small_place, days.first)
    compute(small_place, days.second)
    given = set(table(home, "ledger_number", 2)["client_number"])
    gained = given - set(table(home, "ledger_number", 1)["client_number"])
    versions.rollback(home, 1)
    assert versions.manifest(home).version == 1
    third = compute(small_place, days.second)
    assert (third.version, third.parent) == (3, 1)
    after = table(home, "ledger_number", 3)
    assert given <= set(after["client_number"]) and after["client_number"].is_unique().all()
    assert gained, "the second night must have given numbers for this test to say anything"
    assert verify(home)["ok"]


def test_rows_are_the_same_for_the_same_day_even_if_the_file_changes(small_place, compute, days):
    first = compute(small_place, days.first)
    file = small_place.data / "files" / f"cards_{days.first}.csv"
    file.write_text(file.read_text(encoding="utf-8") + "late;row\n", encoding="utf-8")
    assert compute(small_place, days.first).content_hashes["golden_party"] == first.content_hashes["golden_party"]


def test_a_snapshot_is_never_changed(small_place, compute, days):
    compute(small_place, days.first)
    facts = snapshots.read_facts(small_place.home, "cards", days.first)
    compute(small_place, days.second)
    assert snapshots.read_facts(small_place.home, "cards", days.first) == facts
