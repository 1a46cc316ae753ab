"""Splink's predictions for a frozen model: the SQL that it writes is kept, and run again as it is.

Here: running it and dropping what it made. Not here: what the predictions mean (scoring). Writing the SQL of a model
takes Splink a second, whatever the number of pairs; the statements follow from settings, table and column names alone,
never from rows. A night needs them once, a desk or an API for every pair that somebody asks about.
"""

import json
from collections import OrderedDict
from typing import NamedTuple

import duckdb
from splink import DuckDBAPI

from matching.linker import Noting, linker
from matching.model import Model
from store.duck import quote
from store.hashing import text_sha256
from store.steps import made_by

KEPT = 16
"""Models of which the statements are kept."""
PAIRS_AT_ONCE = 15_000_000
"""Candidate pairs that are told apart in memory at once, about 1.5 GB of them; more are predicted in parts."""


class Written(NamedTuple):
    """Statements in their order, and the table that holds the predictions."""

    statements: tuple[str, ...]
    predicted: str


_WRITTEN: OrderedDict[str, Written] = OrderedDict()


def predict(con: duckdb.DuckDBPyConnection, model: Model, table: str, least: float, pairs: int) -> Written:
    """Predict the candidate pairs of `table`, about so many, at or above `least` bits; to be dropped by `drop`."""
    read_frequencies(con, model)
    return predict_again(con, model, table, least, max(1, -(-pairs // PAIRS_AT_ONCE)))


def predict_again(
    con: duckdb.DuckDBPyConnection, model: Model, table: str, least: float | None = None, parts: int = 1
) -> Written:
    """The same in a connection that holds the model's frequencies, in so many parts; to be dropped by `drop_made`."""
    asked = text_sha256(json.dumps([model.settings, model.columns, sorted(model.frequencies()), table, least, parts]))
    known = _WRITTEN.get(asked)
    if known is None:
        known = _WRITTEN[asked] = _first(con, model, table, least, parts)
        while len(_WRITTEN) > KEPT:
            _WRITTEN.popitem(last=False)
        return known
    for statement in known.statements:
        con.execute(statement)
    return known


def _first(con: duckdb.DuckDBPyConnection, model: Model, table: str, least: float | None, parts: int) -> Written:
    """Let Splink predict, noting what it runs."""
    opened, api = linker(con, table, model.settings), DuckDBAPI(connection=con)
    for column in model.frequencies():
        opened.table_management.register_term_frequency_lookup(api.register(f"model_tf_{column}"), column)
    predicted = opened.inference.predict(threshold_match_weight=least, num_chunks_left=parts)
    noted = opened._db_api
    assert isinstance(noted, Noting)
    return Written(tuple(filter(_does, noted.statements)), predicted.physical_name)


def _does(statement: str) -> bool:
    """Splink also asks for column names: of no use a second time."""
    return not statement.lstrip().upper().startswith("SELECT")


def read_frequencies(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """The model's own term frequencies as tables."""
    for column, path in model.frequencies().items():
        con.execute(f"CREATE OR REPLACE TABLE model_tf_{column} AS SELECT * FROM read_parquet({quote(str(path))})")


def drop(con: duckdb.DuckDBPyConnection, model: Model, written: Written) -> None:
    """Drop what `predict` made."""
    drop_made(con, written)
    for column in model.frequencies():
        con.execute(f"DROP TABLE IF EXISTS model_tf_{column}")


def drop_made(con: duckdb.DuckDBPyConnection, written: Written) -> None:
    """Drop the tables that Splink's statements made."""
    for name in filter(None, map(made_by, written.statements)):
        con.execute(f"DROP TABLE IF EXISTS {name}")
