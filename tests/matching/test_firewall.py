"""The firewall: alarms, cuts as review items, and that a component's outcome is its own."""

import random
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.clustering import cluster
from matching.firewall import NO_LIMIT, Guard
from rules.matching import Firewall, load_matching
from tests.matching.clustered import MATCH, REVIEW, add_decisions, add_pairs, clustered, disconnected, nodes, records
from tests.matching.conftest import open_with

PERSON = Guard(load_matching().person.firewall.model_copy(update={"overwhelming_bits": Decimal(20)}), sources=2)
STRONG, WEAK = MATCH + 4_000_000, MATCH + 3_999_999
ANN = {"given": "anna", "family": "koch", "birth_date": "1980-03-05", "sex": "F"}
OTTO = {"given": "otto", "family": "koch", "birth_date": "1982-07-19", "sex": "M"}


def chain(ids: str, weight: int = STRONG) -> list[tuple[str, str, int]]:
    return [(a, b, weight) for a, b in pairwise(ids)]


def test_a_household_falls_apart_at_its_weakest_edge(tmp_path: Path) -> None:
    family = records({"a": ANN, "b": ANN, "c": OTTO, "d": OTTO})
    edges = [*chain("ab"), *chain("cd"), ("b", "c", WEAK), ("a", "c", WEAK - 1)]
    found = clustered(family, edges, tmp_path, PERSON)
    assert found.clusters == {"ab", "cd"} and found.cuts == {("birth_date", "bc")}
    ((_, _, reason),) = found.review
    assert "4 of 4 pairs" in reason and "this edge and 1 weaker" in reason
    assert not any(str(value) in reason for value in (*ANN.values(), *OTTO.values()))


def test_members_contradict_though_the_edge_between_their_clusters_does_not(tmp_path: Path) -> None:
    family = records({"a": ANN, "b": ANN | {"birth_date": None}, "c": OTTO | {"given": "anna", "sex": None}})
    found = clustered(family, [("a", "b", STRONG + 4_000_000), ("b", "c", STRONG)], tmp_path, PERSON)
    assert found.clusters == {"ab", "c"} and found.cuts == {("birth_date", "bc")}


def test_names_and_sex_are_kept_apart_though_the_date_agrees(tmp_path: Path) -> None:
    twins = records({"a": ANN, "b": ANN | {"given": "otto", "sex": "M"}})
    found = clustered(twins, chain("ab"), tmp_path, PERSON)
    assert found.clusters == {"a", "b"} and found.cuts == {("names", "ab")}


def test_overwhelming_evidence_joins_whatever_the_dates_say(tmp_path: Path) -> None:
    bits = int(PERSON.settings.overwhelming_bits) * 1_000_000
    found = clustered(records({"a": ANN, "b": OTTO}), chain("ab", MATCH + bits), tmp_path / "much", PERSON)
    assert found.clusters == {"ab"}
    found = clustered(records({"a": ANN, "b": OTTO}), chain("ab", MATCH + bits - 1), tmp_path / "less", PERSON)
    assert found.clusters == {"a", "b"}


def test_one_record_with_a_mistake_does_not_break_its_cluster(tmp_path: Path) -> None:
    """`c` is one error from `b`, and two from `d`: one of three pairs across the last edge contradicts."""
    fields = dict.fromkeys("abd", ANN) | {
        "c": ANN | {"birth_date": "1980-04-05"},
        "d": ANN | {"birth_date": "1980-03-28"},
    }
    edges = [("a", "b", STRONG + 2), ("b", "c", STRONG + 1), ("a", "d", STRONG)]
    assert clustered(records(fields), edges, tmp_path / "a", PERSON).clusters == {"abcd"}
    strict = PERSON._replace(settings=PERSON.settings.model_copy(update={"outvoted_share": 0}))
    assert clustered(records(fields), edges, tmp_path / "b", strict).clusters == {"abc", "d"}


def test_settings_say_what_contradicts(tmp_path: Path) -> None:
    found = clustered(records({"a": ANN, "b": OTTO}), chain("ab"), tmp_path, Guard(Firewall()))
    assert found.clusters == {"ab"} and not found.review


