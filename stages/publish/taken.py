"""Which version's number changes each consumer has taken over, as it acknowledges; what still waits for it.

Here: a chained log beside the published folders, and queries over the live version's ledger. Not here: who may
acknowledge (stewardship/api, cli).
"""

from typing import Any

from rules.errors import NotFound
from rules.publication import Publication
from rules.settings import Registry
from stages.publish.changes import EVENTS
from store import chain, versions
from store.duck import rows
from store.home import Home
from store.opening import opened

LOG = "acknowledged.jsonl"


def acknowledge(home: Home, consumer: str, version: int, user: str) -> int:
    """Note that `consumer` has taken over every number change up to `version`; return how many that were.

    Raises NotFound for a version that the live one does not descend from.
    """
    known = _nights(home)
    if version not in known:
        last = max(known, default=0)
        raise NotFound(f"version {version}", f"the live version, {last}, does not descend from it", "see `versions`")
    before = taken(home).get(consumer, 0)
    if version > before:
        chain.append(home.root / LOG, {"consumer": consumer, "version": version, "user": user})
    return len(waiting(home, before, version))


def taken(home: Home) -> dict[str, int]:
    """The highest version that each consumer acknowledged."""
    said = sorted((int(line["version"]), str(line["consumer"])) for line in chain.read(home.root / LOG))
    return {consumer: version for version, consumer in said}


def waiting(home: Home, after: int, upto: int | None = None) -> list[dict[str, Any]]:
    """Number changes of the versions behind `after` up to `upto`, by default the live one, in their order."""
    live = versions.manifest(home)
    with opened(home, ["ledger_event"], live) as con:
        return rows(
            con,
            f"""SELECT version, position, event, client_number, other_number, cause FROM ledger_event
                WHERE event IN {EVENTS} AND version > ? AND version <= ? ORDER BY version, position""",
            [after, live.version if upto is None else upto],
        )


def consumers(registry: Registry) -> list[str]:
    """Consumers of the change feeds, which are to acknowledge."""
    return [name for target in registry.publish if (name := consumer_of(target))]


def consumer_of(target: Publication) -> str | None:
    """Who acknowledges an output: the consumer of a change feed, nobody else."""
    return (target.consumer or target.kind) if target.kind == "changes" else None


def _nights(home: Home) -> list[int]:
    with opened(home, ["history_night"]) as con:
        return [int(row[0]) for row in con.execute("SELECT version FROM history_night").fetchall()]
