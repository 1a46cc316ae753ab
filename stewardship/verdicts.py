"""Whether the audit trail and the decision log are as they were written, to the end that they are known to have had.

Here: one verdict each. Not here: the chains of hashes (store/chain, store/decisions), remembering ends (anchors), what
versions counted (stages/counted).
"""

from dataclasses import dataclass

from stages.counted import lacking
from stewardship import anchors
from stewardship.desk import Desk


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a log, if anything is."""

    changed: list[int] | None
    """Lines, from 1, that were changed or do not follow the line before; None where nobody looked."""
    lost: str = ""
    """When it had lines that it lacks now, or has otherwise."""
    uncounted: int = 0
    """A version that counted rows which the log lacks now."""

    @property
    def whole(self) -> bool:
        """Whether nothing is."""
        return not (self.changed or self.lost or self.uncounted)


def verdicts(desk: Desk, check: bool) -> dict[str, Verdict]:
    """The verdict on each log, by its name; with `check` both are read from end to end, which takes a while."""
    lost = {name: anchors.lost(desk.database, name, log) for name, log in desk.chained.items()}
    version = lacking(desk.home, desk.log)
    return {
        "trail": Verdict(desk.trail.broken() if check else None, lost["trail"]),
        "log": Verdict(desk.log.broken() if check else None, lost["log"], version.version if version else 0),
    }
