"""Certification of an incremental night: a sample of its components computed again from the raw rows.

Here: the sample, each step done again on it, the comparison with what the night staged. Not here: the steps. A
difference stops the promotion: it would mean that something the night carried on was not what a full night gives.
"""

import duckdb

from golden_record.survivorship import survive
from matching import clustering, scoring
from matching.projection import project
from matching.settled import settled
from quality.children import mapped_units, owned, standard_units
from rules.contracts import TABLES
from rules.contracts.children import OF_UNITS
from rules.contracts.decisions import DECISIONS
from rules.contracts.standard import STANDARD
from rules.errors import CheckFailed
from rules.sources import Source
from stages import freeze
from stages.feeds import naming
from stages.identify import RECORDS, mark_stale, survivorship, trust
from stages.match import MODELS, guard, learnt, pinned
from stages.night import Night
from stages.staged import attach_staged
from stages.standardise import FORMS, from_scratch
from store import snapshots, tables
from store.duck import hold, scalar

_PAIRED = tuple(f"{kind}_{party}" for kind in ("match_input", "pairs") for party in MODELS)
_STAGED = (*FORMS, *OF_UNITS, *_PAIRED, "refined_rule", "clusters", "review", "crosswalk", *RECORDS)


def certify(night: Night) -> dict[str, int]:
    """Compute a sample again and compare; CheckFailed names the tables that differ. Nothing to do in a full night."""
    if night.plan.standard:
        return {"certified_records": 0}
    with night.open() as con:
        for table in _STAGED:
            attach_staged(con, night, table, "staged_")
        for table in DECISIONS:
            attach_staged(con, night, table)
        _sample(con, night)
        again = (_standard, _children, _projection, _pairs, _clusters, _golden)
        differs = [table for step in again for table in step(con, night)]
        if differs:
            told = f"a sample computed from scratch differs in {', '.join(differs)}"
            raise CheckFailed(f"certification of {night.business_date}", told, "run with --full, and report the defect")
        return {"certified_records": scalar(con, "SELECT count(*) FROM sampled")}


