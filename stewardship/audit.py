"""The audit trail: who logged in, searched and opened what, one JSON line each, chained by hashes.

Here: appending and checking. Not here: decisions, which have a log of their own. A line names client numbers and cases,
never a client's values nor what was typed into a search.
"""

import fcntl
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from store.hashing import text_sha256
from store.home import Home, private

FILE = "audit.jsonl"
_TAIL = 65_536


@dataclass(frozen=True)
class Trail:
    """The trail of a home."""

    home: Home

    @property
    def file(self) -> Path:
        """Where it lies."""
        return self.home.root / FILE

    def note(self, user: str, action: str, **facts: str | int) -> None:
        """Append a line behind the last one; who reads at the same time sees whole lines only."""
        with private(), self.file.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(max(0, file.seek(0, 2) - _TAIL))
            last = file.read().splitlines()[-1:]
            previous = json.loads(last[0])["hash"] if last else ""
            line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "user": user, "action": action, **facts}
            file.write((json.dumps(_sealed(line, previous), ensure_ascii=True) + "\n").encode())

    def lines(self, newest: int | None = None) -> list[dict[str, Any]]:
        """Its lines, oldest first, or only the `newest`."""
        if not self.file.exists():
            return []
        with self.file.open("rb") as file:
            kept = file.readlines()
        return [json.loads(line) for line in (kept if newest is None else kept[-newest:])]

    def broken(self) -> list[int]:
        """Lines, from 1, that are not as they were written or do not follow the line before."""
        found, previous = [], ""
        for place, line in enumerate(self.lines(), start=1):
            body = {name: value for name, value in line.items() if name not in ("previous", "hash")}
            if line != _sealed(body, previous):
                found.append(place)
            previous = str(line.get("hash"))
        return found


def _sealed(line: dict[str, Any], previous: str) -> dict[str, Any]:
    body = {**line, "previous": previous}
    return {**body, "hash": text_sha256(json.dumps(body, sort_keys=True))}
