"""Scoring: a frozen model and a match projection → scored pairs.

Here: one call of Splink with registered frequencies. Not here: training, thresholds, clusters. With a frozen model
a pair's weight is a function of its two records alone. Agreement that a household shares is not counted twice.
"""

import duckdb
from splink import DuckDBAPI, Linker

from matching.model import Model
from matching.training import MICRO, assert_keys
from rules.errors import ModelError
from store.duck import quote, scalar

FLOOR_BITS = -2
"""Pairs weaker than this below the review threshold are of no use to anyone and are not kept."""


def score(con: duckdb.DuckDBPyConnection, model: Model, table: str, output: str) -> None:
    """Create `output` (shape of `pairs_*`) with every candidate pair not far below the review threshold."""
    _assert_fits(con, model, table)
    con.execute(f"CREATE OR REPLACE TABLE scoring_input AS SELECT {', '.join(model.columns)} FROM {table} ORDER BY 1")
    if scalar(con, "SELECT count(*) FROM scoring_input") < 2:
        _nothing(con, output)
        return
    linker = _linker(con, model)
    predicted = linker.inference.predict(threshold_match_weight=_least(model))
    con.execute(_pairs_sql(model, predicted.physical_name, output))
    linker.table_management.delete_tables_created_by_splink_from_db()
    for made in ("scoring_input", *(f"model_tf_{column}" for column in model.frequencies())):
        con.execute(f"DROP TABLE {made}")


def keep_within_entities(con: duckdb.DuckDBPyConnection, pairs: str, projection: str) -> None:
    """Drop pairs of records that belong to different legal entities; records of no entity match among themselves."""
    con.execute(f"""
        CREATE OR REPLACE TABLE {pairs} AS
        SELECT p.* FROM {pairs} p JOIN {projection} l ON l.record_key = p.record_key_l
        JOIN {projection} r ON r.record_key = p.record_key_r
        WHERE l.legal_entity IS NOT DISTINCT FROM r.legal_entity ORDER BY p.record_key_l, p.record_key_r""")


def _linker(con: duckdb.DuckDBPyConnection, model: Model) -> Linker:
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register("scoring_input"), model.settings, log_level="ERROR")
    for column, path in model.frequencies().items():
        con.execute(f"CREATE OR REPLACE TABLE model_tf_{column} AS SELECT * FROM read_parquet({quote(str(path))})")
        linker.table_management.register_term_frequency_lookup(api.register(f"model_tf_{column}"), column)
    return linker


def _assert_fits(con: duckdb.DuckDBPyConnection, model: Model, table: str) -> None:
    present = {str(row[0]) for row in con.execute(f"DESCRIBE {table}").fetchall()}
    lacking = sorted(set(model.columns) - present)
    if lacking:
        raise ModelError(f"model {model.name}", f"reads columns that are not there: {lacking}", "train a new model")
    assert_keys(con, table)


def _pairs_sql(model: Model, predicted: str, output: str) -> str:
    parts = _parts(model)
    discount = _discount(model, parts)
    levels = [f"concat('{name}=', printf('%+.2f', {weight}))" for name, weight in parts.items()]
    counted = "CASE WHEN discount > 0 THEN concat('correlated=', printf('%+.2f', -discount)) END"
    return f"""
        CREATE OR REPLACE TABLE {output} AS
        SELECT least(record_key_l, record_key_r) AS record_key_l, greatest(record_key_l, record_key_r) AS record_key_r,
               CAST(round((match_weight - discount) * {MICRO}) AS BIGINT) AS weight,
               CAST(match_key AS INTEGER) AS match_key, concat_ws(', ', {", ".join([*levels, counted])}) AS levels
        FROM (SELECT *, {discount} AS discount FROM {predicted})
        WHERE match_weight - discount >= {_least(model)} ORDER BY 1, 2"""


def _parts(model: Model) -> dict[str, str]:
    """Weight of each comparison in bits, its frequency adjustment included, as SQL."""
    adjusted = model.adjusted
    return {name: f"mw_{name}" + (f" + mw_tf_adj_{name}" if name in adjusted else "") for name in model.comparisons}


def _discount(model: Model, parts: dict[str, str]) -> str:
    """What correlated agreement counts too much: in each group all but the strongest, less its share, as SQL."""
    found = ["0"]
    for group in model.facts.get("correlated", []):
        agreeing = [f"greatest({parts[field]}, 0)" for field in group["fields"] if field in parts]
        if len(agreeing) > 1:
            found.append(f"{1 - group['share']} * ({' + '.join(agreeing)} - greatest({', '.join(agreeing)}))")
    return " + ".join(found)


def _least(model: Model) -> float:
    return model.review_weight / MICRO + FLOOR_BITS


def _nothing(con: duckdb.DuckDBPyConnection, output: str) -> None:
    con.execute(f"""
        CREATE OR REPLACE TABLE {output} (record_key_l BIGINT, record_key_r BIGINT, weight BIGINT, match_key INTEGER,
        levels VARCHAR)""")
