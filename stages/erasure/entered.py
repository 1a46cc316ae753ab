"""What was entered at the desk about an erased record: its values, and copies that nobody else's document is of.

Here: what goes. Not here: the stores themselves (store/entered, store/uploads).
"""

from collections.abc import Iterable

from store import uploads
from store.entered import Entered, Entry, Record
from store.home import Home

_DOCUMENT = "document"


def forget_entered(home: Home, records: Iterable[Record]) -> None:
    """Remove copies, then the values that name them: a run that was killed finds them again."""
    entered, gone = Entered(home), set(records)
    others = (one for one in entered.of_unit(_DOCUMENT) if (one.source, one.record_id) not in gone)
    uploads.remove(home, _references(one for one, _ in entered.about(gone)) - _references(others))
    entered.forget(gone)


def _references(entries: Iterable[Entry]) -> set[str]:
    return {reference for one in entries if (reference := one.fields.get("file_ref", ""))}
