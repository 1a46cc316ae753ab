"""Clients that were created at the desk since the version: found at once, with a number from the next night on.

Here: which of them a look-up, a search or the page for a new client finds. Not here: creating them (stages/creating),
what else the desk changed (overlay). They are those entered behind the last one that the version has: one that a night
sent to quarantine waits no longer.
"""

from collections.abc import Callable, Iterable
from datetime import date

from rules.typed import Typed
from stages import creating
from stages.index.read import Index, Row
from stewardship.client_desk.entering import sees_new
from stewardship.desk import Desk
from stewardship.sight import Scope
from store.entered import CLIENT, Entry


def by_document(desk: Desk, live: Index, scope: Scope, kind: str, number: str) -> list[Row]:
    """Created clients that showed a document, written as it may be."""
    return _hits(_found(desk, live, scope, lambda entry: creating.is_of_document(entry, kind, number)))


def by_record(desk: Desk, live: Index, scope: Scope, source: str, record_id: str) -> list[Row]:
    """The created client of a key of the desk's own source."""
    return _hits(_found(desk, live, scope, lambda entry: (entry.source, entry.record_id) == (source, record_id)))


def alike(desk: Desk, live: Index, scope: Scope, typed: Typed) -> list[Row]:
    """What `entries_alike` finds, as an answer names a client."""
    return _hits(entries_alike(desk, live, scope, typed))


def entries_alike(desk: Desk, live: Index, scope: Scope, typed: Typed) -> list[Entry]:
    """Created clients with a document of a typed one, or with every word of a name of his and his date of birth."""
    told = typed.model_dump()
    documents = [(one["type"], one["number"]) for one in told["identifiers"]]
    names = [one["full"] or " ".join(filter(None, (one["family"], one["given"]))) for one in told["names"]]
    born = _day(told["birth_date"])

    def fits(entry: Entry) -> bool:
        named = any(name and creating.is_named(entry, name, born) for name in names)
        return named or any(creating.is_of_document(entry, *document) for document in documents)

    return _found(desk, live, scope, fits)


def _found(desk: Desk, live: Index, scope: Scope, fits: Callable[[Entry], bool]) -> list[Entry]:
    source = creating.carrier(desk.settings)
    if source is None or not desk.entered.database.file.exists():
        return []
    return [entry for entry in _waiting(desk, live, source.name) if fits(entry) and sees_new(entry, source, scope)]


def _waiting(desk: Desk, live: Index, source: str) -> list[Entry]:
    """Created clients that the version has not, oldest first; read again when they or the version changed."""
    seen = desk.entered.database.mark(), live.folder
    if desk.waiting[0] != seen:
        desk.waiting = seen, _behind(desk.entered.of_unit(CLIENT), lambda key: bool(live.by_record(source, key)))
    return desk.waiting[1]


def _behind(entries: Iterable[Entry], known: Callable[[str], bool]) -> list[Entry]:
    """The entries behind the last one that is known."""
    found: list[Entry] = []
    for entry in reversed(list(entries)):
        if known(entry.record_id):
            break
        found.insert(0, entry)
    return found


def _hits(found: Iterable[Entry]) -> list[Row]:
    return [_hit(entry) for entry in found]


def _hit(entry: Entry) -> Row:
    said = entry.fields
    return {
        "client_number": None, "display_name": creating.name_of(entry), "birth_date": _day(said.get("birth_date")),
        "party_type": said.get("party_type", "person"), "pending": True, "since": entry.at,
    }  # fmt: skip


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
