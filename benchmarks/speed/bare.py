"""Bare Splink on the records of a version: what matching costs without a registry around it.

Here: load, predict, cluster with the night's frozen model on the already standardised table. Not here: the night.
"""

import time

from splink import DuckDBAPI, Linker

from matching.model import MICRO, Model
from matching.refinement import within_limits
from pipelines.context import Place
from stages.match import models
from stages.night import Night
from store import versions
from store.duck import connect, quote


def bare_splink(place: Place, night: Night) -> float:
    """Seconds of loading, predicting and clustering all kinds of party; reading the model is not counted."""
    return round(sum(_of_party(place, model) for model in models(night).values() if model), 3)


def _of_party(place: Place, model: Model) -> float:
    registry, live = place.settings.registry, versions.manifest(place.home)
    with connect([place.home.root], place.home.staging, registry.memory, registry.threads) as con:
        versions.attach(con, place.home, live, [f"match_input_{model.party_type}"])
        read = f"SELECT {', '.join(model.columns)} FROM match_input_{model.party_type}"
        con.execute(f"CREATE TABLE records AS {read}")
        guarded = within_limits(con, "records", model)
        con.execute("DROP TABLE records")
        for column, path in model.frequencies().items():
            con.execute(f"CREATE TABLE model_tf_{column} AS FROM read_parquet({quote(str(path))})")
        started = time.perf_counter()
        con.execute(f"CREATE TABLE records AS {read}")
        api = DuckDBAPI(connection=con)
        linker = Linker(api.register("records"), guarded.model.settings, validate_settings=False, log_level="ERROR")
        for column in model.frequencies():
            linker.table_management.register_term_frequency_lookup(api.register(f"model_tf_{column}"), column)
        bits = model.review_weight / MICRO
        pairs = linker.inference.predict(threshold_match_weight=bits)
        linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_weight=model.match_weight / MICRO
        )
        return time.perf_counter() - started
