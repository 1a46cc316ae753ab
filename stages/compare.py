"""Two models on the same live records: both scored and clustered, and what would change.

Here: composition, and where the report lies. Not here: how the sides are compared (matching/comparing), the terms
(compare_terms), the ledger's rule for numbers (golden_record/identity), the page (stages/model_pages). A comparison
reads the live version only; it is a function of both models, the version, the terms and the truth: the same again
gives the same bytes.
"""

import json
from pathlib import Path
from typing import Any

import duckdb

from matching import clustering, comparing
from matching.blocking import named
from matching.model import Model, load
from matching.projection import project
from rules.errors import ConfigError
from rules.settings import Settings
from stages import compare_numbers, compare_terms
from stages.compare_terms import Terms
from stages.match import MODELS, learnt_by, pairs
from stages.model_pages import write_comparison
from stages.standardise import FORMS
from stages.truth import present, view
from store import keymap, versions
from store.duck import connect, scalar
from store.hashing import text_sha256
from store.home import Home, write_durably
from store.manifest import Manifest

FOLDER = "comparisons"
Row = dict[str, Any]


def compare(home: Home, party: str, a: str, b: str, truth: Path | None = None, settings: Settings | None = None) -> Row:
    """Compare models `a` and `b` of a party type on the live version, write the report, and return it.

    `truth` is a file of source, record_id, entity_id; it measures and changes nothing. Without `settings` the
    shipped ones stand for the bank's. Raises ModelError where a model does not fit the records.
    """
    version = versions.manifest(home)
    models = {"a": load(home.models, party, a), "b": load(home.models, party, b)}
    terms = compare_terms.of(version, settings)
    told = compare_terms.told(terms, models, version, present(truth) if truth else None)
    folders = [home.root, *([truth.parent] if truth else [])]
    with connect(folders, home.cache, terms.memory) as con:
        keymap.attach(con, home)
        versions.attach(con, home, version, (*FORMS, "decided"))  # decisions hold under either model
        refined = {side: _match(con, home, version, model, side, terms) for side, model in models.items()}
        found = _head(con, version, models) | {"terms": told} | _differences(con, home, version, models)
        found |= {"refined_rules": refined}
        found |= {"truth": _figures(con, truth) if truth else None}
    page = _write(found, place(home, models["a"].name, models["b"].name, version, told))
    return found | {"report": str(page.relative_to(home.root))}


def place(home: Home, a: str, b: str, version: Manifest, terms: Row) -> Path:
    """Folder of the comparison of two models on the records of a version under told terms."""
    return home.models / FOLDER / f"{a}__{b}__{input_hash(version)}__{compare_terms.digest(terms)}"


def input_hash(version: Manifest) -> str:
    """First 12 digits of the hash of what the records of a version are, whatever the version's number."""
    found = {name: digest for name, digest in version.content_hashes.items() if name in FORMS}
    return text_sha256(json.dumps(found, sort_keys=True))[:12]


def _match(
    con: duckdb.DuckDBPyConnection, home: Home, version: Manifest, model: Model, side: str, terms: Terms
) -> list[Row]:
    """`projection_`, `pairs_`, `clusters_` and `review_<side>`, as a night with this model makes them.

    Returns the blocking rules that exceeded their cap on these records, with the pairs they made and would have made.
    """
    party = model.party_type
    learnt_by(con, _used(home, version, model))
    project(con, party)
    refined = pairs(con, model, f"pairs_{side}", terms.match_across_entities, terms.duplicate_free)
    clustering.cluster(con, party, f"pairs_{side}", model.match_weight, model.review_weight, terms.guard(model))
    for made, kept in (("clusters", "clusters"), ("review", "review"), ("match_input", "projection")):
        con.execute(f"DROP TABLE IF EXISTS {kept}_{side}")
        con.execute(f"ALTER TABLE {made}_{party} RENAME TO {kept}_{side}")
    return [{"rule": named(rule), "declared": left.declared, "pairs": left.pairs} for rule, left in refined.items()]


def _used(home: Home, version: Manifest, model: Model) -> list[Model]:
    """The model and the live one of the other kind of party: a night reads what both have learnt."""
    names = {**version.models, model.party_type: model.name}
    return [load(home.models, party, name) for party, name in sorted(names.items())]


def _head(con: duckdb.DuckDBPyConnection, version: Manifest, models: dict[str, Model]) -> Row:
    return {
        "party_type": models["a"].party_type,
        "a": _told(con, models["a"], "a"),
        "b": _told(con, models["b"], "b"),
        "records": scalar(con, "SELECT count(*) FROM clusters_a"),
        "input": input_hash(version),
        "version": version.version,
        "live_models": version.models,
    }


def _told(con: duckdb.DuckDBPyConnection, model: Model, side: str) -> Row:
    return {
        "name": model.name,
        "match_weight": model.match_weight,
        "review_weight": model.review_weight,
        "pairs": scalar(con, f"SELECT count(*) FROM pairs_{side}"),
        "clusters": scalar(con, f"SELECT count(DISTINCT cluster_key) FROM clusters_{side}"),
        "review": scalar(con, f"SELECT count(*) FROM review_{side}"),
    }


def _differences(con: duckdb.DuckDBPyConnection, home: Home, version: Manifest, models: dict[str, Model]) -> Row:
    return {
        "clusters": comparing.clusters(con),
        "examples": {kind: comparing.examples(con, kind) for kind in comparing.KINDS if kind != "same"},
        "bands": comparing.bands(con, models["a"], models["b"]),
        "weights": comparing.weights(con),
        "lost_to_blocking": {
            "of_a": comparing.lost(con, "a", models["a"], "b", models["b"]),
            "of_b": comparing.lost(con, "b", models["b"], "a", models["a"]),
        },
        "numbers": compare_numbers.changes(con, home, version),
    }


def _figures(con: duckdb.DuckDBPyConnection, truth: Path) -> Row:
    view(con, truth)
    comparing.judge(con)
    records = scalar(con, "SELECT count(*) FROM judged_both")
    sides = {side: comparing.figures(con, side) for side in "ab"}
    return {"records": records, **sides, "only": comparing.gained(con)}


def _write(found: Row, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(folder / "comparison.json", (json.dumps(found, indent=1, sort_keys=True) + "\n").encode())
    return write_comparison(found, folder / "comparison.html")


def party_of(*names: str, party: str | None = None) -> str:
    """The party type that model names belong to; an alias alone does not tell, a version's name does."""
    told = {kind for kind in MODELS for name in names if name.startswith(f"{kind}-")} | ({party} if party else set())
    if len(told) != 1:
        problem = "are of different kinds of party" if told else "do not tell the kind of party"
        raise ConfigError(" and ".join(names), problem, "name versions of one kind, or give --party")
    return told.pop()
