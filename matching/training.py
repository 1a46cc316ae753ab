"""Training a model without labels: frequencies, chance agreement (u), true agreement (m), prior.

Here: one model version from `match_input`. Not here: scoring a night. Training has a connection of its own with one
thread, input numbered in (source, record_id) order and a fixed seed: the same data give the same bytes, whatever the
record keys, the order of rows and the threads of the caller.
"""

import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
from splink import Linker

from matching import within
from matching.blocking import Rule, count_pairs, named, pairs_sql, splink_rule, usable
from matching.calibration import MOST_TRUE, calibrate, rounded
from matching.comparisons import columns, comparison, labels
from matching.fitting import assert_keys
from matching.linker import linker
from matching.model import PRIOR, Model
from matching.narrowing import narrowed
from matching.refinement import Limits, Refined, refine
from matching.typical import frequency, lean
from matching.untrained import fill, gaps
from rules.errors import ModelError
from rules.matching import Comparison, Kind, ModelSettings, key
from store.duck import connect, quote, scalar

ITERATIONS = (25, 8, 4, 2, 1)
FEW_RECORDS = 1000


@dataclass(frozen=True)
class Plan:
    """What of the declared settings fits the data: comparisons and rules whose fields are filled."""

    comparisons: tuple[Comparison, ...]
    blocking: tuple[Rule, ...]
    sessions: tuple[Rule, ...]
    certain: tuple[Rule, ...]
    refused: dict[str, int]
    narrowed: dict[str, int]
    refined: dict[str, Refined]
    limits: Limits


def plan(con: duckdb.DuckDBPyConnection, table: str, settings: ModelSettings) -> Plan:
    """Choose comparisons and rules by what the data has; count every blocking rule before it may run."""
    filled = filled_fields(con, table, float(settings.training.min_filled))
    used = tuple(c for c in settings.comparisons if c.field in filled or (c.kind == "address" and "postcode" in filled))
    if len(used) < 2:
        raise ModelError(table, "fewer than two comparable fields are filled", "map more fields in the source YAML")
    counts = {rule: count_pairs(con, table, rule) for rule in usable(settings.blocking, filled)}
    loose = {rule: count_pairs(con, table, rule) for rule in usable(settings.loose, filled)}
    counts |= {rule: pairs for rule, pairs in loose.items() if pairs <= settings.loose_pairs}
    counts, wide = narrowed(con, table, counts, settings, filled, scalar(con, f"SELECT count(*) FROM {table}"))
    limits = limits_of(settings, filled)
    refined = {rule: refine(con, table, rule, limits) for rule, pairs in counts.items() if pairs > limits.pairs}
    allowed = tuple(rule for rule in counts if rule not in refined or refined[rule].pairs)
    if not allowed:
        raise ModelError(table, "no blocking rule fits the data and the cap", "declare rules in matching.yaml")
    return Plan(
        used,
        allowed,
        _sessions(con, table, settings, used, filled),
        tuple(usable(settings.training.certain, filled)) or allowed[:1],
        {named(rule): pairs for rule, pairs in counts.items() if rule not in allowed},
        {named(rule): pairs for rule, pairs in wide.items()},
        {named(rule): left for rule, left in refined.items() if rule in allowed},
        limits,
    )


def limits_of(settings: ModelSettings, filled: set[str]) -> Limits:
    """The declared limits of blocking rules, refined by the declared parts whose field is filled."""
    parts = tuple(part for part in settings.refine if key(part).field in filled)
    return Limits(settings.max_pairs_per_rule, settings.max_block, parts)


def _sessions(
    con: duckdb.DuckDBPyConnection, table: str, settings: ModelSettings, used: Sequence[Comparison], filled: set[str]
) -> tuple[Rule, ...]:
    """The surest sessions that together train every comparison; a later one is used only for what is still untrained.

    Loose blocking brings in namesakes and household members, which would make disagreement look common among matches.
    """
    chosen: list[Rule] = []
    untrained = {declared.field for declared in used}
    for rule in usable(settings.training.sessions, filled):
        blocked = {key(part).field for part in rule}
        trains = {declared.field for declared in used if not blocked & set(columns(declared))}
        if trains & untrained and count_pairs(con, table, rule) >= settings.training.least_pairs:
            chosen.append(rule)
            untrained -= trains
    return tuple(chosen)


