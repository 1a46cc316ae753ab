"""Joining the records of alarmed components, strongest edges first, without breaking a constraint.

Here: the greedy joining of nodes that carry what can contradict. Not here: which components alarm (firewall), what two
records contradict in (contradictions). The only loops over records in matching: few are in alarmed components.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

Numbers = dict[str, frozenset[str]]
"""Numbers by type of identifier."""


MUST = 2**62
"""Weight of a must-link among edges: people decided it, it joins first and yields only to a cannot-link."""

LEAST_NUMBER = 6
"""Characters from which a number that differs in one of them may be a mistyped one."""


class Edge(NamedTuple):
    """An accepted pair of nodes and its weight in millionths of a bit."""

    a: int
    b: int
    weight: int


class Refused(NamedTuple):
    """An edge that does not join, the kind of constraint and what contradicts."""

    a: int
    b: int
    weight: int
    kind: str
    reason: str


class Forced(NamedTuple):
    """A must-link that joined although something contradicts, and what."""

    a: int
    b: int
    weight: int
    reason: str


class United(NamedTuple):
    """The cluster of every node, named by its least node; refused edges whose ends stay apart; contradicted ones."""

    cluster: dict[int, int]
    refused: list[Refused]
    forced: list[Forced]


class Limits(NamedTuple):
    """What a union may not pass: the share of contradicting pairs, and the size that weak edges may reach."""

    share: float
    most_records: int
    weak: int
    """Edges below this weight are weak."""
    overwhelming: int = MUST
    """Edges of this weight or more join whatever contradicts in dates and names."""
    rival: int = 0
    """A record fits two namesakes alike if its edges to them differ by less."""


class Facts(NamedTuple):
    """What is known of the nodes of alarmed components; `apart[kind]` says whom a node contradicts in it."""

    numbers: Mapping[int, Numbers]
    exclusive: Mapping[int, str]
    """The source of a node, if that source is declared free of duplicates."""
    apart: Mapping[str, Mapping[int, frozenset[int]]]
    known: Mapping[str, frozenset[int]]
    """Nodes that could contradict in a kind at all."""


class Part:
    """A set of joined nodes with what its next union is checked against."""

    def __init__(self, node: int, facts: Facts) -> None:
        self.nodes = {node}
        self.numbers = dict(facts.numbers.get(node, {}))
        self.exclusive = {facts.exclusive[node]} if node in facts.exclusive else set()
        self.known = {kind: int(node in nodes) for kind, nodes in facts.known.items()}

    def absorb(self, other: "Part") -> None:
        """Take over the nodes of `other`."""
        self.nodes |= other.nodes
        self.exclusive |= other.exclusive
        for kind, count in other.known.items():
            self.known[kind] += count
        for kind, held in other.numbers.items():
            self.numbers[kind] = self.numbers.get(kind, frozenset()) | held


def unite(nodes: Iterable[int], edges: Iterable[Edge], facts: Facts, limits: Limits) -> United:
    """Join `nodes` along `edges` (strongest first), refusing unions that break a constraint.

    A must-link yields to a cannot-link alone; what else contradicts it is told. One that is contradicted joins two
    parts, not their sides: it does not speak against the other records of either client.
    """
    nodes, edges = list(nodes), list(edges)
    part_of, side_of = ({node: Part(node, facts) for node in nodes} for _ in range(2))
    near = neighbours(edges) if limits.rival else {}
    refused: list[Refused] = []
    forced: list[Forced] = []
    for edge in edges:
        parts, decided = (part_of[edge.a], part_of[edge.b]), edge.weight >= MUST
        if parts[0] is parts[1]:
            continue
        sides = parts if decided else (side_of[edge.a], side_of[edge.b])
        clash = next(_clashes(edge, parts, sides, facts, limits), None)
        if not clash and not decided:
            clash = next(_namesakes(edge, part_of, near, facts, limits), None)
        if clash and not (decided and clash[0] != "cannot_link"):
            refused.append(Refused(edge.a, edge.b, edge.weight, *clash))
            continue
        if clash:
            forced.append(Forced(edge.a, edge.b, edge.weight, clash[1]))
        join(part_of, *parts)
        if not clash:
            join(side_of, *(side_of[end] for end in edge[:2]))
    apart = [edge for edge in refused if part_of[edge.a] is not part_of[edge.b]]
    return United(named(part_of), apart, forced)


def neighbours(edges: Iterable[Edge]) -> dict[int, list[tuple[int, int]]]:
    """The other end and the weight of every edge of a node."""
    near: dict[int, list[tuple[int, int]]] = {}
    for a, b, weight in edges:
        near.setdefault(a, []).append((b, weight))
        near.setdefault(b, []).append((a, weight))
    return near


def join(part_of: dict[int, Part], left: Part, right: Part) -> None:
    """Make two parts one, the larger taking over the smaller."""
    small, large = sorted((left, right), key=lambda part: len(part.nodes))
    large.absorb(small)
    part_of.update(dict.fromkeys(small.nodes, large))


def named(part_of: Mapping[int, Part]) -> dict[int, int]:
    """The least node of every node's part."""
    parts = {id(part): part for part in part_of.values()}
    least = {key: min(part.nodes) for key, part in parts.items()}
    return {node: least[id(part)] for node, part in part_of.items()}


