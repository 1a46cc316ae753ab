"""Search before create: the records of a version that new records might be, found over an index, weighed by the model.

Here: the index over the model's blocking rules as files, candidates, their weights. Not here: making new records right,
whose records were found (stages/search). The weight of a pair is what a night gives it before it knows who is left over
(left_over). Planning the model's expressions takes longer than computing them for a few pairs, so they are planned
once, and a connection holds no more rows than a question needs.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from matching import within
from matching.blocking import Rule, keys_sql
from matching.fitting import assert_fits
from matching.model import Model
from matching.predicting import drop_made, predict_again
from matching.refinement import limits_in
from matching.scoring import TAKEN_TOLD, final_weight, of_given_pairs, taken
from rules.matching import key
from store.duck import quote, refill, rows
from store.sorted import Sorted, write
from store.steps import Steps, made_by

RECORDS, KEYS = "search_record", "search_key"
MOST = 50
"""Candidates of a new record that are weighed: those that share the rarest keys."""
_ASKED, _PAIRS, _FREQUENCY = "search_asked", "search_pair", "search_frequency"
_KEYED = {"record_key": pl.Int64, "key": pl.UInt64}
Row = dict[str, Any]


def index(con: duckdb.DuckDBPyConnection, model: Model, projection: str, folder: Path) -> None:
    """Write the index of `projection`: its records numbered by (source, record_id), their keys, the frequencies.

    `projection` has the columns of `match_input_*`, `record_id`, and any others, which are kept.
    """
    con.execute(f"""
        CREATE OR REPLACE TABLE {RECORDS} AS
        SELECT row_number() OVER (ORDER BY source, record_id) AS record_key, * EXCLUDE (record_key)
        FROM {projection} ORDER BY record_key""")
    assert_fits(con, model, RECORDS)
    write(con, [f"FROM {RECORDS}"], folder / RECORDS)
    keys = (f"({_held_keys(model, place, rule)})" for place, rule in enumerate(model.blocking))
    write(con, [" UNION ALL ".join(keys)], folder / KEYS)
    write(con, [_numbers_sql(model)], folder / _FREQUENCY)
    con.execute(f"DROP TABLE {RECORDS}")


class Search:
    """The index of a version and its model in a connection of their own, for one thread at a time.

    New records are the rows of table `asked` (columns of `match_input_*`, record keys below 0), which is there already.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, model: Model, folder: Path, asked: str) -> None:
        self._con = con
        self._records, self._keys, self._numbers = (Sorted(folder / name) for name in (RECORDS, KEYS, _FREQUENCY))
        self._weighed = Sorted(folder / RECORDS, model.columns)
        con.from_arrow(self._weighed.table([])).create(RECORDS)
        con.from_arrow(self._numbers.table([])).create(_FREQUENCY)
        con.execute(f"CREATE TABLE {_PAIRS} (record_key_l BIGINT, record_key_r BIGINT)")
        weights = _weights_sql(con, model, asked)  # makes and drops tables: what is prepared before is planned again
        con.execute(f"PREPARE search_keys AS {_keys_sql(model, asked)}")
        con.execute(f"PREPARE search_values AS {_values_sql(model, asked)}")
        con.execute(f"PREPARE search_weights AS {weights}")

    def find(self, most: int = MOST) -> list[Row]:
        """Candidates of the records that are in `asked` now, at most `most` of each, with their weights.

        Each has the new record as `record_key_l`, its candidate's place in the index as `record_key_r`, `weight`,
        `levels` (what relatives take off), gamma_*, mw_*, mw_tf_adj_* of each comparison; by new record, the strongest
        candidate first.
        """
        con = self._con
        asked = con.execute("EXECUTE search_keys").fetchall()
        held = self._keys.table(sorted({key for _, key in asked}))
        pairs = _rarest(pl.DataFrame(asked, schema=_KEYED, orient="row"), pl.DataFrame(held), most)
        refill(con, _PAIRS, pairs.to_arrow())
        refill(con, RECORDS, self._weighed.table(pairs["record_key_r"].unique().sort()))
        refill(con, _FREQUENCY, self._numbers.table(key for (key,) in con.execute("EXECUTE search_values").fetchall()))
        return rows(con, "EXECUTE search_weights")

    def record(self, place: int) -> Row:
        """The record at a place of the index: every column of the projection that it was made of."""
        return self._records.rows(place)[0]


