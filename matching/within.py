"""Names weighed by country: Nguyen is rare among all clients and says little among those of Viet Nam.

Here: how much more frequent a value is among the records that share another field's value than among all, and what
that takes off a pair that agrees in both. Not here: frequencies among all records (matching/training). The country has
its own comparison; what a name adds to it is its frequency within, drawn towards that among all where the country's
records are few.
"""

from collections.abc import Mapping, Sequence

import duckdb

from matching.model import Model
from store.duck import quote
from store.steps import Runs

PRIOR_RECORDS = 50
"""Records that the frequency among all counts for."""
LEAST_FREQUENCY = 1e-5
"""Frequencies below it are taken for it, as the comparisons take them (comparisons.py)."""
_CORRECTED = "predicted_within"

Declared = Mapping[str, Sequence[str]]
"""By the field that groups records (country) the fields whose values are counted within its groups."""


def fitting(declared: Declared, compared: Sequence[str]) -> dict[str, list[str]]:
    """What of `declared` a model with these comparisons can use."""
    found = {group: [field for field in fields if field in compared] for group, fields in declared.items()}
    return {group: fields for group, fields in found.items() if fields and group in compared}


def write(con: duckdb.DuckDBPyConnection, model: Model, table: str) -> None:
    """One file of `bits` for each counted field: log2 of its frequency within over that among all, where above 0."""
    for group, field in _counted(model):
        con.execute(f"COPY ({_bits(table, group, field)}) TO {_file(model, group, field)} (FORMAT parquet)")


def bits_sql(model: Model) -> dict[tuple[str, str], str]:
    """A query of the bits, by group and counted field: columns of these two names, and `bits`."""
    return {pair: f"SELECT * FROM read_parquet({_file(model, *pair)})" for pair in _counted(model)}


def _counted(model: Model) -> list[tuple[str, str]]:
    return [(group, field) for group, fields in model.within.items() for field in fields]


def _file(model: Model, group: str, field: str) -> str:
    return quote(str(model.folder / f"within_{group}_{field}.parquet"))


def _bits(table: str, group: str, field: str) -> str:
    """Frequencies are quotients of counts and the sums are of whole numbers, so that the order of rows is nothing."""
    return f"""
        WITH held AS (SELECT {group}, {field} FROM {table} WHERE {field} IS NOT NULL),
        everywhere AS (SELECT {field}, count(*) / sum(count(*)) OVER () AS f FROM held GROUP BY {field}),
        inside AS (SELECT {group}, {field}, count(*) AS n, sum(count(*)) OVER (PARTITION BY {group}) AS size
                   FROM held WHERE {group} IS NOT NULL GROUP BY {group}, {field})
        SELECT {group}, {field}, round(log2(greatest((n + {PRIOR_RECORDS} * f) / (size + {PRIOR_RECORDS}),
                                                     {LEAST_FREQUENCY}) / greatest(f, {LEAST_FREQUENCY})), 9) AS bits
        FROM inside JOIN everywhere USING ({field}) WHERE bits > 0 ORDER BY ALL"""


def corrected(con: Runs, model: Model, predicted: str, table: str, files: bool = True) -> str:
    """The predictions' table with the bits taken off; `table` holds the records. To be dropped by `drop`.

    Without `files` the bits are in tables named as the files are.
    """
    counted = _counted(model)
    if not counted:
        return predicted
    off = [f"coalesce(w{place}.bits, 0)" for place in range(len(counted))]
    terms = [f"mw_tf_adj_{field} - {bits} AS mw_tf_adj_{field}" for (_, field), bits in zip(counted, off, strict=True)]
    terms.append(f"match_weight - ({' + '.join(off)}) AS match_weight")
    joins = [_join(model, place, group, field, files) for place, (group, field) in enumerate(counted)]
    con.execute(f"""
        CREATE OR REPLACE TABLE {_CORRECTED} AS SELECT p.* REPLACE ({", ".join(terms)})
        FROM {predicted} p JOIN {table} l ON l.record_key = p.record_key_l
        JOIN {table} r ON r.record_key = p.record_key_r {" ".join(joins)}""")
    return _CORRECTED


def _join(model: Model, place: int, group: str, field: str, files: bool) -> str:
    """Only where the level that the field's own frequency adjusts is met, and both records are of one group."""
    name = f"w{place}"
    held = f"read_parquet({_file(model, group, field)})" if files else f"within_{group}_{field}"
    return f"""LEFT JOIN {held} {name}
        ON {name}.{field} = l.{field} AND {name}.{group} = l.{group} AND {name}.{group} = r.{group}
        AND abs(p.mw_{field} - {model.exact_weight(field)!r}) < 1e-9"""


def drop(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what `corrected` made."""
    con.execute(f"DROP TABLE IF EXISTS {_CORRECTED}")
