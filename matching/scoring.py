"""Scoring: a frozen model and a match projection → scored pairs.

Here: one call of Splink with registered frequencies. Not here: training, thresholds, clusters. With a frozen model
a pair's weight is a function of its two records alone, against strangers and against relatives.
"""

from dataclasses import replace

import duckdb

from matching import within
from matching.association import strangers
from matching.blocking import Rule, pairs_around_sql
from matching.fitting import assert_fits, assert_keys
from matching.model import MICRO, Model
from matching.predicting import Written, drop, predict
from matching.refinement import Refined, within_limits
from matching.relatives import taken_off
from store.duck import scalar

TAKEN_TOLD = "CASE WHEN taken >= 0.005 THEN concat('relatives=', printf('%+.2f', -taken)) END"
"""SQL: what `levels` says of the bits `taken` off because relatives share them too."""
FLOOR_BITS = -2
"""Pairs of which it is four times as likely that they are two clients are of no use to anyone and are not kept."""


def score(
    con: duckdb.DuckDBPyConnection, model: Model, table: str, output: str, parts: str = "", pairs: int = 0
) -> dict[Rule, Refined]:
    """Create `output` (shape of `pairs_*`) with every candidate pair not far below the review threshold.

    Returns the rules that exceeded the model's cap on these records, with what was left of each. `parts` names a table
    that gets what Splink adds up for every pair: each comparison's weight in bits and, where kept, its level. `pairs`
    says how many there are where no rule of the model does.
    """
    assert_fits(con, model, table)
    assert_keys(con, table)
    if scalar(con, f"SELECT count(*) FROM {table}") < 2:
        _nothing(con, model, output, parts)
        return {}
    made, refined, predicted = candidates(con, model, table, _least(model) - 1 / MICRO, pairs)
    con.execute(pairs_into(model, predicted, output))
    if parts:
        con.execute(parts_into(predicted, parts))
    close(con, model, made)
    return refined


def score_given(
    con: duckdb.DuckDBPyConnection, model: Model, table: str, pairs: str, output: str, parts: str = ""
) -> None:
    """Create `output` (shape of `pairs_*`) with exactly `pairs` (record_key_l, record_key_r), `parts` as in `score`.

    No blocking rule, cap or floor counts; the weight of a pair is the one that `score` gives it.
    """
    given = _number(con, table, pairs)
    score(con, of_given_pairs(model), "given_record", output, parts, given)
    con.execute("DROP TABLE given_record")


def _number(con: duckdb.DuckDBPyConnection, table: str, pairs: str) -> int:
    """Make `given_record`: every record carries the numbers of its pairs, and Splink blocks on a common number.

    Returns how many pairs there are.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE given_record AS
        WITH numbered AS (SELECT *, row_number() OVER (ORDER BY record_key_l, record_key_r) AS id
                          FROM (SELECT DISTINCT record_key_l, record_key_r FROM {pairs})),
             ends AS (SELECT record_key_l AS record_key, id FROM numbered
                      UNION ALL SELECT record_key_r, id FROM numbered),
             held AS (SELECT record_key, list(id ORDER BY id) AS pair_ids FROM ends GROUP BY record_key)
        SELECT t.*, held.pair_ids FROM {table} t JOIN held USING (record_key)""")
    return scalar(con, "SELECT max(list_max(pair_ids)) FROM given_record")


def score_around(con: duckdb.DuckDBPyConnection, model: Model, table: str, touched: str, output: str) -> None:
    """Create `output` with the pairs of `score` that have an end in `touched(record_key)`.

    Only right where no blocking rule exceeds its cap: then a candidate pair is a matter of its two records alone.
    """
    assert_fits(con, model, table)
    assert_keys(con, table)
    found = " UNION ".join(pairs_around_sql(table, touched, rule) for rule in model.blocking)
    con.execute(f"CREATE OR REPLACE TEMP TABLE around AS {found}")
    score_found(con, model, table, "around", output)
    con.execute("DROP TABLE around")


def score_found(con: duckdb.DuckDBPyConnection, model: Model, table: str, pairs: str, output: str) -> None:
    """Create `output` with those of the candidate `pairs` that `score` keeps; `table` holds both records of each."""
    given = _number(con, table, pairs)
    score(con, _on_numbers(model), "given_record", output, pairs=given)
    con.execute("DROP TABLE given_record")


def of_given_pairs(model: Model) -> Model:
    """The model blocking on `pair_ids` alone, without cap or floor; with the values it keeps the levels."""
    numbered = _on_numbers(model)
    settings = numbered.settings | {"retain_matching_columns": True}
    return replace(numbered, settings=settings, facts=numbered.facts | {"review_weight": -(10**15)})


