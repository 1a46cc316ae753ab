"""Erasing a data subject: restricted at once, erased from every kept file when the law's term is over.

Here: the order of the work, and the log. Not here: what a row becomes, which files change (stages/erasure), the keyed
hash that keeps a record from coming back (store/suppression). Every step may be done again: a run that was killed is
finished by asking again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from rules.errors import DecisionRefused, NotFound
from rules.settings import Settings
from stages.erasure import children, leftovers, rewrite
from stages.erasure.entered import forget_entered
from stages.findings import deliver
from stages.night import Night
from stages.publish import publish
from store import desk, keymap, lock, suppression, versions
from store.chain import Line
from store.duck import connect, register_rows
from store.home import Home
from store.suppression import Record

_NAMED = {"source": pl.String, "record_id": pl.String, "tombstone": pl.String}
_KEYED = {"record_key": pl.Int64, "tombstone": pl.String}


@dataclass(frozen=True)
class Asked:
    """Who wants an erasure, and why; `today` is the day that the term counts from."""

    reason: str
    user: str | None = None
    today: date | None = None


def members(home: Home, number: str) -> list[Record]:
    """Every record that client `number` ever had, by the newest ledger; NotFound where there is no such number."""
    with _opened(home) as con:
        versions.attach(con, home, versions.newest(home), ["ledger_member"])
        found = con.execute(
            "SELECT source, record_id FROM ledger_member WHERE client_number = ? ORDER BY ALL", [number]
        ).fetchall()
    if not found:
        raise NotFound("client number", "no version ever gave this number", "look the client up with `registry find`")
    return [(source, record_id) for source, record_id in found if not record_id.startswith(suppression.PREFIX)]


def erase(home: Home, settings: Settings, records: Sequence[Record], asked: Asked) -> dict[str, Any]:
    """Restrict records and, where no term keeps them, erase them: `{"restricted", "due", "erased", "clients"}`."""
    if not asked.reason.strip():
        raise DecisionRefused("erasure", "has no reason", "add --reason TEXT")
    lock.acquire(home.prepare())
    try:
        rule, today = settings.registry.erasure, asked.today or datetime.now(UTC).date()
        line = _restricted(home, settings, records, asked, today + timedelta(days=rule.keep_days))
        done = _erase(home, settings, line) if line["due"] <= today.isoformat() else None
    finally:
        lock.release(home)
    found = {"restricted": len(line["tombstones"]), "due": line["due"], "erased": done is not None}
    return found | {"clients": done["clients"] if done else []}


def erase_due(home: Home, settings: Settings, today: date) -> int:
    """Erase every restriction whose term is over; how many were. The home must be held."""
    due = [line for line in suppression.open_restrictions(home) if line["due"] <= today.isoformat()]
    for line in due:
        _erase(home, settings, line)
    return len(due)


def _restricted(home: Home, settings: Settings, records: Sequence[Record], asked: Asked, due: date) -> Line:
    """The restriction's line in the log: the one that is open for these records, or a new one."""
    names = suppression.tombstones(home, settings.registry.erasure.key, records)
    again = (line for line in suppression.open_restrictions(home) if set(names) <= set(line["tombstones"]))
    if (line := next(again, None)) is not None:
        return line
    with _opened(home) as con:
        named = [(*record, name) for record, name in zip(records, names, strict=True)]
        register_rows(con, "named", _NAMED, named)
        found = con.execute("""
            SELECT tombstone, record_key FROM named JOIN key_map USING (source, record_id) ORDER BY ALL""").fetchall()
    if len(found) < len(set(records)) or not records:
        raise NotFound("record", "was never given to this home, or is erased already", "see `registry find --record`")
    return suppression.restrict(home, found, asked.reason.strip(), asked.user, due)


def _erase(home: Home, settings: Settings, line: Line) -> Line:
    """Take the records of a restriction out of every file that the home keeps."""
    children.refuse_undeclared(home, settings.feeds)
    versions.sweep(home)
    live, work = versions.manifest(home), home.staging / "erasure"
    work.mkdir(parents=True, exist_ok=True)
    with _opened(home) as con:
        records = _subject(con, home, settings, line)
        clients = _affected(con, home)
        versions.attach(con, home, live)
        known = leftovers.needles(con)
        desk.forget(home, records, known)
        forget_entered(home, records)
        leftovers.forget_learned(con, home)
        rewrite.named_anew(con, home)
        inputs = rewrite.rewrite_snapshots(con, home, settings.feeds)
        files = rewrite.rewrite_versions(con, home, work, inputs, line["hash"])
        rewrite.rewrite_keys(con, home, work)
    leftovers.forget_words(Night(home, settings, live.business_date).log, records)
    leftovers.remove_copies(home, known)
    _publish_anew(home, settings)
    return suppression.erased(home, line["hash"], clients, files)


def _subject(con: duckdb.DuckDBPyConnection, home: Home, settings: Settings, line: Line) -> list[Record]:
    """Table `subject(record_key, source, record_id, tombstone)`; a run begun before has renamed some keys already."""
    keys = dict(zip(line["record_keys"], line["tombstones"], strict=True))
    register_rows(con, "keys", _KEYED, list(keys.items()))
    con.execute("""
        CREATE TABLE subject AS SELECT record_key, source, record_id, tombstone
        FROM key_map JOIN keys USING (record_key) ORDER BY record_key""")
    con.unregister("keys")
    return [(s, r) for s, r in con.execute("SELECT source, record_id FROM subject ORDER BY ALL").fetchall()]


def _affected(con: duckdb.DuckDBPyConnection, home: Home) -> list[str]:
    """Table `affected(client_number)`: every client that a kept version ever had the records with."""
    con.execute("CREATE TABLE affected (client_number VARCHAR)")
    for number in versions.kept(home):
        versions.attach(con, home, versions.manifest(home, number), ["ledger_member"])
        con.execute("""
            INSERT INTO affected SELECT DISTINCT client_number FROM ledger_member m
            WHERE EXISTS (SELECT 1 FROM subject s WHERE s.source = m.source
                          AND m.record_id IN (s.record_id, s.tombstone))""")
    return [n for (n,) in con.execute("SELECT DISTINCT client_number FROM affected ORDER BY 1").fetchall()]


def _publish_anew(home: Home, settings: Settings) -> None:
    """The live version's extracts and findings, of which the old copies are gone."""
    live = versions.manifest(home)
    night = Night(home, settings, live.business_date)
    publish(night, live)
    deliver(night, live)


@contextmanager
def _opened(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect([home.root], home.staging) as con:
        keymap.attach(con, home)
        yield con
