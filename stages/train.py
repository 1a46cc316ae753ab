"""Training: standardised records of a night → model versions, promoted as `bootstrap` when they are the first.

Here: composition. Not here: the training itself (matching/training), promotion of later versions (stages/promotions).
"""

import json
from pathlib import Path

import duckdb

from matching import model as models
from matching import name_order, promotions
from matching.projection import project
from matching.training import train as train_model
from quality.standardise import placeholders as learned
from rules.matching import ModelSettings, load_matching
from rules.packs import pack_hashes
from rules.placeholders import load_placeholders
from stages.match import LEARNT, MODELS, duplicate_free
from stages.model_pages import write_training_report
from stages.night import Night
from stages.standardise import FORMS, carry_on
from store.duck import quote, scalar
from store.people import os_user

LEAST = 2
"""Fewer records than this teach a model nothing; their party type gets no model."""


def train(night: Night, alias: str = "bootstrap", user: str | None = None) -> dict[str, str]:
    """Train a model for every kind of party that has enough records; return the versions' names.

    One thread, records in (source, record_id) order: the same data and seed give the same bytes. A home's first
    models become `alias` together, at the end; later ones wait for `registry models propose` and a second person.
    """
    carry_on(night)
    with night.open(*FORMS, threads=1) as con:
        _learn(con, night)
        made = {party: _train_one(con, night, party) for party in MODELS}
    for party, folder in made.items():
        _promote(night, party, folder, alias, user)
    return {party: folder.name for party, folder in made.items() if folder}


def _learn(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    overlay = night.settings.overlay("placeholders.yaml")
    learned.learn(con, load_placeholders(overlay if overlay and overlay.exists() else None))
    name_order.learn(con)


def _train_one(con: duckdb.DuckDBPyConnection, night: Night, party: str) -> Path | None:
    """The folder of a new model version; None where too few records are there to learn from."""
    project(con, party)
    if scalar(con, f"SELECT count(*) FROM match_input_{party}") < LEAST:
        return None
    staged = night.folder / f"model-{party}"
    train_model(con, f"match_input_{party}", party, _declared(night, party), staged, duplicate_free(night))
    for table in LEARNT:
        con.execute(f"COPY (FROM {table} ORDER BY ALL) TO {quote(str(staged / table) + '.parquet')} (FORMAT parquet)")
    _add_facts(night, staged / "model.json")
    folder = models.store(staged, night.home.models, party)
    write_training_report(models.load(night.home.models, party, folder.name), night.folder)
    return folder


def _declared(night: Night, party: str) -> ModelSettings:
    """The bank's settings; where legal entities are declared, records are clients and a wrong merge is a breach."""
    found = load_matching(night.settings.rules_folder).of(party)
    clients = bool(night.settings.registry.legal_entities)
    return found.model_copy(update={"costs": found.costs.of_clients()}) if clients else found


def _add_facts(night: Night, path: Path) -> None:
    """What the model depends on beyond its records: the reference packs."""
    told = json.loads(path.read_text(encoding="utf-8")) | {"packs": pack_hashes(night.settings.rules_folder)}
    path.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _promote(night: Night, party: str, folder: Path | None, alias: str, user: str | None = None) -> None:
    """The first model of its kind of party needs no comparison: there is nothing to compare it with."""
    none, first = night.home.models / f"{party}.none", not promotions.aliases(night.home.models, party)
    if folder is None:
        if first:
            none.touch()
        return
    none.unlink(missing_ok=True)
    if first:
        promotions.bootstrap(night.home.models, party, folder.name, alias, user or os_user())
