"""Looking up clients in a version, or as they were: by number, document, source key.

Here: queries over golden tables. Not here: how they are shown (cli). Never by phone alone, nor by a document number
without its type.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from golden_record.numbers import is_well_formed
from rules.errors import Erased, NotFound
from stages import as_of
from stages.as_of import Moment, When
from stages.viewed import view_of
from store import versions
from store.duck import rows
from store.home import Home
from store.opening import opened

Row = dict[str, Any]


@contextmanager
def _opened(home: Home, when: When | None) -> Iterator[tuple[duckdb.DuckDBPyConnection, Moment | None]]:
    """The live version's tables, or those of the moment asked for."""
    with opened(home) if when is None else as_of.opened(home, when) as found:
        yield found if isinstance(found, tuple) else (found, None)


def client(home: Home, number: str, when: When | None = None) -> Row:
    """The golden record of `number` with children, lineage, members; a retired number is followed and says so.

    As it was `when`: with the date and the version that are answered, `as_of` and `known_at`, and without the `view`,
    of which no history is kept.
    """
    with _opened(home, when) as (con, then):
        current = as_of.resolve(con, then, number) if then else resolve(con, home, number)
        moment = {"as_of": then.as_of, "known_at": then.known_at} if then else {"view": view_of(con, current)}
        return {"asked": number, "redirected": current != number, **golden(con, current), **moment}


def golden(con: duckdb.DuckDBPyConnection, current: str) -> Row:
    """Golden record, children, lineage and members of a live number, of the tables attached to `con`."""
    return {
        "party": rows(con, "SELECT * FROM golden_party WHERE client_number = ?", [current])[0],
        "names": _children(con, "golden_name", current),
        "identifiers": _children(con, "golden_identifier", current),
        "addresses": _children(con, "golden_address", current),
        "contacts": _children(con, "golden_contact", current),
        "lineage": rows(con, _LINEAGE, [current]),
        "records": rows(con, _MEMBERS, [current]),
    }


def resolve(con: duckdb.DuckDBPyConnection, home: Home, number: str) -> str:
    """The live number that `number` stands for, also when it was given by a version rolled back since."""
    found = rows(con, "SELECT resolves_to, state FROM ledger_number WHERE client_number = ?", [number])
    target = found[0]["resolves_to"] or number if found and found[0]["state"] != "gone" else None
    target = target if found else _through_records(con, home, number)
    if target is None:
        raise gone()
    return str(target)


def gone() -> NotFound:
    """What is answered about a number that stands for nobody any more."""
    problem = "the client is gone: no source has its records any more"
    return NotFound("client number", problem, "ask for an earlier date", "registry client NUMBER --as-of DATE")


def erased() -> Erased:
    """What is answered about a client whose records were erased."""
    return Erased("client number", "the client was erased", "nothing of it is kept")


def never_given(number: str) -> NotFound:
    """What is answered about a number that no version gave."""
    if not is_well_formed(number):
        problem = "the check digits are wrong and no source's number was adopted so; it was never given"
        return NotFound("client number", problem, "check for a typo")
    step = "look the client up by document, source key or name"
    return NotFound("client number", "no version ever gave this number", step, "registry find")


def _through_records(con: duckdb.DuckDBPyConnection, home: Home, number: str) -> str | None:
    """Numbers of versions after the live one: follow the records that carried them."""
    newest = versions.newest(home)
    versions.attach(con, home, newest, ["ledger_number", "ledger_member"], prefix="newest_")
    if not rows(con, "SELECT 1 FROM newest_ledger_number WHERE client_number = ?", [number]):
        raise never_given(number)
    found = rows(con, _CARRIED, [number])
    return str(found[0]["client_number"]) if found else None


def find_document(home: Home, kind: str, number: str, when: When | None = None) -> list[Row]:
    """Clients that hold the document `kind` with `number` (as standardised: upper case, no separators)."""
    with _opened(home, when) as (con, _):
        return by_document(con, kind, number)


def by_document(con: duckdb.DuckDBPyConnection, kind: str, number: str) -> list[Row]:
    """The same of the tables attached to `con`."""
    return rows(con, _BY_DOCUMENT, [kind.lower(), plain(number)])


def plain(number: str) -> str:
    """A document's number as it is standardised, from how people write it: upper case, no separators."""
    return "".join(sign for sign in number.upper() if sign.isalnum())


def find_record(home: Home, source: str, record_id: str, when: When | None = None) -> list[Row]:
    """The client of a source's record."""
    with _opened(home, when) as (con, _):
        return by_record(con, source, record_id)


def by_record(con: duckdb.DuckDBPyConnection, source: str, record_id: str) -> list[Row]:
    """The same of the tables attached to `con`."""
    return rows(con, _BY_RECORD, [source, record_id])


def by_name(con: duckdb.DuckDBPyConnection, name: str, most: int) -> list[Row]:
    """Clients one of whose names holds every word of `name`, whatever its capitals and accents; at most `most`."""
    words = name.split()
    holds = " AND ".join([f"contains({_FOLDED}, strip_accents(lower(?)))"] * len(words)) or "false"
    return rows(con, _BY_NAME.format(holds=holds, most=int(most)), words)


def most_sourced(home: Home) -> str:
    """Number of the client that most sources know: the one to show first."""
    with opened(home) as con:
        return str(rows(con, _MOST_SOURCED)[0]["client_number"])


def _children(con: duckdb.DuckDBPyConnection, table: str, number: str) -> list[Row]:
    columns = "* EXCLUDE (client_number, record_key)"
    return rows(con, f"SELECT {columns} FROM {table} WHERE client_number = ? ORDER BY position", [number])


_LINEAGE = """
    SELECT l.field, l.rule, l.candidates, k.source, k.record_id, l.stale_since
    FROM golden_lineage l JOIN key_map k USING (record_key) WHERE l.client_number = ? ORDER BY l.field"""
_MEMBERS = "SELECT source, record_id, legal_entity, party_type FROM crosswalk WHERE client_number = ? ORDER BY ALL"
_BY_DOCUMENT = """
    SELECT DISTINCT p.client_number, p.display_name, p.party_type, p.birth_date
    FROM golden_identifier i JOIN golden_party p USING (client_number)
    WHERE i.type = ? AND i.number = ? ORDER BY p.client_number"""
_BY_RECORD = """
    SELECT p.client_number, p.display_name, p.party_type, p.birth_date
    FROM crosswalk x JOIN golden_party p USING (client_number) WHERE x.source = ? AND x.record_id = ?"""
_FOLDED = "strip_accents(lower(concat_ws(' ', n.full, n.latin)))"
_BY_NAME = """
    SELECT p.client_number, p.display_name, p.party_type, p.birth_date
    FROM golden_party p SEMI JOIN (SELECT client_number FROM golden_name n WHERE {holds}) USING (client_number)
    ORDER BY p.display_name, p.client_number LIMIT {most}"""
_MOST_SOURCED = """
    SELECT client_number FROM crosswalk
    GROUP BY client_number ORDER BY count(DISTINCT source) DESC, count(*) DESC, client_number LIMIT 1"""
_CARRIED = """
    SELECT x.client_number FROM newest_ledger_member m JOIN crosswalk x USING (source, record_id)
    WHERE m.client_number = ? GROUP BY x.client_number ORDER BY count(*) DESC, x.client_number LIMIT 1"""
