"""Identity and golden record of a night: clusters → client numbers → golden tables, and what changed.

Here: composition. Not here: the ledger's rules or survivorship (golden_record).
"""

from collections.abc import Iterable

import duckdb

from golden_record.changes import diff
from golden_record.findings import find
from golden_record.identity import assign_numbers
from golden_record.survivorship import survive
from rules.contracts.golden import GOLDEN
from rules.contracts.identity import IDENTITY
from rules.settings import Settings
from rules.survivorship import Survivorship, load_survivorship
from stages import changed, history, spread
from stages.delivered import gone, input_count
from stages.match import MODELS, learnt
from stages.night import Night
from stages.standardise import FORMS
from store import snapshots
from store.duck import quote

RECORDS = tuple(name for name in GOLDEN if name != "change_event")
"""What survivorship writes of each client."""
PAIRS = tuple(f"pairs_{party}" for party in MODELS)


def identify(night: Night) -> dict[str, int]:
    """Stage the crosswalk and the ledger: every cluster gets the number its records' history gives it."""
    with night.open("std_record", "clusters", "quarantine", "decided", *PAIRS, parent=(*IDENTITY, "std_record")) as con:
        assign_numbers(con, night.version, night.business_date, night.settings.registry.numbers.adopt)
        _delivered(con, night)
        find(con, night.business_date)
        return night.save(con, *IDENTITY)


def _delivered(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Tables `issuer(source, owner)` and `gone(source, record_id)`: who issues numbers, and what it lists no more."""
    con.execute("CREATE TABLE issuer (source VARCHAR, owner VARCHAR)")
    issuers = [source for source in night.settings.sources if source.issues_numbers_for]
    for source in issuers:
        con.execute("INSERT INTO issuer VALUES (?, ?)", [source.name, source.owner])
    gone(con, night, issuers)


def golden(night: Night) -> dict[str, int]:
    """Stage the golden tables with lineage: of touched clients anew, else the parent's; and what changed."""
    needed = (*changed.NEEDED, "crosswalk", "overridden", "golden_party")
    with night.open(*FORMS, "crosswalk", "overridden", parent=needed) as con:
        learnt(con, night)
        trust(con, night)
        _touched_clients(con, night)
        if spread.is_spread(night):
            spread.survive_all(con, night, survivorship(night), "touched_crosswalk")
        else:
            survive(con, survivorship(night), "touched_crosswalk")
        mark_stale(con, night)
        _as_they_were(con)
        diff(con)
        made = night.save_changes(con, "touched_client", *RECORDS) | night.save(con, "change_event")
        return made | history.write(con, night, "touched_client")


def mark_stale(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Give every row of `golden_lineage` its `stale_since`: the day its value is from, where its source is stale."""
    input_count(con, night)
    others = ", ".join(f"l.{name}" for name in GOLDEN["golden_lineage"].column_names() if name != "stale_since")
    con.execute(f"""
        CREATE OR REPLACE TABLE golden_lineage AS
        SELECT {others}, DATE '{night.business_date}' - CAST(s.stale_days AS INTEGER) AS stale_since
        FROM golden_lineage l
        LEFT JOIN (SELECT record_key, stale_days FROM std_record JOIN input_count USING (source) WHERE stale_days > 0) s
        ON s.record_key = l.record_key""")


def _touched_clients(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """`touched_client(client_number)`: whose members, standard forms or decided values differ; and their members."""
    changed.fresh(con, night)
    con.execute(f"""
        CREATE TEMP TABLE touched_client AS
        SELECT client_number FROM ({changed.otherwise("SELECT record_key, client_number FROM {}crosswalk")})
        UNION SELECT client_number FROM crosswalk WHERE source IN ({_texts(_otherwise_stale(night))})
        UNION SELECT client_number FROM crosswalk SEMI JOIN (
            FROM fresh UNION ALL SELECT record_key FROM ({changed.otherwise("FROM {}overridden")}))
        USING (record_key)""")
    con.execute(
        "CREATE TEMP VIEW touched_crosswalk AS SELECT * FROM crosswalk SEMI JOIN touched_client USING (client_number)"
    )


def _otherwise_stale(night: Night) -> list[str]:
    """Sources that did not deliver tonight and did last night, or the other way round."""
    parent = night.parent
    before = {entry.source: entry.snapshot for entry in parent.inputs if entry.stale} if parent else {}
    facts = (snapshots.read_facts(night.home, source.series, night.business_date) for source in night.settings.sources)
    now = {found.source: found.taken for found in facts if found and found.stale}
    return [source for source in {*before, *now} if before.get(source) != now.get(source)]


def _texts(values: Iterable[str]) -> str:
    """SQL: a list of texts, with none where there is none."""
    return ", ".join([*(quote(value) for value in sorted(values)), "NULL"])


def _as_they_were(con: duckdb.DuckDBPyConnection) -> None:
    """Of the parent's golden parties only touched clients, as of tonight's: the others are what they were."""
    con.execute(
        "CREATE TEMP TABLE touched_before AS FROM parent_golden_party SEMI JOIN touched_client USING (client_number)"
    )
    con.execute("CREATE OR REPLACE VIEW parent_golden_party AS FROM touched_before")


def survivorship(night: Night) -> Survivorship:
    """The strategies that the night's bank declares."""
    return survivorship_of(night.settings)


def survivorship_of(settings: Settings) -> Survivorship:
    """The declared strategies, with the bank's own laid over the shipped ones."""
    overlay = settings.overlay("survivorship.yaml")
    return load_survivorship(overlay if overlay and overlay.exists() else None)


def trust(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Table `source_trust(source, trust)`."""
    con.execute("CREATE TABLE source_trust (source VARCHAR, trust INTEGER)")
    con.executemany("INSERT INTO source_trust VALUES (?, ?)", [(s.name, s.trust) for s in night.settings.sources])
