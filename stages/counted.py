"""Whether the decision log still has the rows that promoted versions counted.

Here: the live and the newest version, whose rows would be lost. Not here: whether rows are as they were written
(store/decisions).
"""

from store import versions
from store.decisions import Log
from store.home import Home
from store.manifest import Manifest


def lacking(home: Home, log: Log) -> Manifest | None:
    """The live or the newest version, where the log lacks a row that it counted, or has another there."""
    if versions.live(home) is None:
        return None
    known = versions.manifest(home), versions.newest(home)
    return next((one for one in known if not log.holds(one.decisions_upto, one.decisions_hash)), None)
