"""Matching of a night with frozen models: projection → pairs → clusters + review.

Here: composition. Not here: how anything is compared or clustered (matching).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import astuple
from functools import partial

import duckdb

from matching import clustering, left_over, scoring
from matching.blocking import Rule, named
from matching.firewall import Guard
from matching.model import Model, load_promoted
from matching.projection import project
from matching.refinement import Refined, any_over
from matching.settled import settled
from rules.contracts import TABLES
from rules.errors import ModelError
from rules.matching import Firewall
from stages import changed, decisions, evidence, freeze, spread
from stages.night import Night
from stages.standardise import FORMS, carry_on
from store import tables
from store.duck import hold, quote, scalar

MODELS = ("person", "organisation")
Score = Callable[[duckdb.DuckDBPyConnection, Model, str, str], dict[Rule, Refined]]
"""Makes of a model and a projection the table of scored pairs, as `matching.scoring.score`."""


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
    """Stage `match_input_*`, of fresh records anew, else the parent's; and what decisions say of the records."""
    carry_on(night)
    inputs = tuple(f"match_input_{party}" for party in MODELS)
    with night.open(*FORMS, parent=(*changed.NEEDED, *inputs)) as con:
        learnt(con, night)
        changed.find_fresh(con, night)
        if spread.is_spread(night):
            spread.project_all(con, night, MODELS)
        else:
            for party in MODELS:
                project(con, party, "(FROM std_record SEMI JOIN fresh USING (record_key))")
        made = night.save_changes(con, "(FROM fresh UNION FROM gone_key)", *inputs)
        for party in MODELS if not night.plan.match else ():
            changed.find_touched(con, night, party)
    return made | decisions.stage(night)


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
    """Stage `pairs_<party>` and the rules that exceeded their cap; beside its rows, how many and what they left out."""
    table, model = f"pairs_{party}", pinned(night, party)
    across, free = night.settings.registry.match_across_entities, duplicate_free(night)
    with night.open(f"match_input_{party}", parent=(table, "refined_rule")) as con:
        if model and not night.plan.match:
            hold(con, f"match_input_{party}")  # every blocking rule asks it, for its cap and for its pairs
        refined: dict[Rule, Refined] = {}
        if model is None:
            _none_but(con, party)
            con.execute(f"CREATE TABLE {table} AS {tables.empty_sql(TABLES[table])}")
        elif _all_pairs(con, night, model):
            by = partial(spread.score_all, night) if spread.is_spread(night) else scoring.score
            refined = pairs(con, model, table, across, free, by)
        else:
            _pairs_around(con, night, model, table, across)
            left_over.add(con, model, table, f"match_input_{party}", free)
        _note_refined(con, party, refined)
        night.save_part(con, party, "refined_rule")
        told = {"refined_rules": len(refined), "left_out_of_a_rule": sum(left.left_out for left in refined.values())}
        return night.save(con, table) | (told if refined else {})


def _all_pairs(con: duckdb.DuckDBPyConnection, night: Night, model: Model) -> bool:
    """Whether all pairs are scored: a rule that exceeds its cap finds pairs by what all the other records are."""
    if night.plan.match:
        return True
    party = model.party_type
    before = scalar(con, f"SELECT count(*) FROM parent_refined_rule WHERE party_type = '{party}'")
    return before > 0 or any_over(con, f"match_input_{party}", model)


def _pairs_around(con: duckdb.DuckDBPyConnection, night: Night, model: Model, output: str, across: bool) -> None:
    """Create `output`: scored pairs of records that changed, and the parent's pairs of the others."""
    table = f"match_input_{model.party_type}"
    changed.touched(con, night, model.party_type)
    scoring.score_around(con, model, table, "touched", output)
    if not across:
        scoring.keep_within_entities(con, output, table)
    con.execute(f"""
        INSERT INTO {output} BY NAME SELECT * REPLACE (weight - raised AS weight, 0 AS raised) FROM parent_{output}
        WHERE record_key_l NOT IN (FROM touched) AND record_key_r NOT IN (FROM touched)""")


