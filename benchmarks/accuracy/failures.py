"""Failing pairs of a judged version by cause: wrongly joined, wrongly split.

Here: which pairs failed, why, how often, and some examples. Not here: the evidence of a pair
(benchmarks/accuracy/evidence) and how it is written down (benchmarks/accuracy/report). Values of records stand in the
examples: labelled sets are no clients' data.
"""

from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from benchmarks.accuracy.evidence import add_evidence
from matching.model import MICRO, Model, load
from stages.evaluate import judged_live
from store import versions
from store.home import Home

PATTERNS = 12
"""Patterns of comparison levels told for each cause, the commonest first."""
JOINED, SPLIT = "wrongly joined", "wrongly split"


def failures(home: Home, truth: Path, examples: int) -> dict[str, Any]:
    """`{party: {failure: [{cause, pairs, median_bits, levels, patterns, examples}]}}` of the live version.

    A pair of records that no model sees together (quarantined, or of two kinds of party) is told under `none`.
    """
    chosen = versions.manifest(home).models
    with judged_live(home, truth) as con:
        _failing(con)
        told = {"none": _grouped(_unseen(con), examples)}
        for party, name in chosen.items():
            told[party] = _grouped(_explained(con, load(home.models, party, name)), examples)
        return told


def _failing(con: duckdb.DuckDBPyConnection) -> None:
    """`failing(failure, truth_l, truth_r, record_key_l, record_key_r, party)`: every pair that is judged wrong."""
    sides = """
        l.unit AS truth_l, r.unit AS truth_r, least(l.record_key, r.record_key) AS record_key_l,
        greatest(l.record_key, r.record_key) AS record_key_r, CASE WHEN l.party = r.party THEN l.party END AS party"""
    con.execute(f"""
        CREATE TABLE failing AS
        SELECT '{SPLIT}' AS failure, {sides} FROM everyone l JOIN everyone r
        ON l.entity_id = r.entity_id AND l.unit < r.unit AND l.cluster_id <> r.cluster_id
        UNION ALL
        SELECT '{JOINED}', {sides} FROM everyone l JOIN everyone r
        ON l.cluster_id = r.cluster_id AND l.unit < r.unit AND l.entity_id <> r.entity_id""")


def _unseen(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Failing pairs outside the models, in the columns of `_explained`."""
    found: pl.DataFrame = con.sql("""
        SELECT failure, truth_l, truth_r, NULL::DOUBLE AS bits, '' AS pattern, '' AS "values",
               CASE WHEN record_key_l IS NULL OR record_key_r IS NULL THEN 'quarantined'
                    ELSE 'of two kinds of party' END AS cause
        FROM failing WHERE party IS NULL""").pl()
    return found


def _explained(con: duckdb.DuckDBPyConnection, model: Model) -> pl.DataFrame:
    """Failing pairs of one party: failure, units, cause, weight in bits, pattern of levels, values."""
    con.execute(f"CREATE OR REPLACE TABLE asked AS SELECT * FROM failing WHERE party = '{model.party_type}'")
    add_evidence(con, model, "asked", "explained")
    found: pl.DataFrame = con.sql(f"""
        SELECT e.failure, e.truth_l, e.truth_r, e.bits, e.pattern, e."values", {_cause(model)} AS cause
        FROM explained e
        LEFT JOIN pairs_{model.party_type} p USING (record_key_l, record_key_r)
        LEFT JOIN candidate c USING (record_key_l, record_key_r)
        LEFT JOIN (SELECT record_key_l, record_key_r, min(kind) AS kind FROM review WHERE kind <> 'band' GROUP BY ALL) v
            USING (record_key_l, record_key_r)""").pl()
    return found


def _cause(model: Model) -> str:
    """Why a pair failed, as SQL over the stored pair `p`, the refusal `v`, the candidate `c` and the evidence `e`."""
    accepted = f"p.weight >= {model.match_weight}"
    would = f"e.bits * {MICRO} >= {model.match_weight}"
    return f"""
        CASE WHEN e.failure = '{JOINED}' THEN
                  CASE WHEN {accepted} THEN 'joined by their own evidence' ELSE 'joined through other records' END
             WHEN v.kind IS NOT NULL THEN concat('refused by the firewall: ', v.kind)
             WHEN {accepted} THEN 'cut apart by the firewall elsewhere'
             WHEN p.weight >= {model.review_weight} THEN 'below the threshold, in review'
             WHEN c.record_key_l IS NOT NULL OR p.weight IS NOT NULL THEN 'below the threshold, no review'
             WHEN {would} THEN 'never compared, would have matched'
             ELSE 'never compared, would not have matched' END"""


def _grouped(pairs: pl.DataFrame, examples: int) -> dict[str, list[dict[str, Any]]]:
    """Causes of each failure, the commonest first."""
    told: dict[str, list[dict[str, Any]]] = {JOINED: [], SPLIT: []}
    for (failure, cause), part in pairs.sort("failure", "cause").group_by("failure", "cause", maintain_order=True):
        told[str(failure)].append({"cause": cause, **_cause_facts(part, examples)})
    return {name: sorted(rows, key=lambda row: (-row["pairs"], row["cause"])) for name, rows in told.items() if rows}


def _cause_facts(part: pl.DataFrame, examples: int) -> dict[str, Any]:
    spread = part.sort(pl.col("truth_l").str.reverse(), "truth_l", "truth_r")
    patterns = part["pattern"].value_counts().sort(["count", "pattern"], descending=[True, False]).head(PATTERNS)
    return {
        "pairs": part.height,
        "median_bits": _rounded(part["bits"].median()),
        "levels": _levels(part["pattern"]),
        "patterns": [{"pattern": row[0], "pairs": row[1]} for row in patterns.iter_rows()],
        "examples": spread.head(examples).select(pl.col("bits").round(1), "values").to_dicts(),
    }


def _rounded(value: object) -> float | None:
    return round(value, 1) if isinstance(value, float) else None


def _levels(patterns: pl.Series) -> dict[str, dict[str, int]]:
    """How often each comparison stands at which level, in the model's order."""
    single = pl.DataFrame({"part": patterns.str.split(", ")}).explode("part").filter(pl.col("part") != "")
    named = single.select(pl.col("part").str.splitn("=", 2).struct.rename_fields(["name", "level"])).unnest("part")
    told: dict[str, dict[str, int]] = {}
    counted = named.group_by("name", "level", maintain_order=True).len()
    for name, level, pairs in counted.sort("len", "level", descending=[True, False]).iter_rows():
        told.setdefault(name, {})[level] = pairs
    return told