def _clashes(
    edge: Edge, parts: tuple[Part, Part], sides: tuple[Part, Part], facts: Facts, limits: Limits
) -> Iterator[tuple[str, str]]:
    """Kind and reason of every constraint that the union would break, the surest first.

    Decisions and size are a matter of the whole parts, what contradicts is one of the `sides` that the edge joins.
    """
    if _pairs(*parts, facts.apart.get("cannot_link", {})):
        yield "cannot_link", "a person decided that records of the two sides are different parties"
    left, right = sides
    clash = _different(left, right)
    if clash:
        yield "identifier", f"different lifelong {clash}"
    both = sorted(left.exclusive & right.exclusive)
    if both:
        yield "duplicate_free", f"two records of {both[0]}, a source declared free of duplicates"
    decided = edge.weight >= MUST
    for kind, reason in _REASONS.items() if decided or edge.weight < limits.overwhelming else ():
        if found := _contradict(left, right, kind, facts, limits):
            possible = max(found, _possible(left, right, kind))
            yield kind, f"{reason} ({found} of {possible} pairs of records compared across the edge)"
    size = sum(len(part.nodes) for part in parts)
    if size > limits.most_records and edge.weight < limits.weak:
        yield "size", f"a weak edge would make a cluster of {size} records, more than {limits.most_records}"


_REASONS = {
    "birth_date": "dates of birth or registration differ by more than one kind of error",
    "names": "names contradict, and so do sexes or lifelong numbers",
    "generation": "the suffixes of their names are of two generations",
}


TELLING = {"birth_date": "birth date", "generation": "suffix"}
"""Kinds of contradiction that tell two namesakes apart, and what a record lacks that fits both."""


def _namesakes(
    edge: Edge, part_of: Mapping[int, Part], near: Mapping[int, list[tuple[int, int]]], facts: Facts, limits: Limits
) -> Iterator[tuple[str, str]]:
    """Whether one end has about as strong an edge to somebody else who contradicts the other end.

    Only what knows nothing of the kind fits both; by such edges it belongs to neither.
    """
    for node, other in ((edge.a, edge.b), (edge.b, edge.a)):
        mine, theirs = part_of[node], part_of[other]
        for kind in (kind for kind in TELLING if facts.apart.get(kind) and not mine.known.get(kind)):
            least = edge.weight - limits.rival
            fits = {id(part_of[end]): part_of[end] for at in mine.nodes for end, weight in near[at] if weight > least}
            if any(_contradict(theirs, third, kind, facts, limits) for third in fits.values()):
                yield "namesakes", f"fits two who contradict each other alike, and has no {TELLING[kind]} of its own"


def _contradict(left: Part, right: Part, kind: str, facts: Facts, limits: Limits) -> int:
    """Pairs of records of the two sides that contradict in a kind, nought where they are outvoted."""
    found = _pairs(left, right, facts.apart.get(kind, {}))
    return found if found > limits.share * _possible(left, right, kind) else 0


def _possible(left: Part, right: Part, kind: str) -> int:
    return left.known.get(kind, 0) * right.known.get(kind, 0)


def _different(left: Part, right: Part) -> str:
    """First type of identifier, in order, of which the two sides hold numbers that cannot be one.

    A record that itself holds two is wrong somewhere and would join two clients, so it joins nobody of either.
    """
    both = sorted(left.numbers.keys() & right.numbers.keys())
    return next(
        (kind for kind in both if not all(_one(x, y) for x in left.numbers[kind] for y in right.numbers[kind])), ""
    )


def _one(left: str, right: str) -> bool:
    """The same number, or one long enough with one character mistyped.

    Two numbers with right check digits never differ in one character alone, so this spares only numbers without.
    """
    if left == right or len(left) != len(right) or len(left) - left.index(":") <= LEAST_NUMBER:
        return left == right
    return sum(x != y for x, y in zip(left, right, strict=True)) == 1


def _pairs(left: Part, right: Part, apart: Mapping[int, frozenset[int]]) -> int:
    """How many pairs of records across the two parts contradict."""
    small, large = sorted((left.nodes, right.nodes), key=len)
    return sum(len(apart[node] & large) for node in small if node in apart)
