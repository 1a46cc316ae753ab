"""The heavy steps of a night on a Spark cluster: what a shard of each is, and which work each task does.

Here: composition. Not here: the work itself (matching, golden_record), the cluster (store/spark). Only a night that
computes everything is spread: one that computes what changed touches few rows, and stays on the driver.

| step | a shard holds | its task runs |
|---|---|---|
| standard forms | distinct values that are not remembered | the standardiser of their kind |
| match input | records | `matching.projection.project` |
| pairs | candidate pairs and their records | `matching.scoring.score_found` |
| clusters | whole components of the graph of pairs | `matching.clustering.cluster` |
| golden record | whole clients | `golden_record.survivorship.survive` |
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import duckdb
import polars as pl

from golden_record.survivorship import survive
from matching.blocking import Rule
from matching.clustering import cluster
from matching.connected import connected
from matching.firewall import Guard
from matching.fitting import assert_fits, assert_keys
from matching.model import Model
from matching.projection import project
from matching.refinement import Refined, blocks_queries, limits_in, refine
from matching.scoring import score_found
from quality.standardise.driver import Compute
from rules.contracts.golden import GOLDEN
from rules.contracts.standard import STANDARD
from rules.survivorship import Survivorship
from stages import staged
from stages.night import Night
from store.spark import Spread, spread

_FORMS = tuple(name for name in STANDARD if name != "quarantine")
_GOLDEN = tuple(name for name in GOLDEN if name != "change_event")


def is_spread(night: Night) -> bool:
    """Whether the night's heavy steps run on the cluster that registry.yaml declares."""
    return night.settings.registry.engine == "spark" and bool(night.plan.match)


@contextmanager
def _step(night: Night, name: str) -> Iterator[Spread]:
    declared = night.settings.registry.spark
    assert declared is not None  # checked when registry.yaml is read
    with spread(declared, night.folder / "spread" / name, [night.home.root]) as found:
        yield found


def _take(step: Spread, con: duckdb.DuckDBPyConnection, night: Night, name: str) -> None:
    """Give the cluster a staged table: its files as they are, or a copy where it lies over the parent's."""
    if files := staged.whole_files(night, name):
        step.read(name, files)
    else:
        step.take(con, name)


def compute_all(night: Night, distinct: pl.DataFrame, compute: Compute) -> pl.DataFrame:
    """What a standardiser gives for distinct values, in their order."""
    with _step(night, "values") as step:
        return step.over(distinct, compute)


def project_all(con: duckdb.DuckDBPyConnection, night: Night, parties: Sequence[str]) -> None:
    """Create `match_input_<party>` of `std_*`, each shard from the forms of its records."""
    with _step(night, "match_input") as step:
        for name in _FORMS:
            _take(step, con, night, name)
            step.deal(name, f"SELECT *, {step.hashed('record_key')} AS shard FROM {name}")
        for name in ("placeholder", "name_role"):
            step.take(con, name)
        made = [f"match_input_{party}" for party in parties]
        step.each(con, partial(_project, tuple(parties)), _FORMS, ("placeholder", "name_role"), made)


def _project(parties: Sequence[str], con: duckdb.DuckDBPyConnection) -> None:
    for party in parties:
        project(con, party)


