"""Running the invariants on a promoted version: each a query that must return no row.

Here: the facts of manifest, files and log that they read beside the version's tables. Not here: the invariants
(version_invariants, golden_record/invariants, golden_record/history_invariants).
"""

from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import polars as pl

from golden_record.history_invariants import HISTORY_INVARIANTS
from golden_record.invariants import INVARIANTS, Invariant, results
from matching.clustering import cluster_parts
from matching.model import load
from rules.contracts.children import FEEDS, UNDER_CLIENT
from rules.contracts.decisions import DECISIONS
from rules.decisions import APPROVE
from stages.history import replay_nights, replayable
from stages.version_invariants import FED, FEED, FILES, VERSION_INVARIANTS
from store import keymap, suppression, tables, versions
from store.decisions import Log, open_log
from store.duck import connect, exists, register_rows
from store.home import Home
from store.manifest import Manifest
from store.people import look_alike

EVERY: tuple[Invariant, ...] = (FILES, *INVARIANTS, *VERSION_INVARIANTS, FED, *HISTORY_INVARIANTS, FEED)
"""Every invariant, in the order they are told."""


def verify(home: Home, version: int | None = None, memory: str = "4GB") -> dict[str, Any]:
    """Run every invariant on a version (default: the live one): `{"ok", "version", "invariants": [...]}`."""
    found = versions.manifest(home, version)
    versions.require_kept(home, found.version)
    with connect([home.root], home.staging, memory) as con:
        told = [result for some in _applying(con, home, found) for result in results(con, some)]
    return {
        "ok": all(result.ok for result in told),
        "version": found.version,
        "invariants": [result._asdict() for result in told],
    }


def _applying(con: duckdb.DuckDBPyConnection, home: Home, found: Manifest) -> Iterator[Iterable[Invariant]]:
    """The invariants that the version can be asked about, once what they read is there."""
    damaged = versions.damaged(home, found)
    _facts(con, "damaged_file", {"path": pl.String}, [(path,) for path in damaged])
    yield (FILES,)
    if not damaged:
        prepare(con, home, found)
        yield (*INVARIANTS, *VERSION_INVARIANTS)
        if found.table("view_unassigned"):
            yield (FED,)
        if found.table("history_night"):
            yield HISTORY_INVARIANTS
            if replayable(home, found):
                replay_nights(con, home, found.parent, [found])
                yield (FEED,)


def prepare(con: duckdb.DuckDBPyConnection, home: Home, found: Manifest) -> None:
    """The version's tables in `con`, and beside them the facts that the invariants read."""
    keymap.attach(con, home)
    versions.attach(con, home, found)
    for table, schema in (DECISIONS | FEEDS | UNDER_CLIENT).items():
        if not exists(con, table):
            con.execute(f"CREATE TEMP VIEW {table} AS {tables.empty_sql(schema)}")
    _of_matching(con, home, found)
    _of_manifest(con, home, found)
    _of_decisions(con, open_log(home), found)
    _of_erasures(con, home)


def _of_matching(con: duckdb.DuckDBPyConnection, home: Home, found: Manifest) -> None:
    """`match_threshold(party, match_weight)` and `cluster_part(cluster_key, part)`."""
    weights = {party: load(home.models, party, name).match_weight for party, name in found.models.items()}
    _facts(con, "match_threshold", {"party": pl.String, "match_weight": pl.Int64}, list(weights.items()))
    cluster_parts(con, weights)


def _of_manifest(con: duckdb.DuckDBPyConnection, home: Home, found: Manifest) -> None:
    """`delivered(source, rows)`, `fed(feed, rows)`, `failed_check(name)`, `built_on(version, parent, promoted)`."""
    rows = [(entry.source, entry.rows + entry.carried) for entry in found.inputs]
    _facts(con, "delivered", {"source": pl.String, "rows": pl.Int64}, rows)
    rows = [(entry.source, entry.rows + entry.carried) for entry in found.feeds]
    _facts(con, "fed", {"feed": pl.String, "rows": pl.Int64}, rows)
    failed = [check.stage for check in found.checks if check.blocking_failed]
    failed += [gate.gate for gate in found.gates if not gate.ok and gate.blocks and not gate.overridden_by]
    _facts(con, "failed_check", {"name": pl.String}, [(name,) for name in failed])
    parent = [(found.version, found.parent, found.parent in versions.numbers(home))] if found.parent else []
    _facts(con, "built_on", {"version": pl.Int64, "parent": pl.Int64, "promoted": pl.Boolean}, parent)


def _of_decisions(con: duckdb.DuckDBPyConnection, log: Log, found: Manifest) -> None:
    """`broken_decision`, `self_approved`, `may_count`: rows of the log that are not as they were written, or 0 where it
    is not the one that the version counted; approvals by the author; decisions that wait for nobody.
    """
    entries, known = {entry.id: entry for entry in log.entries()}, log.decisions()
    broken = log.broken()
    whole = log.holds(found.decisions_upto, found.decisions_hash)
    approvals = [(entry, entries.get(entry.about or 0)) for entry in entries.values() if entry.kind == APPROVE]
    own = [entry.id for entry, about in approvals if about is None or look_alike(entry.author, about.author)]
    counted = [number for number, one in known.items() if not one.needs_second_person or one.approver]
    for name, ids in (
        ("broken_decision", [*broken, *([] if whole else [0])]), ("self_approved", own), ("may_count", counted),
    ):  # fmt: skip
        _facts(con, name, {"decision": pl.Int64}, [(number,) for number in ids])


def _of_erasures(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """`erased_record(record_key)` and `erased_client(client_number)`."""
    keys = [(key,) for line in suppression.done(home) for key in line["record_keys"]]
    _facts(con, "erased_record", {"record_key": pl.Int64}, keys)
    clients = [(number,) for number in sorted(suppression.erased_clients(home))]
    _facts(con, "erased_client", {"client_number": pl.String}, clients)


def _facts(
    con: duckdb.DuckDBPyConnection, name: str, schema: dict[str, type[pl.DataType]], rows: list[tuple[Any, ...]]
) -> None:
    register_rows(con, "facts", schema, rows)
    con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM facts")
    con.unregister("facts")
