"""Training: standardised records of a night → model versions, promoted as `bootstrap` when they are the first.

Here: composition. Not here: the training itself (matching/training).
"""

import duckdb

from matching import model as models
from matching.projection import project
from matching.training import train as train_model
from quality.standardise import placeholders as learned
from rules.matching import load_matching
from rules.placeholders import load_placeholders
from stages.match import _STD, MODELS
from stages.night import Night
from store.duck import quote, scalar

LEAST = 100
"""Fewer records than this teach a model nothing; their party type gets no model."""


def train(night: Night, alias: str = "bootstrap") -> dict[str, str]:
    """Train a model for every kind of party that has enough records; return the versions' names.

    One thread, records in (source, record_id) order: the same data and seed give the same bytes. The version becomes
    `alias` only if nothing is yet.
    """
    made: dict[str, str] = {}
    with night.open(*_STD, threads=1) as con:
        _learn(con, night)
        for party in MODELS:
            project(con, party)
            made |= _train_one(con, night, party, alias)
    return made


def _learn(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    overlay = night.settings.overlay("placeholders.yaml")
    learned.learn(con, load_placeholders(overlay if overlay and overlay.exists() else None))


def _train_one(con: duckdb.DuckDBPyConnection, night: Night, party: str, alias: str) -> dict[str, str]:
    none = night.home.models / f"{party}.none"
    if scalar(con, f"SELECT count(*) FROM match_input_{party}") < LEAST:
        none.touch()
        return {}
    none.unlink(missing_ok=True)
    staged = night.folder / f"model-{party}"
    train_model(con, f"match_input_{party}", party, load_matching(night.settings.rules_folder).of(party), staged)
    con.execute(f"""
        COPY (SELECT kind, value, records, rule FROM placeholder ORDER BY ALL)
        TO {quote(str(staged / "placeholder.parquet"))} (FORMAT parquet)""")
    folder = models.store(staged, night.home.models, party)
    if alias not in models.aliases(night.home.models, party):
        models.promote(night.home.models, party, folder, alias)
    return {party: folder.name}