def score_all(
    night: Night, con: duckdb.DuckDBPyConnection, model: Model, table: str, output: str
) -> dict[Rule, Refined]:
    """Create `output` as `matching.scoring.score` does: Spark joins the blocks, tasks score the pairs.

    Returns the rules that exceeded their cap, which the driver counts.
    """
    assert_fits(con, model, table)
    assert_keys(con, table)
    with _step(night, output) as step:
        step.take(con, table, f"SELECT {', '.join(model.columns)} FROM {table}")
        queries, over = blocks_queries(con, table, model)
        refined = {rule: refine(con, table, rule, limits_in(model.facts), name) for name, rule in over.items()}
        for name in over:
            step.take(con, name)
        step.keep("block", " UNION ALL ".join(queries))
        step.keep(
            "candidate",
            f"""
            SELECT DISTINCT l.record_key AS record_key_l, r.record_key AS record_key_r,
                   {step.hashed("l.record_key")} AS shard
            FROM block l JOIN block r ON l.block = r.block AND l.record_key < r.record_key""",
        )
        step.deal("candidate", "SELECT * FROM candidate")
        ends = "SELECT record_key_l AS record_key, shard FROM candidate UNION SELECT record_key_r, shard FROM candidate"
        step.deal("record", f"SELECT t.*, e.shard FROM {table} t JOIN ({ends}) e ON e.record_key = t.record_key")
        step.each(con, partial(_score, model, output), ("candidate", "record"), (), (output,))
    return refined


def _score(model: Model, output: str, con: duckdb.DuckDBPyConnection) -> None:
    score_found(con, model, "record", "candidate", output)


def cluster_all(con: duckdb.DuckDBPyConnection, night: Night, party: str, bands: tuple[int, int], guard: Guard) -> None:
    """Create `clusters_<party>` and `review_<party>` as `matching.clustering.cluster` does.

    `bands` are the match and the review threshold. A component here is connected by pairs down to the lower of them:
    then no item of review lies between two shards.
    """
    records, pairs = f"match_input_{party}", f"pairs_{party}"
    joining = f"SELECT record_key_l, record_key_r FROM {pairs} WHERE weight >= {min(bands)}"
    must = "SELECT record_key_l, record_key_r FROM decided WHERE kind = 'must_link'"
    with _step(night, f"clusters_{party}") as step:
        for name in (records, pairs, "decided", "key_map"):
            step.take(con, name)
        step.keep("edge", f"{joining} UNION {must}")
        connected(step.session, "edge", "connected", step.folder / "components")
        component = step.hashed("coalesce(c.component, m.record_key)")
        step.keep("place", f"SELECT m.record_key, {component} AS shard FROM {records} m LEFT JOIN connected c "
                           "ON c.record_key = m.record_key")  # fmt: skip
        for name, end in ((records, "record_key"), ("key_map", "record_key"), (pairs, "record_key_l"),
                          ("decided", "record_key_l")):  # fmt: skip
            step.deal(name, f"SELECT t.*, p.shard FROM {name} t JOIN place p ON p.record_key = t.{end}")
        work = partial(_cluster, party, bands, guard)
        made = (f"clusters_{party}", f"review_{party}")
        step.each(con, work, (records, "key_map", pairs, "decided"), (), made)


def _cluster(party: str, bands: tuple[int, int], guard: Guard, con: duckdb.DuckDBPyConnection) -> None:
    cluster(con, party, f"pairs_{party}", *bands, guard)


def survive_all(con: duckdb.DuckDBPyConnection, night: Night, policy: Survivorship, crosswalk: str) -> None:
    """Create the golden tables of the clients in `crosswalk`, each shard from the forms of its clients' records."""
    with _step(night, "golden_record") as step:
        for name in _FORMS:
            _take(step, con, night, name)
        for name in ("overridden", "source_trust", "placeholder"):
            step.take(con, name)
        step.take(con, "crosswalk", f"FROM {crosswalk}")
        step.deal("crosswalk", f"SELECT *, {step.hashed('client_number')} AS shard FROM crosswalk")
        place = f"(SELECT record_key, {step.hashed('client_number')} AS shard FROM crosswalk)"
        dealt = (*_FORMS, "overridden")
        for name in dealt:
            step.deal(name, f"SELECT t.*, p.shard FROM {name} t JOIN {place} p ON p.record_key = t.record_key")
        work = partial(_survive, policy)
        step.each(con, work, (*dealt, "crosswalk"), ("source_trust", "placeholder"), _GOLDEN)


def _survive(policy: Survivorship, con: duckdb.DuckDBPyConnection) -> None:
    survive(con, policy)
