"""The whole way on FEBRL data, and what the declared value of unseen levels does there."""

import copy
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from matching import clustering, scoring
from matching.evaluation import evaluate
from matching.model import Model
from tests.matching.conftest import open_with


def measured(records: pl.DataFrame, trained: Model, folder: Path) -> dict[str, float]:
    with open_with(records, folder) as con:
        scoring.score(con, trained, "match_input_person", "pairs_person")
        clustering.cluster(con, "person", "pairs_person", trained.match_weight, trained.review_weight)
        con.execute(r"""
            CREATE TABLE judged AS
            SELECT record_key AS unit, cluster_key AS cluster_id,
                   regexp_extract(record_id, 'rec-(\d+)-', 1) AS entity_id
            FROM clusters_person JOIN key_map USING (record_key)""")
        return evaluate(con)


def with_silent_defaults(trained: Model) -> Model:
    """The same model as Splink would have saved it: unseen levels without weights."""
    settings = copy.deepcopy(trained.settings)
    for declared in settings["comparisons"]:
        unseen = trained.facts["untrained_levels"].get(declared["output_column_name"], [])
        for level in declared["comparison_levels"]:
            if level["label_for_charts"] in unseen:
                level.pop("m_probability")
    return replace(trained, settings=settings)


@pytest.fixture
def folder(trained: Model) -> Path:
    return trained.folder.parent


def test_clusters_are_right_and_unseen_levels_do_not_hurt(records: pl.DataFrame, trained: Model, folder: Path) -> None:
    ours = measured(records, trained, folder)
    assert ours["precision"] == 1 and ours["f1"] >= 0.97 and ours["wrongly_merged"] == 0
    assert ours["f1"] >= measured(records, with_silent_defaults(trained), folder)["f1"]