def test_a_source_free_of_duplicates_keeps_its_best_record(tmp_path: Path) -> None:
    fields = {name: {"source": source} for name, source in (("a", "bank"), ("b", "bank"), ("c", "crm"))}
    edges = [("a", "c", STRONG), ("b", "c", STRONG + 1)]
    guard = PERSON._replace(duplicate_free={"bank"})
    found = clustered(records(fields), edges, tmp_path / "free", guard)
    assert found.clusters == {"a", "bc"} and found.cuts == {("duplicate_free", "ac")}
    assert clustered(records(fields), edges, tmp_path / "not", PERSON).clusters == {"abc"}


@pytest.mark.parametrize(("weight", "clusters"), [(STRONG, {"abcd"}), (WEAK, {"ab", "cd"})])
def test_a_weak_bridge_is_cut(weight: int, clusters: set[str], tmp_path: Path) -> None:
    found = clustered(nodes("abcd"), [*chain("ab"), *chain("cd"), ("b", "c", weight)], tmp_path, PERSON)
    assert found.clusters == clusters and found.cuts == ({("bridge", "bc")} if len(clusters) > 1 else set())


def test_two_weak_edges_are_no_bridge(tmp_path: Path) -> None:
    edges = [*chain("ab"), *chain("cd"), ("b", "c", WEAK), ("a", "d", WEAK)]
    assert clustered(nodes("abcd"), edges, tmp_path, PERSON).clusters == {"abcd"}


def test_a_bank_of_one_source_has_no_largest_cluster() -> None:
    most = [Guard(Firewall(), sources).limits(MATCH).most_records for sources in (1, 2, 3)]
    assert most == [NO_LIMIT, *(Firewall().records_per_source * sources for sources in (2, 3))]


def test_a_large_cluster_takes_no_more_by_weak_edges(tmp_path: Path) -> None:
    ids = "abcdefghijklmnop"
    guard = PERSON._replace(settings=Firewall(records_per_source=3), sources=4)
    found = clustered(nodes(ids), [*chain(ids[:12]), *chain("lm", WEAK)], tmp_path / "weak", guard)
    assert found.clusters == {ids[:12], *"mnop"} and found.cuts == {("size", "lm")}
    assert clustered(nodes(ids), chain(ids), tmp_path / "strong", guard).clusters == {ids}


def test_people_decide(tmp_path: Path) -> None:
    decided = {"ab": "cannot_link", "cd": "must_link"}
    found = clustered(records({"a": ANN, "b": ANN, "c": ANN, "d": OTTO}), chain("ab"), tmp_path, PERSON, decided)
    assert found.clusters == {"a", "b", "cd"} and found.cuts == {("cannot_link", "ab"), ("must_link", "cd")}
    told = next(reason for kind, _, reason in found.review if kind == "must_link")
    assert told.startswith("a decision joins records that contradict: dates of birth")


def test_a_pair_that_people_parted_waits_for_nobody(tmp_path: Path) -> None:
    band = [("a", "b", REVIEW), ("c", "d", REVIEW)]
    found = clustered(nodes("abcd"), band, tmp_path, decided={"ab": "cannot_link"})
    assert found.cuts == {("band", "cd")}


def test_clusters_held_by_must_links_are_connected(tmp_path: Path) -> None:
    with open_with(nodes("abc"), tmp_path) as con:
        add_pairs(con, [("a", "b", MATCH)])
        con.execute("CREATE TABLE clusters AS SELECT record_key, 1 AS cluster_key FROM key_map")
        assert disconnected(con, {"person": MATCH}) == 1
        add_decisions(con, {"bc": "must_link"})
        assert disconnected(con, {"person": MATCH}) == 0


def test_in_a_giant_component_the_ends_of_edges_are_compared(tmp_path: Path) -> None:
    ids = [f"r{n:03d}" for n in range(300)]
    fields: dict[str, dict[str, Any]] = dict.fromkeys(ids[:150], ANN) | dict.fromkeys(ids[150:], OTTO)
    edges = [(a, b, STRONG) for a, b in pairwise(ids)]
    found = clustered(records(fields), edges, tmp_path, PERSON)
    assert len(set(found.names.values())) == 2 and found.cuts == {("birth_date", "r149r150")}


