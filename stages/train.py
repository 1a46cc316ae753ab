"""Training: standardised records of a night → model versions, promoted as `bootstrap` when they are the first.

Here: composition. Not here: the training itself (matching/training).
"""

from pathlib import Path

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

LEAST = 2
"""Fewer records than this teach a model nothing; their party type gets no model."""


def train(night: Night, alias: str = "bootstrap") -> dict[str, str]:
    """Train a model for every kind of party that has enough records; return the versions' names.

    One thread, records in (source, record_id) order: the same data and seed give the same bytes. The versions become
    `alias` together, at the end, and only where nothing is yet.
    """
    with night.open(*_STD, threads=1) as con:
        _learn(con, night)
        made = {party: _train_one(con, night, party) for party in MODELS}
    for party, folder in made.items():
        _promote(night, party, folder, alias)
    return {party: folder.name for party, folder in made.items() if folder}


def _learn(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    overlay = night.settings.overlay("placeholders.yaml")
    learned.learn(con, load_placeholders(overlay if overlay and overlay.exists() else None))


def _train_one(con: duckdb.DuckDBPyConnection, night: Night, party: str) -> Path | None:
    """The folder of a new model version; None where too few records are there to learn from."""
    project(con, party)
    if scalar(con, f"SELECT count(*) FROM match_input_{party}") < LEAST:
        return None
    staged = night.folder / f"model-{party}"
    train_model(con, f"match_input_{party}", party, load_matching(night.settings.rules_folder).of(party), staged)
    con.execute(f"""
        COPY (SELECT kind, value, records, rule FROM placeholder ORDER BY ALL)
        TO {quote(str(staged / "placeholder.parquet"))} (FORMAT parquet)""")
    return models.store(staged, night.home.models, party)


def _promote(night: Night, party: str, folder: Path | None, alias: str) -> None:
    none = night.home.models / f"{party}.none"
    if folder is None:
        if not models.aliases(night.home.models, party):
            none.touch()
        return
    none.unlink(missing_ok=True)
    if alias not in models.aliases(night.home.models, party):
        models.promote(night.home.models, party, folder, alias)
