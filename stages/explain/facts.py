"""What an explanation says, as plain data: `dataclasses.asdict` of it is JSON.

Here: shapes. Not here: how any of it is found. Records are written `source:record_id`; weights are whole millionths of
a bit.
"""

from dataclasses import dataclass

from matching.blocked_by import RuleTried
from matching.explanation import Evidence

JOINED, CHAINED, DECIDED = "joined", "joined through others", "joined by decision"
OTHER_KIND, NO_MODEL = "different kinds of party", "no model"
NEVER_COMPARED, LEFT_OUT, OTHER_ENTITY = "never compared", "left out of its block", "different legal entities"
BELOW, IN_REVIEW, CUT = "below threshold", "in review", "kept apart"
VERDICTS = (
    JOINED, CHAINED, DECIDED, OTHER_KIND, NO_MODEL, NEVER_COMPARED, LEFT_OUT, OTHER_ENTITY, BELOW, IN_REVIEW, CUT
)  # fmt: skip
"""What `Explanation.verdict` may be; the first three mean one client."""


@dataclass(frozen=True)
class Side:
    """One of the two things asked about: a record, or a client with its records in (source, record_id) order."""

    asked: str
    client_number: str
    records: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """A scored pair of records."""

    left: str
    right: str
    weight: int


@dataclass(frozen=True)
class ReviewItem:
    """A row of `review` that concerns the two: an edge in the band, or one refused by a constraint."""

    left: str
    right: str
    kind: str
    weight: int
    reason: str


@dataclass(frozen=True)
class Decision:
    """A decision that joins records of the two sides, or keeps them apart, in this version."""

    id: int
    kind: str
    author: str
    reason: str


@dataclass(frozen=True)
class Explanation:
    """Why two sides are, or are not, one client in `version`.

    `pair` names the two records that `evidence` takes apart: the ones asked for, or of two clients the pair that speaks
    most for joining them, or of one client the weakest link that holds it together. `stored` is the pair's weight in
    `pairs_*`, None if it is not kept there; `edges` are the strongest stored pairs between the sides; `path` is the
    strongest path between them and `weakest` its weakest edge. `why` says the verdict in plain words.
    """

    version: int
    party_type: str
    left: Side
    right: Side
    same_client: bool
    pair: tuple[str, str]
    evidence: Evidence | None
    stored: int | None
    rules: tuple[RuleTried, ...]
    edges: tuple[Link, ...]
    path: tuple[Link, ...]
    weakest: Link | None
    review: tuple[ReviewItem, ...]
    decisions: tuple[Decision, ...]
    verdict: str
    why: str
