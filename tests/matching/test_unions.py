"""Joining under constraints: no cluster breaks one, and nothing is refused in vain."""

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.unions import MUST, Edge, Facts, Limits, unite

small = st.integers(0, 7)
LIMITS = Limits(share=0, most_records=99, weak=0)
NO_FACTS = Facts({}, {}, {}, {})


def facts(**known: dict) -> Facts:
    return NO_FACTS._replace(**known)


def mutual(pairs: set[tuple[int, int]]) -> dict[int, frozenset[int]]:
    both = pairs | {(b, a) for a, b in pairs}
    return {node: frozenset(b for a, b in both if a == node and b != node) for node, _ in both}


@settings(max_examples=50, derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(small, small), max_size=20),
    st.dictionaries(small, st.sets(st.sampled_from(["fin:1", "fin:2", "cnp:1", "cnp:2"]), min_size=1, max_size=1)),
    st.dictionaries(small, st.sampled_from(["x", "y"])),
    st.sets(st.tuples(small, small), max_size=6),
)
def test_no_cluster_breaks_a_constraint_and_refused_edges_would(
    edges: list[tuple[int, int]], held: dict[int, set[str]], exclusive: dict[int, str], apart: set[tuple[int, int]]
) -> None:
    numbers = {n: {text.split(":")[0]: frozenset([text]) for text in texts} for n, texts in held.items()}
    known = facts(numbers=numbers, exclusive=exclusive, apart={"cannot_link": mutual(apart)})
    cluster_of, refused, _ = unite(range(8), [Edge(a, b, 1) for a, b in edges], known, LIMITS)
    for name in set(cluster_of.values()):
        members = [node for node in cluster_of if cluster_of[node] == name]
        found = {text for node in members for text in held.get(node, ())}
        sources = [exclusive[node] for node in members if node in exclusive]
        assert name == min(members) and len(found) == len({text.split(":")[0] for text in found})
        assert len(sources) == len(set(sources))
    assert all(a == b or cluster_of[a] != cluster_of[b] for a, b in apart)
    assert all(cluster_of[edge.a] != cluster_of[edge.b] for edge in refused)
    told = {edge[:2] for edge in refused}
    assert all(cluster_of[a] == cluster_of[b] for a, b in edges if (a, b) not in told)


def test_a_number_with_one_mistyped_character_is_the_same() -> None:
    numbers = {0: {"fin": frozenset(["fin:1234567"])}, 1: {"fin": frozenset(["fin:1234567"])}}
    for other, together in (("1234967", True), ("1239967", False), ("123456", False), ("12345678", False)):
        known = facts(numbers=numbers | {1: {"fin": frozenset([f"fin:{other}"])}})
        assert (unite([0, 1], [Edge(0, 1, 1)], known, LIMITS)[1] == []) is together


def test_a_weak_edge_may_not_make_a_cluster_too_large() -> None:
    limits = LIMITS._replace(most_records=3, weak=5)
    edges = [Edge(0, 1, 9), Edge(2, 3, 9), Edge(1, 2, 4)]
    assert [(edge[:2], edge.kind) for edge in unite(range(4), edges, NO_FACTS, limits)[1]] == [((1, 2), "size")]
    assert unite(range(4), [*edges[:2], Edge(1, 2, 5)], NO_FACTS, limits)[1] == []


def test_a_contradiction_may_be_outvoted_if_the_settings_say_so() -> None:
    known = facts(apart={"names": mutual({(0, 3)})}, known={"names": frozenset(range(4))})
    edges = [Edge(0, 1, 9), Edge(1, 2, 8), Edge(2, 3, 7)]
    assert [edge.kind for edge in unite(range(4), edges, known, LIMITS)[1]] == ["names"]
    assert unite(range(4), edges, known, LIMITS._replace(share=0.34))[1] == []