LETTERS = "abcdefghijkl"
values = st.fixed_dictionaries({
    "given": st.sampled_from(["anna", "otto", None]), "family": st.just("koch"), "sex": st.sampled_from(["F", "M"]),
    "birth_date": st.sampled_from(["1980-03-05", "1980-03-06", "1999-11-28", None]),
    "source": st.sampled_from(["bank", "crm"]),
    "lifelong": st.sampled_from([["fin:1"], ["fin:2"], None]),
})  # fmt: skip
drawn_edges = st.lists(
    st.tuples(st.sampled_from(LETTERS), st.sampled_from(LETTERS), st.sampled_from([MATCH - 1, MATCH, STRONG])),
    min_size=8, max_size=20, unique_by=lambda edge: frozenset(edge[:2]),
)  # fmt: skip


@settings(max_examples=5, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(values, min_size=12, max_size=12), drawn_edges, st.integers(0, 99))
def test_a_component_is_clustered_the_same_whatever_else_there_is(
    tmp_path: Path, drawn: list[dict[str, Any]], edges: list[tuple[str, str, int]], seed: int
) -> None:
    """Other components, the order of rows and edges, and the numbering of keys change nothing."""
    guard = PERSON._replace(duplicate_free={"bank"})
    fields = dict(zip(LETTERS, drawn, strict=True))
    edges = [edge for edge in edges if edge[0] != edge[1]]
    alone = clustered(records(fields), edges, tmp_path, guard)
    more = fields | {f"0{name}": held for name, held in fields.items()}
    more_edges = edges + [(f"0{a}", f"0{b}", weight) for a, b, weight in edges]
    draw = random.Random(seed)
    shuffled = dict(draw.sample(sorted(more.items()), len(more)))
    both = clustered(records(shuffled, 900), draw.sample(more_edges, len(more_edges)), tmp_path, guard)
    assert {name: both.names[name] for name in fields} == alone.names
    assert {item for item in both.review if "0" not in item[1]} == alone.review
    assert len(both.review) == 2 * len(alone.review)


def test_every_accepted_edge_joins_or_its_clusters_have_an_item(tmp_path: Path) -> None:
    draw = random.Random(3)
    ids = [f"r{n:03d}" for n in range(150)]
    fields = {name: draw.choice([ANN, OTTO, ANN | {"given": None}, OTTO | {"birth_date": None}]) for name in ids}
    ends = sorted({tuple(sorted(draw.sample(ids, 2))) for _ in range(170)})
    edges = [(a, b, draw.choice([MATCH, WEAK, STRONG])) for a, b in ends]
    with open_with(records(fields), tmp_path) as con:
        add_pairs(con, edges)
        cluster(con, "person", "pairs_person", MATCH, REVIEW, PERSON)
        con.execute("CREATE TABLE clusters AS FROM clusters_person")
        assert disconnected(con, {"person": MATCH}) == 0
        sides = """SELECT DISTINCT least(l.cluster_key, r.cluster_key), greatest(l.cluster_key, r.cluster_key)
                   FROM {} p JOIN clusters l ON l.record_key = p.record_key_l
                   JOIN clusters r ON r.record_key = p.record_key_r WHERE l.cluster_key <> r.cluster_key"""
        items = con.execute(sides.format("review_person")).fetchall()
        assert len(items) > 5 and set(con.execute(sides.format("pairs_person")).fetchall()) == set(items)
        assert len(items) == con.execute("SELECT count(*) FROM review_person").fetchall()[0][0]


def test_a_weak_edge_between_records_with_one_lifelong_number_is_no_bridge(tmp_path: Path) -> None:
    shared = {"lifelong": ["az_fin:A1"], "identifiers": ["az_fin:A1"]}
    four = records({"a": ANN, "b": ANN | shared, "c": ANN | shared, "d": ANN})
    edges = [*chain("ab"), *chain("cd"), ("b", "c", WEAK)]
    assert clustered(four, edges, tmp_path, PERSON).clusters == {"abcd"}
    four = records({"a": ANN, "b": ANN, "c": ANN, "d": ANN})
    assert clustered(four, edges, tmp_path, PERSON).clusters == {"ab", "cd"}
