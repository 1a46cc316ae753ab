"""Matching of a night with frozen models: projection → pairs → clusters + review.

Here: composition. Not here: how anything is compared or clustered (matching).
"""

from collections.abc import Sequence

import duckdb

from matching import clustering, scoring
from matching.blocking import Rule
from matching.firewall import Guard
from matching.model import Model, load_promoted
from matching.projection import project
from matching.refinement import Refined
from rules.contracts import TABLES
from rules.errors import ModelError
from rules.matching import Firewall
from stages.night import Night
from store import tables
from store.duck import exists, quote, scalar

MODELS = ("person", "organisation")
STANDARD = ("std_record", "std_value", "std_name", "std_identifier", "std_address", "std_contact")
"""What matching and survivorship read of the records."""


def models(night: Night) -> dict[str, Model | None]:
    """The pinned model of each kind of party; None where the home has none because it has no such records."""
    return {party: pinned(night, party) for party in MODELS}


def pinned(night: Night, party: str) -> Model | None:
    """The model that `registry.yaml` pins for `party`; None if it was never trained for want of records."""
    name = getattr(night.settings.registry.models, party)
    if (night.home.models / f"{party}.none").exists() and name == "bootstrap":
        return None
    return load_promoted(night.home.models, party, name)


def prepare(night: Night) -> dict[str, int]:
    """Stage `match_input_*`."""
    with night.open(*STANDARD) as con:
        learnt(con, night)
        for party in MODELS:
            project(con, party)
        return night.save(con, *(f"match_input_{party}" for party in MODELS))


def learnt(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Tables `placeholder` and `name_role`: what the pinned models' training found in every record's values."""
    learnt_by(con, [model for model in models(night).values() if model is not None])


def learnt_by(con: duckdb.DuckDBPyConnection, used: Sequence[Model]) -> None:
    """What the training of the models `used` found, in the same tables.

    Roles of names come from the model of persons alone: another model's, trained on other records, would count twice.
    """
    for table, empty in LEARNT.items():
        asked = [model for model in used if table != "name_role" or model.party_type == "person"]
        found = [path for model in asked if (path := model.folder / f"{table}.parquet").exists()]
        files = ", ".join(quote(str(path.resolve())) for path in found)
        con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT {empty} WHERE false")
        if files:
            _take(con, table, f"SELECT DISTINCT * FROM read_parquet([{files}])", asked)


def _take(con: duckdb.DuckDBPyConnection, table: str, body: str, used: Sequence[Model]) -> None:
    """Fill a learnt table by the names of its columns; a model of an earlier release may lack one."""
    try:
        con.execute(f"INSERT INTO {table} BY NAME {body}")
        lacking = set(con.table(table).columns) - set(con.sql(body).columns)
    except duckdb.BinderException:
        lacking = {"other columns"}
    if lacking:
        place = f"models {', '.join(model.name for model in used)}"
        raise ModelError(place, f"were trained by another release ({table})", "run `registry train` again")


LEARNT = {
    "placeholder": "'' AS kind, '' AS value, 0::BIGINT AS records, '' AS rule",
    "name_role": "'' AS value, 0::BIGINT AS given, 0::BIGINT AS family, false AS known",
}
"""Tables that training learns and a model keeps, by the columns of an empty one."""


def score(night: Night, party: str) -> dict[str, int]:
    """Stage `pairs_<party>`; beside its rows, how many rules exceeded the cap and what they left out."""
    table = f"pairs_{party}"
    told: dict[str, int] = {}
    with night.open(f"match_input_{party}") as con:
        model = pinned(night, party)
        if model is None:
            _none_but(con, night, party)
            con.execute(f"CREATE TABLE {table} AS {tables.empty_sql(TABLES[table])}")
        else:
            refined = pairs(con, model, table, night.settings.registry.match_across_entities).values()
            if refined:
                told = {"refined_rules": len(refined), "left_out_of_a_rule": sum(left.left_out for left in refined)}
        return night.save(con, table) | told


def pairs(con: duckdb.DuckDBPyConnection, model: Model, output: str, across: bool) -> dict[Rule, Refined]:
    """Create `output`, the scored pairs of `match_input_<party>`, `across` legal entities or not.

    Returns the blocking rules that exceeded their cap on these records.
    """
    table = f"match_input_{model.party_type}"
    refined = scoring.score(con, model, table, output)
    if not across:
        scoring.keep_within_entities(con, output, table)
    return refined


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
            clustering.cluster(con, party, f"pairs_{party}", match, review, guard(night, model))
        for name in ("clusters", "review"):
            parts = " UNION ALL ".join(
                f"SELECT * FROM {name}_{party}" for party in MODELS if exists(con, f"{name}_{party}")
            )
            con.execute(f"CREATE TABLE {name} AS {parts}")
        return night.save(con, "clusters", "review")


def guard(night: Night, model: Model | None) -> Guard:
    """What keeps records apart: the firewall that is part of the model, and what the bank's sources declare."""
    sources = night.settings.sources
    frozen = model.firewall if model else Firewall()
    return Guard(frozen, len(sources), frozenset(source.name for source in sources if source.duplicate_free))
