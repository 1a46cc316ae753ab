"""Reading the night's tables; the ones that this night did not write are empty, never an error.

Here: one named function per small question. Not here: drawing (`flow`, `charts`), example clusters (`clusters`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import polars as pl

from matching.model import MICRO
from rules.contracts import TABLES
from store.duck import rows, tables

Row = dict[str, Any]

_TEXT, _COUNT = pl.String, pl.Int64
_OTHERS: dict[str, dict[str, type[pl.DataType]]] = {
    "input_count": {"source": _TEXT, "rows": _COUNT},
    "change_event": {
        "position": _COUNT, "event": _TEXT, "client_number": _TEXT, "other_number": _TEXT, "fields": _TEXT,
    },
}  # fmt: skip
_MODEL = "CASE WHEN r.party_type = 'person' THEN 'person' ELSE 'organisation' END"


@contextmanager
def complete(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Stand in an empty table for each that is missing, for as long as the report reads."""
    empty = {name: pl.DataFrame(schema=columns) for name, columns in _OTHERS.items()}
    empty |= {name: schema.create_empty() for name, schema in TABLES.items()}
    missing = sorted(empty.keys() - tables(con))
    for name in missing:
        con.register(name, empty[name].to_arrow())
    try:
        yield
    finally:
        for name in missing:
            con.unregister(name)


def totals(con: duckdb.DuckDBPyConnection) -> Row:
    """Numbers of the summary tiles."""
    return rows(con, """
        SELECT (SELECT count(*) FROM std_record) AS usable,
            (SELECT count(*) FROM quarantine) AS quarantined,
            (SELECT count(*) FROM pairs_person) + (SELECT count(*) FROM pairs_organisation) AS pairs,
            (SELECT count(DISTINCT cluster_key) FROM clusters) AS clusters,
            (SELECT count(*) FROM golden_party) AS golden,
            (SELECT count(*) FROM review) AS review,
            (SELECT count(*) FROM change_event) AS changes
    """)[0]  # fmt: skip


def flow_by_source(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Records per source and where they went: quarantine, or the model that matched them."""
    return rows(con, f"""
        SELECT r.source, {_MODEL} AS goes_to, count(*) AS n FROM std_record r GROUP BY ALL
        UNION ALL SELECT source, 'quarantine', count(*) FROM quarantine GROUP BY source
        ORDER BY 1, 2
    """)  # fmt: skip


def flow_to_clients(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Records and clients per model, clients of several records apart from clients of one."""
    return rows(con, f"""
        SELECT model, joined, count(*) AS clients, CAST(sum(n) AS BIGINT) AS records FROM (
            SELECT r.client_number, min({_MODEL}) AS model, count(*) AS n, count(*) > 1 AS joined
            FROM crosswalk r GROUP BY r.client_number
        ) GROUP BY ALL ORDER BY model DESC, joined DESC
    """)  # fmt: skip


def weight_bins(con: duckdb.DuckDBPyConnection, model: str, match: float, review: float) -> list[Row]:
    """Pairs per bit of match weight and band. Weights are stored in millionths of a bit."""
    return rows(con, f"""
        SELECT CAST(floor(weight / {MICRO}) AS INTEGER) AS bit,
            CASE WHEN weight >= {round(match * MICRO)} THEN 'match'
                 WHEN weight >= {round(review * MICRO)} THEN 'review' ELSE 'below' END AS band,
            count(*) AS pairs
        FROM pairs_{model} GROUP BY ALL ORDER BY bit, band
    """)  # fmt: skip


def cluster_sizes(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Clusters per size, persons and organisations apart; sizes above five in classes."""
    return rows(con, """
        SELECT CASE WHEN n <= 5 THEN n::VARCHAR WHEN n <= 10 THEN '6–10' WHEN n <= 20 THEN '11–20' ELSE '21+' END
                AS size,
            count(*) FILTER (WHERE person) AS persons, count(*) FILTER (WHERE NOT person) AS organisations
        FROM (
            SELECT cluster_key, count(*) AS n, bool_and(party_type = 'person') AS person
            FROM clusters JOIN std_record USING (record_key) GROUP BY cluster_key
        ) GROUP BY size ORDER BY min(n)
    """)  # fmt: skip


def quality(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Scores of the fields that at least one source fills."""
    return rows(con, """
        WITH filled AS (SELECT source, field, checked AS rows, passed AS filled FROM score
                        WHERE CAST(rule AS VARCHAR) = 'completeness' AND version = (SELECT max(version) FROM score)),
             usable AS (SELECT source, field, passed AS valid FROM score
                        WHERE CAST(rule AS VARCHAR) = 'validity' AND version = (SELECT max(version) FROM score))
        SELECT source, field, rows, filled, coalesce(valid, 0) AS valid
        FROM filled LEFT JOIN usable USING (source, field)
        WHERE field IN (SELECT field FROM filled GROUP BY field HAVING sum(filled) > 0)
        ORDER BY field, source
    """)  # fmt: skip


def quarantine(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Refused rows per rule and source, most first."""
    return rows(con, "SELECT rule, source, count(*) AS n FROM quarantine GROUP BY ALL ORDER BY n DESC, rule, source")


def review(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Items that wait for a steward, per kind and model, with the span of their weights in bits."""
    return rows(con, f"""
        SELECT kind, party_type, count(*) AS n, min(weight) / {MICRO} AS least, max(weight) / {MICRO} AS most
        FROM review GROUP BY ALL ORDER BY n DESC, kind, party_type
    """)  # fmt: skip


def changes(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Change events per kind."""
    return rows(con, "SELECT event, count(*) AS n FROM change_event GROUP BY event ORDER BY n DESC, event")


def change_examples(con: duckdb.DuckDBPyConnection, each: int = 4) -> list[Row]:
    """The first few events of every kind; field names, never their values."""
    return rows(con, f"""
        SELECT event, client_number, other_number, CAST(fields AS VARCHAR) AS fields FROM change_event
        QUALIFY row_number() OVER (PARTITION BY event ORDER BY position, client_number) <= {each}
        ORDER BY event, position, client_number
    """)  # fmt: skip