def _sample(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """`sampled(record_key, source, record_id)`: records of some clusters, others every night, the same in every run."""
    con.execute(f"""
        CREATE TEMP TABLE sampled AS
        WITH chosen AS (
            SELECT k.record_key AS cluster_key FROM (SELECT DISTINCT cluster_key FROM staged_clusters) c
            JOIN key_map k ON k.record_key = c.cluster_key
            ORDER BY md5(concat_ws(chr(31), {night.version}, k.source, k.record_id)), k.source, k.record_id
            LIMIT {night.settings.registry.certified_clusters})
        SELECT r.record_key, r.source, r.record_id FROM staged_std_record r
        JOIN staged_clusters USING (record_key) SEMI JOIN chosen USING (cluster_key)""")


def _standard(con: duckdb.DuckDBPyConnection, night: Night) -> list[str]:
    for name in FORMS:
        con.execute(f"CREATE TEMP TABLE {name} AS {tables.empty_sql(STANDARD[name])}")
    for source in night.settings.sources:
        wanted = con.sql(f"SELECT record_id FROM sampled WHERE source = '{source.name}'").pl()
        from_scratch(con, night, source, wanted)
    return [name for name in FORMS if _differs(con, name, "staged_{} SEMI JOIN sampled USING (record_key)")]


def _children(con: duckdb.DuckDBPyConnection, night: Night) -> list[str]:
    """What hangs on sampled records, from the raw rows that name them."""
    sources = filter(mapped_units, night.settings.delivered)
    return sorted({name for source in sources for name in _hanging(con, night, source)})


def _hanging(con: duckdb.DuckDBPyConnection, night: Night, source: Source) -> list[str]:
    rows = snapshots.scan(night.home, source.series, night.business_date)
    con.register("owner", owned(source, naming(source, rows)).to_arrow())
    con.execute(
        "CREATE OR REPLACE TEMP TABLE hung AS SELECT item FROM owner SEMI JOIN sampled USING (source, record_id)"
    )
    some = snapshots.of_records(rows, con.sql("SELECT item AS record_id FROM hung").pl())
    found = []
    for name, frame in standard_units(source, some) if some.height else ():
        con.register(name, frame.to_arrow())
        of = f"staged_{{}} SEMI JOIN hung USING (item) WHERE feed = '{source.name}'"
        found += [name] if _differs(con, name, of) else []
        con.unregister(name)
    return found


def _projection(con: duckdb.DuckDBPyConnection, night: Night) -> list[str]:
    learnt(con, night)
    for party in MODELS:
        project(con, party)
    found = [f"match_input_{party}" for party in MODELS]
    return [name for name in found if _differs(con, name, "staged_{} SEMI JOIN sampled USING (record_key)")]


def _pairs(con: duckdb.DuckDBPyConnection, night: Night) -> list[str]:
    """The pairs of sampled records with all others, where no rule depends on more than the two."""
    differs = []
    for party in MODELS:
        model, refined = pinned(night, party), f"SELECT count(*) FROM staged_refined_rule WHERE party_type = '{party}'"
        if model is None or scalar(con, refined):
            continue
        hold(con, f"staged_match_input_{party}")
        scoring.score_around(con, model, f"staged_match_input_{party}", "sampled", f"pairs_{party}")
        if not night.settings.registry.match_across_entities:
            scoring.keep_within_entities(con, f"pairs_{party}", f"staged_match_input_{party}")
        ends = "record_key_l IN (SELECT record_key FROM sampled) OR record_key_r IN (SELECT record_key FROM sampled)"
        own = f"(SELECT * REPLACE (weight - raised AS weight, 0 AS raised) FROM staged_pairs_{party})"
        differs += [f"pairs_{party}"] if _differs(con, f"pairs_{party}", f"{own} WHERE {ends}") else []
    return differs


def _clusters(con: duckdb.DuckDBPyConnection, night: Night) -> list[str]:
    """The components of sampled records clustered again, the others as they are; in a freeze all are made anew."""
    if freeze.of_night(night):
        return []
    con.execute("CREATE TEMP VIEW touched AS SELECT record_key FROM sampled")
    for name in ("clusters", "review"):
        con.execute(f"CREATE VIEW parent_{name} AS FROM staged_{name}")
    for party in MODELS:
        model = pinned(night, party)
        bands = (model.match_weight, model.review_weight) if model else (0, 0)
        for name in (f"match_input_{party}", f"pairs_{party}"):
            con.execute(f"DROP TABLE IF EXISTS {name}")
            con.execute(f"CREATE VIEW {name} AS FROM staged_{name}")
        settled(con, party, bands[0])
        clustering.cluster(con, party, f"pairs_{party}", *bands, guard(night, model), "settled")
    ours = "SELECT * FROM {} WHERE kind NOT IN ('reopened', 'party_types')"
    con.execute(f"CREATE TEMP VIEW own_review AS {ours.format('staged_review')}")
    con.execute(f"CREATE OR REPLACE VIEW review AS {ours.format(_all('review'))}")
    con.execute(f"CREATE VIEW clusters AS FROM {_all('clusters')}")
    expected = {"clusters": "staged_clusters", "review": "own_review"}
    return [name for name, staged in expected.items() if _differs(con, name, staged)]


def _all(name: str) -> str:
    return "(" + " UNION ALL ".join(f"FROM {name}_{party}" for party in MODELS) + ")"


def _golden(con: duckdb.DuckDBPyConnection, night: Night) -> list[str]:
    """The golden records of the clients that sampled records belong to, from the staged standard forms."""
    for name in FORMS:
        con.execute(f"DROP TABLE {name}")
        con.execute(f"CREATE VIEW {name} AS FROM staged_{name}")
    crosswalk = "FROM staged_crosswalk SEMI JOIN"
    con.execute(f"CREATE TEMP VIEW some_client AS SELECT client_number {crosswalk} sampled USING (record_key)")
    con.execute(f"CREATE TEMP VIEW some_crosswalk AS {crosswalk} some_client USING (client_number)")
    trust(con, night)
    survive(con, survivorship(night), "some_crosswalk")
    mark_stale(con, night)
    return [name for name in RECORDS if _differs(con, name, "staged_{} SEMI JOIN some_client USING (client_number)")]


def _differs(con: duckdb.DuckDBPyConnection, name: str, expected: str) -> bool:
    """Whether the table as computed again has other rows than the night staged."""
    shape = TABLES[name]
    again, staged = tables.cast_sql(shape, name), tables.cast_sql(shape, expected.format(name))
    con.execute(f"CREATE OR REPLACE TEMP TABLE of_tonight AS {staged}")  # read once: it lies in the whole table's files
    return scalar(con, f"SELECT count(*) FROM ({tables.difference_sql(again, 'FROM of_tonight')})") > 0
