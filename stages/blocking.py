"""Counting and proposing blocking rules on the live projection of a home.

Here: which projection, rules and true pairs. Not here: how rules are counted (matching/counting), candidates found
(matching/candidates) and chosen (matching/proposal). Truth only measures; without it, true pairs are those that the
model scores at or above its match threshold, each counted with its probability, near a sample of records.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from matching import candidates as near
from matching import proposal
from matching.blocking import Rule, named, usable
from matching.counting import count as count_rules
from matching.model import MICRO, Model, load
from matching.promotions import aliases
from matching.refinement import Limits, limits_in
from matching.scoring import score_given
from matching.training import filled_fields, limits_of
from rules.errors import ConfigError, ModelError, NotFound
from rules.matching import ModelSettings, load_matching
from stages import truth as truths
from stages.match import MODELS
from store import keymap, versions
from store.duck import connect, quote, scalar
from store.home import Home

SCORED, FEWEST = 1_000_000, 500
"""Pairs that an estimate may score, and the fewest records that it samples."""
ANY, LEAST_FILLED = 1e-12, 0.01
"""Shares of records that have a field: at least one; fewer make no candidate."""


def count(home: Home, party: str, settings: ModelSettings | None = None, memory: str = "4GB") -> dict[str, Any]:
    """Pairs of every blocking rule of the live model, or of `settings` where given: alone and beyond earlier ones.

    Returns `party, records, cap, max_block, refine, rules` (see `matching.counting.Count`), `pairs` = those compared.
    """
    with projection(home, party, memory) as (con, table):
        fields = filled_fields(con, table, ANY)
        declared, limits = _declared(home, party, settings, fields)
        fitting = usable(declared, fields)
        counts = count_rules(con, table, declared, fitting, limits)
        return {
            "party": party, "records": scalar(con, f"SELECT count(*) FROM {table}"),
            "cap": limits.pairs, "max_block": limits.block, "refine": list(limits.refine),
            "pairs": sum(one.adds for one in counts), "rules": [asdict(one) for one in counts],
        }  # fmt: skip


def propose(
    home: Home,
    party: str,
    budget: int,
    truth: Path | None = None,
    settings: ModelSettings | None = None,
    memory: str = "4GB",
) -> dict[str, Any]:
    """A set of rules within `budget` pairs and what recall each adds, beside that of the rules declared now."""
    if budget < 1:
        raise ConfigError("--budget", "must be at least one pair", "give the pairs a night may compare")
    with projection(home, party, memory, truth) as (con, table):
        fields = filled_fields(con, table, LEAST_FILLED)
        declared = usable(_declared(home, party, settings, fields)[0], fields)
        parts = near.templates(fields)
        parts += [part for part in dict.fromkeys(part for rule in declared for part in rule) if part not in parts]
        near.encode(con, table, parts)
        counted = near.candidates(con, parts, declared, budget)
        basis = _by_truth(con, table, truth) if truth else _by_model(con, home, party, table, parts, counted)
        chosen, now = _chosen(con, parts, counted, declared, budget)
        return {"party": party, "budget": budget, "candidates": len(counted), "basis": basis} | _shown(chosen, now)


@contextmanager
def projection(
    home: Home, party: str, memory: str = "4GB", truth: Path | None = None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection with `match_input_<party>` of the live version, else of the newest night staged, and the key map."""
    if party not in MODELS:
        raise ConfigError("--party", f"is one of {', '.join(MODELS)}", "name one of them")
    if truth:
        truths.present(truth)
    table = f"match_input_{party}"
    live = versions.manifest(home) if versions.live(home) else None
    staged = sorted(home.staging.glob(f"*/tables/{table}.parquet"))
    if live is None and not staged:
        raise NotFound(str(home.root), "has no records to match yet", "run `registry run` first")
    with connect([home.root, *([truth.parent] if truth else [])], home.staging, memory) as con:
        if live:
            versions.attach(con, home, live, [table])
        else:
            con.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet({quote(str(staged[-1].resolve()))})")
        con.execute(f"CREATE TEMP TABLE blocked AS SELECT * FROM {table} ORDER BY record_key")
        keymap.attach(con, home)
        yield con, "blocked"


def _declared(home: Home, party: str, settings: ModelSettings | None, fields: set[str]) -> tuple[list[Rule], Limits]:
    """Rules and limits of `settings` where given, else of the live model, else as shipped."""
    model = None if settings else _model(home, party)
    declared = settings or load_matching().of(party)
    if model is None:
        return list(declared.blocking), limits_of(declared, fields)
    return [*model.blocking, *model.refused], limits_in(model.facts)