def _rarest(asked: pl.DataFrame, held: pl.DataFrame, most: int) -> pl.DataFrame:
    """The pairs that share the rarest keys; rarity is summed in whole numbers, so that its order is nothing."""
    shared = asked.join(held, on="key").with_columns(rarity=1_000_000 // pl.col("size"))
    pairs = shared.group_by("record_key", "record_key_right").agg(pl.col("rarity").sum())
    ordered = pairs.sort("record_key", pl.col("rarity").neg(), "record_key_right")
    kept = ordered.group_by("record_key", maintain_order=True).head(most)
    return kept.select(record_key_l="record_key", record_key_r="record_key_right").sort("record_key_l", "record_key_r")


def _counted(model: Model) -> list[tuple[str, str]]:
    """Fields of the frequencies, each with the column whose values it counts."""
    within_groups = [(f"{group} {column}", column) for group, column in within.bits_sql(model)]
    return [(column, column) for column in model.frequencies()] + within_groups


def _numbers_sql(model: Model) -> str:
    """A query of every frequency by the value that it is of; bits within a group with the group's value."""
    made = ["SELECT 0::UBIGINT AS key, '' AS field, '' AS value, '' AS grouped, 0::DOUBLE AS number WHERE false"]
    for column, path in model.frequencies().items():
        named = f"'{column}', {column}, NULL, tf_{column} FROM read_parquet({quote(str(path))})"
        made.append(f"SELECT {_number_key(column, column)}, {named}")
    for (group, column), bits in within.bits_sql(model).items():
        named = f"'{group} {column}', {column}, {group}, bits FROM ({bits})"
        made.append(f"SELECT {_number_key(f'{group} {column}', column)}, {named}")
    return " UNION ALL ".join(made)


def _weights_sql(con: duckdb.DuckDBPyConnection, model: Model, asked: str) -> str:
    """A query of the weights of the pairs: the steps that a night runs, of the few records in question alone."""
    given, steps = of_given_pairs(model), Steps()
    frequencies = _frequency_steps(model)
    for statement in (*frequencies, _asked_sql(model, asked)):
        con.execute(statement)
        steps.execute(statement)
    written = predict_again(con, given, _ASKED)
    drop_made(con, written)
    for statement in written.statements:
        steps.execute(statement)
    predicted = within.corrected(steps, model, written.predicted, _ASKED, files=False)
    for name in (_ASKED, *filter(None, map(made_by, frequencies))):
        con.execute(f"DROP TABLE {name}")
    return steps.query(f"""
        SELECT least(record_key_l, record_key_r) AS record_key_l, greatest(record_key_l, record_key_r) AS record_key_r,
               weight, {TAKEN_TOLD} AS levels, COLUMNS('^(gamma|mw)_.*')
        FROM (SELECT *, {final_weight(given)} AS weight, {taken(given)} AS taken FROM {predicted})
        ORDER BY record_key_l, weight DESC, record_key_r""")


def _frequency_steps(model: Model) -> list[str]:
    """Statements that make the model's tables of frequencies, of what is at hand."""
    of = f"FROM {_FREQUENCY} WHERE field ="
    return [
        f"CREATE TABLE model_tf_{column} AS SELECT value AS {column}, number AS tf_{column} {of} '{column}'"
        for column in model.frequencies()
    ] + [
        f"CREATE TABLE within_{group}_{column} AS SELECT grouped AS {group}, value AS {column}, number AS bits "
        f"{of} '{group} {column}'"
        for group, column in within.bits_sql(model)
    ]


def _asked_sql(model: Model, asked: str) -> str:
    """The records of both sides, each with the numbers of its pairs, as scoring given pairs wants them."""
    columns = ", ".join(model.columns)
    return f"""
        CREATE TABLE {_ASKED} AS
        WITH numbered AS (SELECT *, row_number() OVER (ORDER BY record_key_l, record_key_r) AS id FROM {_PAIRS}),
             ends AS (SELECT record_key_l AS record_key, id FROM numbered
                      UNION ALL SELECT record_key_r, id FROM numbered),
             held AS (SELECT record_key, list(id ORDER BY id) AS pair_ids FROM ends GROUP BY record_key),
             few AS (SELECT {columns} FROM {asked} UNION ALL SELECT {columns} FROM {RECORDS})
        SELECT few.*, pair_ids FROM few JOIN held USING (record_key) ORDER BY record_key"""


def _values_sql(model: Model, asked: str) -> str:
    """A query of the keys of the frequencies that the records in question may need, in order."""
    counted = _counted(model)
    few = ", ".join(sorted({column for _, column in counted})) or "NULL AS nothing"
    named = [
        f"SELECT {_number_key(field, column)} AS key FROM few WHERE {column} IS NOT NULL" for field, column in counted
    ]
    return f"""
        WITH few AS (SELECT {few} FROM {asked} UNION ALL SELECT {few} FROM {RECORDS})
        {" UNION ".join(named or ["SELECT 0 AS key WHERE false"])} ORDER BY key"""


def _number_key(field: str, value: str) -> str:
    """SQL: the key of a frequency; should two have the same, a search reads one that it does not need."""
    return f"hash({quote(field)}, {value})"


def _keys_sql(model: Model, asked: str) -> str:
    """A query of every key of the new records."""
    return " UNION ".join(_asked_keys(model, asked, place, rule) for place, rule in enumerate(model.blocking))


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