def test_half_of_the_pairs_do_not_outvote_a_share_of_a_half() -> None:
    known = facts(apart={"birth_date": mutual({(0, 2)})}, known={"birth_date": frozenset(range(3))})
    edges = [Edge(0, 1, 3), Edge(1, 2, 2)]
    found = {share: unite(range(3), edges, known, LIMITS._replace(share=share))[1] for share in (0.5, 0.4)}
    assert found[0.5] == [] and [edge.kind for edge in found[0.4]] == ["birth_date"]


def test_a_must_link_yields_to_a_cannot_link_only() -> None:
    far = {"birth_date": mutual({(0, 1)})}
    known = facts(apart=far, known={"birth_date": frozenset([0, 1])}, exclusive={0: "x", 1: "x"})
    assert unite([0, 1], [Edge(0, 1, MUST)], known, LIMITS)[1] == []
    known = known._replace(apart=far | {"cannot_link": mutual({(0, 1)})})
    assert [edge.kind for edge in unite([0, 1], [Edge(0, 1, MUST)], known, LIMITS)[1]] == ["cannot_link"]


def test_what_people_joined_is_one_client_also_for_the_records_of_both() -> None:
    numbers = {n: {"fin": frozenset([f"fin:{text}"])} for n, text in enumerate((1, 2, 1, 2, 3))}
    edges = [Edge(0, 1, MUST), Edge(0, 2, 5), Edge(1, 3, 4), Edge(3, 4, 3)]
    found = unite(range(5), edges, facts(numbers=numbers), LIMITS)
    assert found.cluster == {0: 0, 1: 0, 2: 0, 3: 0, 4: 4}
    assert [edge.reason for edge in found.forced] == ["different lifelong fin"]
    assert [edge[:2] for edge in found.refused] == [(3, 4)]


def test_what_people_joined_although_it_contradicts_speaks_against_no_other_record_of_either_client() -> None:
    born = {(0, 2), (0, 3), (1, 2), (1, 3)}
    known = facts(
        numbers={0: {"fin": frozenset(["fin:1000001"])}, 2: {"fin": frozenset(["fin:2222222"])},
                 3: {"fin": frozenset(["fin:2222222"])}},
        exclusive={1: "crm", 2: "crm"},
        apart={"birth_date": mutual(born)},
        known={"birth_date": frozenset(range(5))},
    )  # fmt: skip
    edges = [Edge(0, 2, MUST), Edge(0, 1, 9), Edge(2, 3, 8), Edge(1, 4, 7)]
    cluster_of, refused, forced = unite(range(5), edges, known, LIMITS)
    assert set(cluster_of.values()) == {0} and not refused
    assert [(edge.a, edge.b) for edge in forced] == [(0, 2)]


def test_a_record_that_fits_two_namesakes_joins_neither() -> None:
    known = facts(apart={"birth_date": mutual({(0, 1)})}, known={"birth_date": frozenset([0, 1])})
    limits = LIMITS._replace(rival=4)
    edges = [Edge(2, 3, 30), Edge(0, 2, 20), Edge(1, 3, 17)]
    found = unite(range(4), edges, known, limits)
    assert found.cluster == {0: 0, 1: 1, 2: 2, 3: 2}
    assert [(edge[:2], edge.kind) for edge in found.refused] == [((0, 2), "namesakes"), ((1, 3), "namesakes")]
    clearer = unite(range(4), [*edges[:2], Edge(1, 3, 16)], known, limits)
    assert clearer.cluster == {0: 0, 1: 1, 2: 0, 3: 0}, "one edge is clearly the stronger"
    dated = known._replace(known={"birth_date": frozenset([0, 1, 2])})
    assert unite(range(4), edges, dated, limits).cluster[2] == 0, "it has a birth date itself, that contradicts neither"
    decided = unite(range(4), [Edge(0, 2, MUST), *edges], known, limits)
    assert decided.cluster == {0: 0, 1: 1, 2: 0, 3: 0}, "a person said whose it is"
