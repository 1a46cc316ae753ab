"""Pairs of raw names → the level of the product's own ladder → precision, recall, F1 per party type.

Here: the declared decision and the counting. Not here: standard forms (quality), ladders (matching). The decision is a
set of levels, the same for all pairs; no threshold is chosen and no label is read before counting. The cases ask what
a screening should show: there, a fund of the same series counts as found, which for identity contradicts.
"""

from pathlib import Path

import duckdb
import polars as pl

from matching import name_levels, organisation_levels
from matching.word_levels import Level
from quality.standardise.names import standardise_names
from quality.standardise.persons import RawName
from rules.errors import ConfigError

PARTY_TYPES = {"Person": "person"} | dict.fromkeys(("Company", "LegalEntity", "Organization"), "organisation")
"""Party type of each schema; others (vessels) are left out."""
SCREENED = {"person": name_levels.ACCEPTED, "organisation": organisation_levels.SCREENED}
IDENTITY = {"person": name_levels.ACCEPTED, "organisation": organisation_levels.ACCEPTED}
_FILE = "opensanctions_name_bench/cases.parquet"
_COLUMNS = ("schema", "name1", "name2", "is_match")
_LADDERS = {
    "person": name_levels.whole_name_levels, "organisation": organisation_levels.organisation_levels,
}  # fmt: skip
_READS = {"person": name_levels.WHOLE_READS, "organisation": organisation_levels.READS}


def read_cases(data: Path) -> pl.DataFrame:
    """Cases under `data`: left, right, same (boolean), party_type; ConfigError when there are none."""
    path = next(iter(sorted(data.rglob(_FILE))), None)
    if path is None:
        raise ConfigError(f"{data}, {_FILE}", "the name cases do not exist", "give a folder above them with --data")
    cases = pl.read_parquet(path)
    if missing := sorted(set(_COLUMNS) - set(cases.columns)):
        raise ConfigError(str(path), f"columns are missing: {', '.join(missing)}", "give the original file")
    party = pl.col("schema").replace_strict(PARTY_TYPES, default=None, return_dtype=pl.String)
    kept = cases.select(pl.col("name1").alias("left"), pl.col("name2").alias("right"),
                        (pl.col("is_match") == "true").alias("same"), party.alias("party_type"))  # fmt: skip
    return kept.filter(pl.col("party_type").is_not_null())


def judged(cases: pl.DataFrame) -> pl.DataFrame:
    """`cases` with the column level: the label of the first level of the ladder that holds."""
    parts = {party: cases.filter(pl.col("party_type") == party) for party in _LADDERS}
    return pl.concat([_levels(part, party) for party, part in parts.items() if part.height])


def figures(cases: pl.DataFrame, accepted: tuple[str, ...]) -> dict[str, float | int]:
    """cases, precision, recall, f1 of judged cases when the levels `accepted` count as the same name."""
    found = pl.col("level").is_in(accepted)
    row = cases.select(
        hit=(found & pl.col("same")).sum(), found=found.sum(), same=pl.col("same").sum(), cases=pl.len()
    ).row(0, named=True)
    return {
        "cases": row["cases"],
        "precision": round(row["hit"] / max(row["found"], 1), 4),
        "recall": round(row["hit"] / max(row["same"], 1), 4),
        "f1": round(2 * row["hit"] / max(row["found"] + row["same"], 1), 4),
    }


def measure(data: Path) -> dict[str, dict[str, object]]:
    """`{"person": {cases, precision, recall, f1, identity: {…}}, "organisation": {…}}`."""
    found = {str(party): part for (party,), part in judged(read_cases(data)).group_by("party_type")}
    return {
        party: figures(found[party], SCREENED[party]) | {"identity": figures(found[party], IDENTITY[party])}
        for party in _LADDERS
        if party in found
    }


def _levels(cases: pl.DataFrame, party: str) -> pl.DataFrame:
    with duckdb.connect() as con:
        con.register("l", _projected(con, cases["left"], party))
        con.register("r", _projected(con, cases["right"], party))
        sides = ", ".join(f"{side}.{name} AS {name}_{side}" for name in _READS[party] for side in "lr")
        level = con.sql(f"SELECT {ladder(_LADDERS[party]())} AS level FROM (SELECT {sides}, l.place AS place "
                        "FROM l JOIN r USING (place)) ORDER BY place").pl()  # fmt: skip
    return cases.with_columns(level["level"])


def ladder(levels: list[Level]) -> str:
    """The ladder as one SQL expression that gives the label of the first level that holds."""
    whens = " ".join(f"WHEN {condition} THEN '{label}'" for label, condition, _ in levels)
    return f"CASE {whens} ELSE 'different' END"


def _projected(con: duckdb.DuckDBPyConnection, names: pl.Series, party: str) -> pl.DataFrame:
    """What the match projection keeps of the standard forms of raw names."""
    empty = [pl.lit(None, pl.String).alias(name) for name in RawName._fields if name != "full"]
    raw = names.to_frame("full").with_columns(empty).with_columns(pl.lit(party).alias("party_type"))
    standard = standardise_names(raw).with_row_index("place")
    columns = name_levels.WHOLE_COLUMNS if party == "person" else organisation_levels.COLUMNS
    con.register("standard", standard)
    wanted = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    projected: pl.DataFrame = con.sql(f"SELECT place, {wanted} FROM standard").pl()
    return projected
