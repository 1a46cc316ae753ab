"""A freeze: published clients neither merge nor split, new records join, what waits is told and let go afterwards."""

import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.clustering import cluster
from rules.calendar import Freeze
from rules.contracts.matched import Review
from rules.errors import ConfigError
from rules.load import parse
from rules.settings import Registry
from stages import freeze
from tests.matching.clustered import MATCH, REVIEW, Edge, _names, _review, add_decisions, add_pairs, disconnected, nodes
from tests.matching.conftest import open_with, rekeyed

CLOSE = Freeze.model_validate({"from": "2026-03-30", "to": "2026-04-02", "reason": "period close"})
Found = tuple[set[str], set[tuple[str, str]]]


def night(
    folder: Path, ids: str, edges: list[Edge], live: dict[str, str], decided: dict[str, str] | None = None,
    seed: int | None = None,
) -> Found:  # fmt: skip
    """Clusters and review items (kind, ends) of a frozen night; `live` says which client each record was."""
    frame = nodes(ids)
    with open_with(frame if seed is None else rekeyed(frame, seed), folder) as con:
        add_pairs(con, edges)
        add_decisions(con, decided or {})
        con.execute("CREATE TABLE parent_crosswalk (source VARCHAR, record_id VARCHAR, client_number VARCHAR)")
        for record, client in live.items():
            con.execute("INSERT INTO parent_crosswalk VALUES ('s', ?, ?)", [record, client])
        cluster(con, "person", "pairs_person", MATCH, REVIEW)
        if freeze.hold(con, {"person": MATCH}):
            cluster(con, "person", "pairs_person", MATCH, REVIEW, decided=freeze.HELD)
            freeze.tell(con, {"person": MATCH}, CLOSE)
        Review.validate(con.sql("SELECT * FROM review_person").pl(), cast=True)
        con.execute("CREATE VIEW clusters AS SELECT * FROM clusters_person")
        con.execute("CREATE VIEW review AS SELECT * FROM review_person")
        assert disconnected(con, {"person": MATCH}) == 0
        names = _names(con)
        clusters = {"".join(sorted(n for n in names if names[n] == name)) for name in names.values()}
        return clusters, {(kind, ends) for kind, ends, _ in _review(con)}


def strong(*ends: str) -> list[Edge]:
    return [(a, b, MATCH + 9_000_000 + place) for place, (a, b) in enumerate(ends)]


def test_two_published_clients_do_not_merge_and_it_is_told(tmp_path: Path) -> None:
    assert night(tmp_path, "abcd", strong("ab", "cd"), {"a": "1", "b": "2", "c": "3", "d": "3"}) == (
        {"a", "b", "cd"}, {("frozen", "ab")},
    )  # fmt: skip


def test_a_published_client_does_not_split_and_it_is_told(tmp_path: Path) -> None:
    live = {"a": "1", "b": "1", "c": "1"}
    assert night(tmp_path, "abc", strong("ab"), live) == ({"abc"}, {("frozen", "ac")})


def test_new_records_join_and_do_not_bridge(tmp_path: Path) -> None:
    edges = strong("ax", "xb", "yz")
    assert night(tmp_path, "abxyz", edges, {"a": "1", "b": "2"}) == ({"a", "bx", "yz"}, {("frozen", "ax")})
    assert night(tmp_path / "one", "abx", strong("ax"), {"a": "1", "b": "2"}) == ({"ax", "b"}, set())


def test_a_record_does_not_move_to_another_client(tmp_path: Path) -> None:
    live = {"a": "1", "b": "1", "c": "2"}
    assert night(tmp_path, "abc", strong("bc"), live) == ({"ab", "c"}, {("frozen", "bc"), ("frozen", "ab")})


def test_decisions_wait_too_but_for_those_that_keep_apart(tmp_path: Path) -> None:
    live = {"a": "1", "b": "2", "c": "3", "d": "3", "e": "3"}
    decided = {"ab": "must_link", "ce": "cannot_link"}
    found = night(tmp_path, "abcde", strong("cd", "de"), live, decided)
    assert found == ({"a", "b", "c", "de"}, {("frozen", "ab"), ("cannot_link", "cd")})


def test_what_is_as_it_was_is_left_to_the_firewall(tmp_path: Path) -> None:
    assert night(tmp_path, "abcd", strong("ab", "cd"), {"a": "1", "b": "1"}) == ({"ab", "cd"}, set())


@pytest.mark.slow
@settings(max_examples=4, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=9),
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=1),
)
def test_whatever_the_edges_no_published_client_changes(
    tmp_path: Path, ends: list[tuple[str, str]], labels: list[int], must: list[tuple[str, str]]
) -> None:
    edges = strong(*sorted({"".join(sorted(pair)) for pair in ends if pair[0] != pair[1]}))
    live = {record: str(label) for record, label in zip("abcdefgh", labels, strict=True) if label}
    decided = {"".join(sorted(pair)): "must_link" for pair in must if pair[0] != pair[1]}
    folder = tmp_path / str(random.random())
    clusters, review = night(folder, "abcdefgh", edges, live, decided)
    for client in set(live.values()):
        holding = [one for one in clusters if any(live.get(record) == client for record in one)]
        assert len(holding) == 1
    assert all(len({live[record] for record in one if record in live}) <= 1 for one in clusters)
    assert night(folder, "abcdefgh", edges, live, decided, seed=3) == (clusters, review)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{from: 2026-03-30, to: 2026-03-29, reason: x}]", "'to' lies before 'from'"),
        ("[{from: 2026-03-30, to: 2026-03-31}]", "reason"),
        ("[{from: 2026-03-30, to: 2026-03-31, reason: x, unti: y}]", "unknown key"),
    ],
)
def test_a_wrong_freeze_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "registry.yaml").write_text(f"sources: [a.yaml]\nfreeze: {text}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        parse(Registry, tmp_path / "registry.yaml")


def test_both_ends_lie_inside() -> None:
    days = [date(2026, 3, 29), date(2026, 3, 30), date(2026, 4, 2), date(2026, 4, 3)]
    assert [CLOSE.covers(day) for day in days] == [False, True, True, False]
