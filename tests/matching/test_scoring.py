"""Scoring with a frozen model: a pair's weight is a function of its two records alone."""

from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from matching import predicting, scoring
from matching.model import Model
from rules.contracts.matched import Pairs
from rules.errors import ModelError
from store.hashing import content_hash
from store.steps import made_by
from tests.matching.conftest import open_with, rekeyed


def scored(frame: pl.DataFrame, folder: Path, trained: Model, threads: int = 1) -> tuple[str, int]:
    with open_with(frame, folder, threads) as con:
        con.execute("CREATE TABLE mine AS SELECT 1")
        scoring.score(con, trained, "match_input_person", "pairs_person")
        assert _tables(con) == {"given_frame", "key_map", "match_input_person", "mine", "pairs_person"}
        Pairs.validate(con.sql("SELECT * FROM pairs_person").pl())
        return content_hash(con, "pairs_person", Pairs)


def _tables(con: duckdb.DuckDBPyConnection) -> set[str]:
    return {str(row[0]) for row in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}


@pytest.fixture
def folder(trained: Model) -> Path:
    return trained.folder.parent


def test_threads_order_and_keys_do_not_matter(records: pl.DataFrame, trained: Model, folder: Path) -> None:
    first = scored(records, folder, trained)
    assert first[1] > 400
    assert scored(records, folder, trained, threads=2) == first
    assert scored(rekeyed(records, 11), folder, trained, threads=4) == first


def test_more_pairs_than_memory_takes_at_once_are_predicted_in_parts(
    records: pl.DataFrame, trained: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scored(records, folder, trained)
    monkeypatch.setattr(predicting, "PAIRS_AT_ONCE", 1_000)
    predicting._WRITTEN.clear()
    assert scored(records, folder, trained) == whole
    [written] = predicting._WRITTEN.values()
    assert sum("blocked_id_pairs" in (made_by(one) or "") for one in written.statements) > 1
    assert scored(records, folder, trained, threads=2) == whole


def test_pairs_around_changed_records_are_predicted_in_parts_too(
    records: pl.DataFrame, trained: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def around() -> list[tuple[int, ...]]:
        with open_with(records, folder) as con:
            con.execute("CREATE TABLE touched AS SELECT record_key FROM match_input_person WHERE record_key % 2 = 0")
            scoring.score_around(con, trained, "match_input_person", "touched", "found")
            return con.execute("SELECT * FROM found ORDER BY ALL").fetchall()

    predicting._WRITTEN.clear()
    whole = around()
    monkeypatch.setattr(predicting, "PAIRS_AT_ONCE", 500)
    assert around() == whole and len(predicting._WRITTEN) == 2 and len(whole) > 100


def test_a_pair_weighs_the_same_alone_and_among_others(records: pl.DataFrame, trained: Model, folder: Path) -> None:
    with open_with(records, folder) as con:
        scoring.score(con, trained, "match_input_person", "pairs_person")
        rows = "SELECT * FROM pairs_person ORDER BY weight DESC, 1, 2 LIMIT 1"
        [one] = con.execute(rows).fetchall()
        con.execute(f"CREATE TABLE two AS SELECT * FROM match_input_person WHERE record_key IN ({one[0]}, {one[1]})")
        scoring.score(con, trained, "two", "pairs_two")
        assert con.execute("SELECT * FROM pairs_two").fetchall() == [one]


def test_splink_writes_its_sql_once_and_it_gives_the_same_on_another_connection(
    records: pl.DataFrame, trained: Model, folder: Path
) -> None:
    predicting._WRITTEN.clear()
    first = scored(records, folder, trained)
    [written] = predicting._WRITTEN.values()
    assert scored(records, folder, trained) == first and list(predicting._WRITTEN.values()) == [written]
    stricter = replace(trained, settings=trained.settings | {"probability_two_random_records_match": 1e-6})
    assert scored(records, folder, stricter) != first and len(predicting._WRITTEN) == 2, "other settings, other SQL"


def test_every_pair_that_shares_an_element_of_a_list_and_a_birth_date_is_found(
    records: pl.DataFrame, trained: Model, folder: Path
) -> None:
    with open_with(records, folder) as con:
        scoring.score(con, trained, "match_input_person", "pairs_person")
        shared = """
            SELECT l.record_key, r.record_key FROM match_input_person l JOIN match_input_person r
            ON l.record_key < r.record_key AND list_has_any(l.identifiers, r.identifiers)
            AND l.birth_date = r.birth_date"""
        missed = f"{shared} EXCEPT SELECT record_key_l, record_key_r FROM pairs_person"
        assert len(con.execute(shared).fetchall()) > 200 and con.execute(missed).fetchall() == []


def test_levels_add_up_to_the_weight(records: pl.DataFrame, trained: Model, folder: Path) -> None:
    with open_with(records, folder) as con:
        scoring.score(con, trained, "match_input_person", "pairs_person")
        pairs = con.sql("SELECT weight, levels FROM pairs_person").pl()
    parts = pairs["levels"].str.extract_all(r"[+-]\d+\.\d\d").list.eval(pl.element().cast(pl.Float64)).list.sum()
    offsets = (pairs["weight"] / 1e6 - parts).round(1)
    assert offsets.n_unique() <= 2 and offsets.max() < 0


def test_a_missing_column_is_refused(records: pl.DataFrame, trained: Model, folder: Path) -> None:
    with open_with(records, folder) as con:
        con.execute("ALTER TABLE match_input_person DROP COLUMN postcode")
        with pytest.raises(ModelError, match="postcode"):
            scoring.score(con, trained, "match_input_person", "pairs_person")


@pytest.mark.parametrize("wrong", ["record_key = 1", "record_key = NULL"])
def test_repeated_or_missing_record_keys_are_refused(
    records: pl.DataFrame, trained: Model, folder: Path, wrong: str
) -> None:
    with open_with(records, folder) as con:
        con.execute(f"UPDATE match_input_person SET {wrong} WHERE record_key = 2")
        with pytest.raises(ModelError, match="unique and not null"):
            scoring.score(con, trained, "match_input_person", "pairs_person")


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_records_make_no_pairs(records: pl.DataFrame, trained: Model, folder: Path, count: int) -> None:
    assert scored_rows(records[:count], folder, trained) == 0


def scored_rows(frame: pl.DataFrame, folder: Path, trained: Model) -> int:
    with open_with(frame, folder) as con:
        scoring.score(con, trained, "match_input_person", "pairs_person")
        return content_hash(con, "pairs_person", Pairs)[1]


def test_records_of_two_legal_entities_are_kept_apart_when_asked() -> None:
    records = "(1, 'a'), (2, 'a'), (3, 'b'), (4, NULL), (5, NULL)"
    found = "(1, 2), (2, 3), (3, 4), (4, 5)"
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE input AS SELECT * FROM (VALUES {records}) t(record_key, legal_entity)")
        con.execute(f"CREATE TABLE pairs AS SELECT * FROM (VALUES {found}) t(record_key_l, record_key_r)")
        scoring.keep_within_entities(con, "pairs", "input")
        assert con.execute("SELECT * FROM pairs").fetchall() == [(1, 2), (4, 5)]
