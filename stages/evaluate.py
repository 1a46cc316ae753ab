"""Measuring the live version against a truth file.

Here: joining truth to final clusters. Not here: the figures (matching/evaluation). A quarantined record counts as a
cluster of its own; truth never reaches training or thresholds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from matching.blocking import true_pairs_found
from matching.evaluation import blocking_loss, evaluate
from matching.model import load
from rules.contracts.columns import MODEL_OF
from stages import truth as truths
from stages.match import MODELS
from store import versions
from store.home import Home
from store.opening import opened

Figures = dict[str, float | int | None]


def evaluate_live(home: Home, truth: Path, memory: str = "4GB") -> dict[str, Figures]:
    """Figures for persons, organisations and all records of `truth` (source, record_id, entity_id; Parquet or CSV).

    The figures of a party without records are None.
    """
    with judged_live(home, truth, memory) as con:
        figures = {party: _figures(con, f"party = '{party}'") for party in MODELS}
        return figures | {"all": _figures(con, "true")}


@contextmanager
def judged_live(home: Home, truth: Path, memory: str = "4GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the live version's tables, the key map, and beside them `everyone` and `candidate`."""
    truths.present(truth)
    with opened(home, folders=[truth.parent], memory=memory) as con:
        _judge(con, truth)
        _candidates(con, home)
        yield con


def _judge(con: duckdb.DuckDBPyConnection, truth: Path) -> None:
    """`everyone(unit, cluster_id, entity_id, party, record_key)`: one row per truth record."""
    truths.view(con, truth)
    party = " ".join(f"WHEN '{kind}' THEN '{model}'" for kind, model in MODEL_OF.items())
    con.execute(f"""
        CREATE TABLE everyone AS
        SELECT concat(t.source, chr(31), t.record_id) AS unit, t.entity_id,
               coalesce(x.client_number, concat('quarantined ', t.source, chr(31), t.record_id)) AS cluster_id,
               CASE x.party_type {party} END AS party, x.record_key
        FROM truth t LEFT JOIN crosswalk x
          ON x.source = t.source AND x.record_id = t.record_id""")


def _figures(con: duckdb.DuckDBPyConnection, which: str) -> Figures:
    con.execute(f"CREATE OR REPLACE VIEW judged AS SELECT * FROM everyone WHERE {which}")
    con.execute("""
        CREATE OR REPLACE TABLE true_pair AS
        SELECT least(l.record_key, r.record_key) AS record_key_l, greatest(l.record_key, r.record_key) AS record_key_r
        FROM judged l JOIN judged r ON l.entity_id = r.entity_id AND l.unit < r.unit""")
    found = evaluate(con)
    loss = blocking_loss(con, "true_pair", "candidate") if found["records"] else None
    return found | {"blocking_loss": loss}


def _candidates(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """`candidate(record_key_l, record_key_r)`: true pairs that some blocking rule of the version's models finds."""
    models = versions.manifest(home).models
    parts = [
        true_pairs_found(load(home.models, party, name).blocking, f"match_input_{party}")
        for party, name in models.items()
    ]
    con.execute(f"CREATE TABLE candidate AS {' UNION '.join(parts) or 'SELECT 0 AS record_key_l, 0 AS record_key_r'}")
