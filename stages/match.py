"""Matching of a night with frozen models: projection → pairs → clusters + review.

Here: composition. Not here: how anything is compared or clustered (matching).
"""

import duckdb

from matching import clustering, scoring
from matching.model import Model, load
from matching.projection import project
from rules.contracts import TABLES
from rules.errors import ModelError
from stages.night import Night
from store import tables
from store.duck import exists, quote, scalar

MODELS = ("person", "organisation")
_STD = ("std_record", "std_name", "std_identifier", "std_address", "std_contact")


def models(night: Night) -> dict[str, Model | None]:
    """The pinned model of each kind of party; None where the home has none because it has no such records."""
    return {party: pinned(night, party) for party in MODELS}


def pinned(night: Night, party: str) -> Model | None:
    """The model that `registry.yaml` pins for `party`; None if it was never trained for want of records."""
    name = getattr(night.settings.registry.models, party)
    if (night.home.models / f"{party}.none").exists() and name == "bootstrap":
        return None
    return load(night.home.models, party, name)


def prepare(night: Night) -> dict[str, int]:
    """Stage `match_input_*`."""
    with night.open(*_STD) as con:
        placeholders(con, night)
        for party in MODELS:
            project(con, party)
        return night.save(con, *(f"match_input_{party}" for party in MODELS))


def placeholders(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Table `placeholder`: what the pinned models' training found in every record's values."""
    found = [m.folder / "placeholder.parquet" for m in models(night).values() if m is not None]
    files = ", ".join(quote(str(path.resolve())) for path in found if path.exists())
    body = f"SELECT DISTINCT kind, value, records, rule FROM read_parquet([{files}])" if files else _NO_PLACEHOLDER
    con.execute(f"CREATE OR REPLACE TABLE placeholder AS {body}")


_NO_PLACEHOLDER = "SELECT '' AS kind, '' AS value, 0::BIGINT AS records, '' AS rule WHERE false"


def score(night: Night, party: str) -> dict[str, int]:
    """Stage `pairs_<party>`."""
    table = f"pairs_{party}"
    with night.open(f"match_input_{party}") as con:
        model = pinned(night, party)
        if model is None:
            _none_but(con, night, party)
            con.execute(f"CREATE TABLE {table} AS {tables.empty_sql(TABLES[table])}")
        else:
            scoring.score(con, model, f"match_input_{party}", table)
            if not night.settings.registry.match_across_entities:
                scoring.keep_within_entities(con, table, f"match_input_{party}")
        return night.save(con, table)


def _none_but(con: duckdb.DuckDBPyConnection, night: Night, party: str) -> None:
    """Without a model nobody is matched: right for a handful of records, wrong for more."""
    if scalar(con, f"SELECT count(*) FROM match_input_{party}") >= 100:
        raise ModelError(
            f"model for {party}", "was never trained, but there are records to match", "run `registry train`"
        )


def cluster(night: Night) -> dict[str, int]:
    """Stage `clusters` and `review` over both models."""
    inputs = [f"{kind}_{party}" for kind in ("match_input", "pairs") for party in MODELS]
    with night.open(*inputs) as con:
        for party in MODELS:
            model = pinned(night, party)
            match, review = (model.match_weight, model.review_weight) if model else (0, 0)
            clustering.cluster(con, party, f"pairs_{party}", match, review)
        for name in ("clusters", "review"):
            parts = " UNION ALL ".join(
                f"SELECT * FROM {name}_{party}" for party in MODELS if exists(con, f"{name}_{party}")
            )
            con.execute(f"CREATE TABLE {name} AS {parts}")
        return night.save(con, "clusters", "review")