def _on_numbers(model: Model) -> Model:
    """The model blocking on `pair_ids` alone: what it finds far below the review threshold is not kept."""
    rule = {"blocking_rule": "l.pair_ids = r.pair_ids", "sql_dialect": "duckdb", "arrays_to_explode": ["pair_ids"]}
    settings = {"blocking_rules_to_generate_predictions": [rule]}
    facts = {"blocking": [], "columns": [*model.columns, "pair_ids"]}
    return replace(model, settings=model.settings | settings, facts=model.facts | facts)


def candidates(
    con: duckdb.DuckDBPyConnection, model: Model, table: str, least: float, pairs: int = 0
) -> tuple[Written, dict[Rule, Refined], str]:
    """Splink's predictions for every candidate pair of `table` at or above `least` bits against strangers.

    Returns what Splink made, to be dropped by `close`, the rules that exceeded the cap, and the predictions' table.
    """
    con.execute(f"CREATE OR REPLACE TABLE scoring_input AS SELECT {', '.join(model.columns)} FROM {table} ORDER BY 1")
    guarded = within_limits(con, "scoring_input", model)
    made = predict(con, guarded.model, "scoring_input", least, max(guarded.pairs, pairs))
    return made, guarded.refined, within.corrected(con, guarded.model, made.predicted, "scoring_input")


def keep_within_entities(con: duckdb.DuckDBPyConnection, pairs: str, projection: str) -> None:
    """Drop pairs of records that belong to different legal entities; records of no entity match among themselves."""
    con.execute(f"""
        CREATE OR REPLACE TABLE {pairs} AS
        SELECT p.* FROM {pairs} p JOIN {projection} l ON l.record_key = p.record_key_l
        JOIN {projection} r ON r.record_key = p.record_key_r
        WHERE l.legal_entity IS NOT DISTINCT FROM r.legal_entity ORDER BY p.record_key_l, p.record_key_r""")


def close(con: duckdb.DuckDBPyConnection, model: Model, made: Written) -> None:
    """Drop what `candidates` left in the connection."""
    drop(con, model, made)
    within.drop(con)
    con.execute("DROP TABLE scoring_input")


def pairs_into(model: Model, predicted: str, output: str) -> str:
    """SQL that creates `output` (shape of `pairs_*`) of Splink's predictions."""
    told = [f"concat('{name}=', printf('%+.2f', {weight}))" for name, weight in model.parts.items()]
    told.append(TAKEN_TOLD)
    return f"""
        CREATE OR REPLACE TABLE {output} AS
        SELECT least(record_key_l, record_key_r) AS record_key_l, greatest(record_key_l, record_key_r) AS record_key_r,
               weight, concat_ws(', ', {", ".join(told)}) AS levels,
               0::BIGINT AS raised
        FROM (SELECT *, {final_weight(model)} AS weight, {taken(model)} AS taken FROM {predicted})
        WHERE weight >= {_least(model) * MICRO} ORDER BY 1, 2"""


def final_weight(model: Model, against_strangers: str = "match_weight") -> str:
    """SQL: weight of a pair in whole millionths of a bit, from its weight in bits against independent strangers."""
    return f"CAST(round(({against_strangers} - {taken(model, against_strangers)}) * {MICRO}) AS BIGINT)"


def taken(model: Model, against_strangers: str = "match_weight") -> str:
    """SQL: bits that a pair loses because relatives share its values too."""
    return taken_off(model.relatives, model.parts, strangers(model.associated, model), against_strangers)


def parts_into(predicted: str, output: str) -> str:
    """SQL that creates `output` with the level and weight of each comparison."""
    return f"""
        CREATE OR REPLACE TABLE {output} AS
        SELECT least(record_key_l, record_key_r) AS record_key_l, greatest(record_key_l, record_key_r) AS record_key_r,
               COLUMNS('^(gamma|mw)_.*') FROM {predicted}"""


def _least(model: Model) -> float:
    """Bits from which a pair is kept; what records left over gain may lift it over the floor."""
    return min(model.review_weight / MICRO, 0) + FLOOR_BITS - int(model.left_over["weight"]) / MICRO


def _nothing(con: duckdb.DuckDBPyConnection, model: Model, output: str, parts: str) -> None:
    keys = "record_key_l BIGINT, record_key_r BIGINT"
    con.execute(f"CREATE OR REPLACE TABLE {output} ({keys}, weight BIGINT, levels VARCHAR, raised BIGINT)")
    if parts:
        told = "".join(f", gamma_{name} INTEGER, mw_{name} DOUBLE" for name in model.comparisons)
        con.execute(f"CREATE OR REPLACE TABLE {parts} ({keys}{told})")