def _note_refined(con: duckdb.DuckDBPyConnection, party: str, refined: dict[Rule, Refined]) -> None:
    """Table `refined_rule` of one kind of party."""
    con.execute(f"CREATE TABLE refined_rule AS {tables.empty_sql(TABLES['refined_rule'])}")
    for rule, left in refined.items():
        con.execute("INSERT INTO refined_rule VALUES (?, ?, ?, ?, ?, ?, ?)", [party, named(rule), *astuple(left)])


def pairs(
    con: duckdb.DuckDBPyConnection, model: Model, output: str, across: bool, duplicate_free: Collection[str],
    by: Score = scoring.score,
) -> dict[Rule, Refined]:  # fmt: skip
    """Create `output`, the pairs of `match_input_<party>` scored `by` an engine, `across` legal entities or not.

    Returns the blocking rules that exceeded their cap on these records.
    """
    table = f"match_input_{model.party_type}"
    refined = by(con, model, table, output)
    if not across:
        scoring.keep_within_entities(con, output, table)
    left_over.add(con, model, output, table, duplicate_free)
    return refined


def _none_but(con: duckdb.DuckDBPyConnection, party: str) -> None:
    """Without a model nobody is matched: right for a handful of records, wrong for more."""
    if scalar(con, f"SELECT count(*) FROM match_input_{party}") >= 100:
        raise ModelError(
            f"model for {party}", "was never trained, but there are records to match", "run `registry train`"
        )


def cluster(night: Night) -> dict[str, int]:
    """Stage `clusters` and `review` over both models: of the components that changed, else the parent's."""
    inputs = [f"{kind}_{party}" for kind in ("match_input", "pairs") for party in MODELS]
    made, needed = ("clusters", "review"), (*inputs, *changed.NEEDED, "refined_rule", "decided")
    with night.open(*needed, *evidence.VALUES, parent=(*needed, *made, "crosswalk")) as con:
        _cluster(con, night)
        decisions.unjoinable(con)
        evidence.reopen(con, night, models(night))
        for name, parts in (("clusters", MODELS), ("review", (*MODELS, "unjoinable", "reopened"))):
            body = " UNION ALL ".join(f"SELECT * FROM {name}_{part}" for part in parts)
            con.execute(f"CREATE TABLE {name} AS {body}")
        return night.save(con, *made)


def _cluster(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Clusters and review items of each kind of party; made again where a freeze holds something back."""
    thresholds = {party: _clusters(con, night, party) for party in MODELS}
    frozen = freeze.of_night(night)
    if frozen and freeze.hold(con, thresholds):
        for party in MODELS:
            _clusters(con, night, party, freeze.HELD)
        freeze.tell(con, thresholds, frozen)


def _clusters(con: duckdb.DuckDBPyConnection, night: Night, party: str, decided: str = "decided") -> int:
    """Clusters of one kind of party, all anew or beside those that nothing touched; returns the match weight."""
    model, kept = pinned(night, party), ""
    bands = (model.match_weight, model.review_weight) if model else (0, 0)
    if not _all_clusters(con, night, party):
        changed.touched(con, night, party)
        changed.joined_otherwise(con, party)
        settled(con, party, bands[0])
        kept = "settled"
    if spread.is_spread(night) and decided != freeze.HELD:
        spread.cluster_all(con, night, party, bands, guard(night, model))
    else:
        clustering.cluster(con, party, f"pairs_{party}", *bands, guard(night, model), kept, decided)
    return bands[0]


def _all_clusters(con: duckdb.DuckDBPyConnection, night: Night, party: str) -> bool:
    """Whether no cluster of last night may stand: a rule exceeds its cap, or a freeze covers one of the two nights."""
    if night.plan.match or freeze.covers(night):
        return True
    both = "(SELECT party_type FROM refined_rule UNION ALL SELECT party_type FROM parent_refined_rule)"
    return scalar(con, f"SELECT count(*) FROM {both} WHERE party_type = '{party}'") > 0


def guard(night: Night, model: Model | None) -> Guard:
    """What keeps records apart: the firewall that is part of the model, and what the bank's sources declare."""
    frozen = model.firewall if model else Firewall()
    return Guard(frozen, len(night.settings.sources), duplicate_free(night))


def duplicate_free(night: Night) -> frozenset[str]:
    """Names of the sources that are declared to hold every party once."""
    return frozenset(source.name for source in night.settings.sources if source.duplicate_free)