def _model(home: Home, party: str) -> Model | None:
    """The model of the live version, else the one promoted as bootstrap; None if there is none."""
    live = versions.manifest(home).models if versions.live(home) else {}
    name = live.get(party) or aliases(home.models, party).get("bootstrap")
    return load(home.models, party, name) if name else None


def _by_truth(con: duckdb.DuckDBPyConnection, table: str, truth: Path) -> dict[str, Any]:
    """`blocking_true`: the pairs of records of one entity, each counting one."""
    truths.view(con, truth)
    con.execute(f"""
        CREATE TEMP TABLE blocking_true AS
        WITH known AS (
            SELECT k.record_key, t.entity_id FROM truth t JOIN key_map k
            ON k.source = t.source AND k.record_id = t.record_id
            SEMI JOIN {table} USING (record_key))
        SELECT l.record_key AS record_key_l, r.record_key AS record_key_r, 1 AS mass
        FROM known l JOIN known r ON l.entity_id = r.entity_id AND l.record_key < r.record_key""")
    return {"kind": "truth", "true_pairs": scalar(con, "SELECT count(*) FROM blocking_true")}


def _by_model(
    con: duckdb.DuckDBPyConnection, home: Home, party: str, table: str, parts: Sequence[str], counted: dict[Rule, int]
) -> dict[str, Any]:
    """`blocking_true`: pairs near sampled records at or above the match threshold, counted by their probability."""
    model = _model(home, party)
    if model is None:
        raise ModelError(f"model for {party}", "is needed to say which pairs are true", "train one, or give --truth")
    broad = near.broadest(counted)
    seeds = _seeds(con, table, sum(counted[rule] for rule in broad))
    pairs = near.near_pairs(con, parts, broad, "blocking_seeds")
    score_given(con, model, table, pairs, "blocking_weighed")
    con.execute(f"""
        CREATE TEMP TABLE blocking_true AS
        SELECT record_key_l, record_key_r, round({MICRO} / (1 + pow(2, -weight / {MICRO})))::BIGINT AS mass
        FROM blocking_weighed WHERE weight >= {model.match_weight}""")
    scored, true = (scalar(con, f"SELECT {of}") for of in (f"count(*) FROM {pairs}", "sum(mass) FROM blocking_true"))
    found = {"kind": "model", "model": model.name, "sampled_records": seeds}
    return found | {"scored_pairs": scored, "true_pairs": round(true / MICRO)}


def _seeds(con: duckdb.DuckDBPyConnection, table: str, pairs: int) -> int:
    """`blocking_seeds(record_key)`: as many records as leave few enough pairs, by hash of (source, record_id)."""
    records = scalar(con, f"SELECT count(*) FROM {table}")
    wanted = min(max(records * SCORED // max(2 * pairs, 1), FEWEST), records)
    con.execute(f"""
        CREATE TEMP TABLE blocking_seeds AS
        SELECT t.record_key FROM {table} t JOIN key_map k USING (record_key)
        ORDER BY md5(concat(k.source, chr(31), k.record_id)), k.source, k.record_id LIMIT {wanted}""")
    return wanted


def _chosen(
    con: duckdb.DuckDBPyConnection,
    parts: Sequence[str],
    counted: dict[Rule, int],
    declared: Sequence[Rule],
    budget: int,
) -> tuple[list[proposal.Chosen], list[proposal.Chosen]]:
    """The proposal, and the declared rules measured alike."""
    agreed = near.agreements(con, parts, "blocking_true")
    patterns, mass = agreed["pattern"].to_numpy(), agreed["mass"].to_numpy()
    if not mass.size or not counted:
        raise ModelError(
            "blocking rules", "no true pair is found by any candidate", "raise --budget, or map more fields"
        )
    chosen = proposal.choose(counted, proposal.finds(parts, list(counted), patterns), mass, budget)
    costs = [(rule, counted.get(rule) or near.count_encoded(con, parts, rule)) for rule in declared]
    now = proposal.told(costs, proposal.finds(parts, declared, patterns), mass, range(len(costs)))
    return chosen, now


def _shown(chosen: list[proposal.Chosen], now: list[proposal.Chosen]) -> dict[str, Any]:
    made = {"proposed": chosen, "declared": now}
    return {
        name: {
            "pairs": sum(one.pairs for one in rules),
            "recall": rules[-1].recall if rules else 0.0,
            "rules": [asdict(one) | {"rule": named(one.rule), "parts": list(one.rule)} for one in rules],
        }
        for name, rules in made.items()
    }