def train(
    con: duckdb.DuckDBPyConnection, table: str, party_type: str, settings: ModelSettings, staged: Path,
    duplicate_free: Collection[str] = (),
) -> None:  # fmt: skip
    """Train on `table` (shape of match_input) and write the model's files into `staged`.

    `duplicate_free` names sources that hold every party once. `key_map` must exist in `con`, and `con` must be allowed
    to write beside `staged`.
    """
    assert_keys(con, table)
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    work = staged.with_name(staged.name + ".work")
    work.mkdir(exist_ok=True)
    _hand_over(con, table, work / "input.parquet")
    with connect([staged], work, _memory(con), threads=1) as own:
        own.execute(f"CREATE TABLE training_input AS SELECT * FROM read_parquet({quote(str(work / 'input.parquet'))})")
        _train(own, party_type, settings, staged, duplicate_free)
    shutil.rmtree(work)


def _train(
    own: duckdb.DuckDBPyConnection, party_type: str, settings: ModelSettings, staged: Path, free: Collection[str]
) -> None:
    chosen = plan(own, "training_input", settings)
    trained = _trained(own, chosen, settings).misc.save_model_to_json()
    records = scalar(own, "SELECT count(*) FROM training_input")
    unseen, pairs = gaps(trained), min(settings.training.max_pairs, records * (records - 1) // 2)
    kinds = {declared.field: declared.kind for declared in chosen.comparisons}
    lean(trained, kinds, records, pairs)
    fill(trained, pairs)
    trained = rounded(trained)
    facts = _facts(own, party_type, settings, chosen) | {"untrained_levels": unseen}
    _write_frequencies(own, staged, trained, kinds, records)
    draft = Model(staged, party_type, trained, facts)
    within.write(own, draft, "training_input")
    model = calibrate(own, draft, settings, free)
    _write_json(staged / "settings.json", model.settings)
    _write_json(staged / "model.json", model.facts)


def _hand_over(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """The training input as a file, its records numbered in (source, record_id) order in place of their keys."""
    con.execute(f"""
        COPY (SELECT t.* REPLACE (row_number() OVER (ORDER BY k.source, k.record_id) AS record_key)
              FROM {table} t JOIN key_map k USING (record_key) ORDER BY 1)
        TO {quote(str(path))} (FORMAT parquet)""")


def _memory(con: duckdb.DuckDBPyConnection) -> str:
    return str(con.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])


def splink_settings(chosen: Plan) -> dict[str, Any]:
    """Splink settings of a plan, untrained; `linker_uid` fixed because Splink's own is random."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_key",
        "linker_uid": "registry",
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "comparisons": [comparison(declared) for declared in chosen.comparisons],
        "blocking_rules_to_generate_predictions": [splink_rule(rule) for rule in chosen.blocking],
    }


def prior(con: duckdb.DuckDBPyConnection, table: str, certain: Sequence[Rule], recall: float) -> float:
    """Chance that two random records are one party: pairs that a certain rule finds, over its recall, over all pairs.

    A sample says nothing beyond its size: where no such pair is found it counts as one among all, and never more than
    every second pair is expected to be true. A chance of 0 or 1 would outweigh any evidence.
    """
    records = scalar(con, f"SELECT count(*) FROM {table}")
    total = max(records * (records - 1) // 2, 1)
    union = " UNION ".join(pairs_sql(table, rule) for rule in certain)
    found = scalar(con, f"SELECT count(*) FROM ({union})")
    return min(max(found / recall, 1) / total, MOST_TRUE)


def _trained(own: duckdb.DuckDBPyConnection, chosen: Plan, settings: ModelSettings) -> Linker:
    chance = prior(own, "training_input", chosen.certain, float(settings.training.certain_recall))
    taught, training = linker(own, "training_input", splink_settings(chosen) | {PRIOR: chance}), settings.training
    taught.training.estimate_u_using_random_sampling(training.max_pairs, training.seed, num_chunks=_chunks(own))
    for rule in chosen.sessions:
        _session(taught, rule, training.session_pairs, _half_strangers(own, rule, chance))
    _forget_blocked_strangers(taught)
    return taught


def _chunks(own: duckdb.DuckDBPyConnection) -> int:
    """Parts in which random pairs are counted, the last ones only for rare levels; few pairs are counted at once."""
    return 10 if scalar(own, "SELECT count(*) FROM training_input") > FEW_RECORDS else 1


def _half_strangers(own: duckdb.DuckDBPyConnection, rule: Rule, chance: float) -> bool:
    """Whether at least half of a session's pairs are strangers, even if it finds every true pair there is.

    Then the session learns its own chance agreement beside m. Strangers of one birth date are often of one country,
    or their names begin alike: held to what random pairs agree in, the rest of their agreement counts as m. Among
    fewer strangers nothing could be learned of them.
    """
    records = scalar(own, "SELECT count(*) FROM training_input")
    return count_pairs(own, "training_input", rule) >= chance * records * (records - 1)


def _session(taught: Linker, rule: Rule, pairs: int, own_strangers: bool) -> None:
    """Train on the pairs of `rule`; `own_strangers`: whether the session learns chance agreement of its own.

    It learns how often the levels of a comparison are met, whatever the value: weighed by how common each value is,
    matches of rare names would count more than those of common ones.
    Data without any error drive the chance of a level to nought, which Splink refuses: then the session stops earlier,
    before the chance is too small for a float.
    """
    settings = taught._settings_obj
    before = settings.core_model_settings.copy()
    for iterations in ITERATIONS:
        settings.training_settings = replace(settings.training_settings, max_iterations=iterations)
        try:
            taught.training.estimate_parameters_using_expectation_maximisation(
                _creator(rule),
                max_pairs=pairs,
                fix_u_probabilities=not own_strangers,
                estimate_without_term_frequencies=True,
            )
            return
        except ValueError as error:
            if "below the minimum allowed value" not in str(error):
                raise
            settings.core_model_settings = before.copy()
    raise ModelError("training", "no level of some comparison is ever seen", "compare fewer fields in matching.yaml")


def _forget_blocked_strangers(taught: Linker) -> None:
    """Keep of every u what random pairs say: a session's own holds among pairs that share its blocking values."""
    for made in taught._settings_obj.comparisons:
        for level in made.comparison_levels:
            level._trained_u_probabilities = [
                one for one in level._trained_u_probabilities if not one["description"].startswith("EM")
            ]
    taught._populate_m_u_from_trained_values()


def _creator(rule: Rule) -> Any:
    from splink.internals.blocking_rule_library import CustomRule

    made = splink_rule(rule)
    return CustomRule(made["blocking_rule"], "duckdb", made.get("arrays_to_explode"))


def filled_fields(con: duckdb.DuckDBPyConnection, table: str, least: float) -> set[str]:
    """Columns that at least the share `least` of the records have."""
    names = [str(row[0]) for row in con.execute(f"DESCRIBE {table}").fetchall()]
    counts = con.execute(f"SELECT count(*), {', '.join(f'count({name})' for name in names)} FROM {table}").fetchall()
    total, *values = counts[0]
    return {name for name, count in zip(names, values, strict=True) if total and count / total >= least}


def _facts(con: duckdb.DuckDBPyConnection, party_type: str, settings: ModelSettings, chosen: Plan) -> dict[str, Any]:
    read = {column for declared in chosen.comparisons for column in columns(declared)}
    blocked = {key(part).field for rule in (*chosen.blocking, chosen.limits.refine) for part in rule}
    return {
        "party_type": party_type,
        "records": scalar(con, "SELECT count(*) FROM training_input"),
        "columns": sorted(read | blocked | {"record_key"}),
        "comparisons": {declared.field: labels(declared) for declared in chosen.comparisons},
        "blocking": [named(rule) for rule in chosen.blocking],
        "refused_rules": chosen.refused,
        "narrowed_rules": chosen.narrowed,
        "refined_rules": {rule: asdict(left) for rule, left in chosen.refined.items()},
        "limits": asdict(chosen.limits),
        "costs": settings.costs.model_dump(mode="json"),
        "firewall": settings.firewall.model_dump(mode="json"),
        "within": within.fitting(settings.within, [declared.field for declared in chosen.comparisons]),
        "seed": settings.training.seed,
        "sessions": [named(rule) for rule in chosen.sessions],
    }


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _write_frequencies(
    con: duckdb.DuckDBPyConnection, staged: Path, trained: dict[str, Any], kinds: Mapping[str, Kind], records: int
) -> None:
    """The share of every value; in a small table drawn towards what is typical, for what it holds twice is no more
    common than what it holds once."""
    for column, (each, every) in sorted(_typical(trained, kinds, records).items()):
        con.execute(f"""
            COPY (SELECT {column}, (count(*) + {each!r}) / (sum(count(*)) OVER () + {every!r}) AS tf_{column}
                  FROM training_input WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY {column})
            TO {quote(str(staged / f"tf_{column}.parquet"))} (FORMAT parquet)""")


def _typical(trained: dict[str, Any], kinds: Mapping[str, Kind], records: int) -> dict[str, tuple[float, float]]:
    """Records that each value of a frequency column, and all of them, count for beyond those of the table."""
    return {
        level["tf_adjustment_column"]: frequency(
            kinds[declared["output_column_name"]], level["label_for_charts"], records
        )
        for declared in trained["comparisons"]
        for level in declared["comparison_levels"]
        if level.get("tf_adjustment_column")
    }
