"""Search before create: the records of a version that new records might be, found over an index, weighed by the model.

Here: the index over the model's blocking rules, candidates, their weights. Not here: making new records right, whose
records were found (stages/search). A connection serves one model; `index` is called once, `search` for some new
records together: DuckDB takes a tenth of a second to make the model's expressions ready, whatever the number of pairs.
The weight of a pair is what a night gives it before it knows who is left over (left_over).
"""

from collections.abc import Sequence

import duckdb
import polars as pl

from matching import within
from matching.blocking import Rule, keys_sql
from matching.fitting import assert_fits
from matching.model import Model
from matching.predicting import drop_made, predict_again, read_frequencies
from matching.refinement import limits_in
from matching.scoring import of_given_pairs, pairs_into, parts_into
from rules.matching import key

RECORDS, KEYS = "search_record", "search_key"
MOST = 50
"""Candidates of a new record that are weighed: those that share the rarest keys."""
_ASKED, _PAIRS = "search_asked", "search_pair"


def index(con: duckdb.DuckDBPyConnection, model: Model, projection: str) -> None:
    """Make RECORDS, the projection with its rows numbered by (source, record_id), and KEYS; hold the frequencies.

    `projection` has the columns of `match_input_*` and `record_id`.
    """
    con.execute(f"""
        CREATE TABLE {RECORDS} AS
        SELECT * REPLACE (row_number() OVER (ORDER BY source, record_id) AS record_key) FROM {projection}
        ORDER BY record_key""")
    assert_fits(con, model, RECORDS)
    con.execute(f"CREATE INDEX {RECORDS}_key ON {RECORDS} (record_key)")
    con.execute(f"CREATE TABLE {KEYS} (key UBIGINT, record_key BIGINT, size BIGINT)")
    for place, rule in enumerate(model.blocking):
        con.execute(f"INSERT INTO {KEYS} {_held_keys(model, place, rule)}")
    con.execute(f"CREATE TABLE sorted AS FROM {KEYS} ORDER BY key, record_key")
    con.execute(f"DROP TABLE {KEYS}")
    con.execute(f"ALTER TABLE sorted RENAME TO {KEYS}")
    read_frequencies(con, model)


def search(con: duckdb.DuckDBPyConnection, model: Model, asked: str, most: int = MOST) -> pl.DataFrame:
    """Candidates of the records in `asked` (columns of `match_input_*`, record keys below 0) with their weights.

    Columns: those of `pairs_*` with the new record as record_key_l and the place in RECORDS as record_key_r, and
    gamma_*, mw_*, mw_tf_adj_* of each comparison. At most `most` for each new record.
    """
    given = of_given_pairs(model)
    con.execute(_candidates_sql(model, asked, most))
    con.execute(f"""
        CREATE OR REPLACE TABLE {_ASKED} AS
        WITH numbered AS (SELECT *, row_number() OVER (ORDER BY record_key_l, record_key_r) AS id FROM {_PAIRS}),
             ends AS (SELECT record_key_l AS record_key, id FROM numbered
                      UNION ALL SELECT record_key_r, id FROM numbered),
             held AS (SELECT record_key, list(id ORDER BY id) AS pair_ids FROM ends GROUP BY record_key),
             few AS (FROM {asked} UNION ALL BY NAME
                     SELECT * EXCLUDE (record_id) FROM {RECORDS} SEMI JOIN held USING (record_key))
        SELECT {", ".join(f"few.{column}" for column in model.columns)}, pair_ids FROM few JOIN held USING (record_key)
        ORDER BY record_key""")
    written = predict_again(con, given, _ASKED)
    predicted = within.corrected(con, model, written.predicted, _ASKED)
    con.execute(pairs_into(given, predicted, "search_weight"))
    con.execute(parts_into(predicted, "search_parts"))
    found: pl.DataFrame = con.sql("""
        SELECT * FROM search_weight JOIN search_parts USING (record_key_l, record_key_r)
        ORDER BY record_key_l, weight DESC, record_key_r""").pl()
    drop_made(con, written)
    within.drop(con)
    return found


def _held_keys(model: Model, place: int, rule: Rule) -> str:
    """Keys of the records held; a key of too many is joined with further parts, as a night does (refinement)."""
    limits = limits_in(model.facts)
    also = _also(limits.refine, rule)
    steps = [f"k0 AS (SELECT record_key, {_hashed(place, rule)} AS key, * EXCLUDE (record_key) FROM keyed)"]
    for step in range(len(also) + 1):
        steps.append(f"s{step} AS (SELECT *, count(*) OVER (PARTITION BY key) AS size FROM k{step})")
        if step < len(also):
            steps.append(f"""k{step + 1} AS (
                SELECT * EXCLUDE (key, size) REPLACE (record_key AS record_key), hash(key, a{step}) AS key
                FROM s{step} WHERE size > {limits.block} AND a{step} IS NOT NULL)""")
    kept = " UNION ALL ".join(
        f"SELECT key, record_key, size FROM s{step} WHERE size <= {limits.block}" for step in range(len(also) + 1)
    )
    return f"WITH keyed AS ({keys_sql(RECORDS, rule, also)}), {', '.join(steps)} {kept}"


def _asked_keys(model: Model, asked: str, place: int, rule: Rule) -> str:
    """Every key under which a new record's partners may be held: the plain one, and each longer one."""
    also = _also(limits_in(model.facts).refine, rule)
    keys, found = _hashed(place, rule), []
    for step in range(len(also) + 1):
        filled = " AND ".join(f"a{part} IS NOT NULL" for part in range(step)) or "true"
        found.append(f"SELECT record_key, {keys} AS key FROM keyed WHERE {filled}")
        keys = f"hash({keys}, a{step})"
    return f"SELECT * FROM (WITH keyed AS ({keys_sql(asked, rule, also)}) {' UNION ALL '.join(found)})"


def _also(refine: Sequence[str], rule: Rule) -> list[str]:
    return [part for part in refine if key(part).field not in {key(own).field for own in rule}]


def _hashed(place: int, rule: Rule) -> str:
    return f"hash({place}, {', '.join(f'c{part}' for part in range(len(rule)))})"


def _candidates_sql(model: Model, asked: str, most: int) -> str:
    """The pairs that share the rarest keys; rarity is summed in whole numbers, so that its order is nothing."""
    keys = " UNION ".join(_asked_keys(model, asked, place, rule) for place, rule in enumerate(model.blocking))
    return f"""
        CREATE OR REPLACE TABLE {_PAIRS} AS
        WITH asked_key AS ({keys}),
             shared AS (SELECT a.record_key AS record_key_l, k.record_key AS record_key_r, 1000000 // k.size AS rarity
                        FROM {KEYS} k JOIN asked_key a ON a.key = k.key)
        SELECT record_key_l, record_key_r FROM shared GROUP BY record_key_l, record_key_r
        QUALIFY row_number() OVER (PARTITION BY record_key_l ORDER BY sum(rarity) DESC, record_key_r) <= {most}
        ORDER BY ALL"""
