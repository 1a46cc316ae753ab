"""Any split of the same records into nights ends in the same clusters and review items."""

import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.clustering import cluster
from matching.firewall import Guard
from matching.settled import settled
from rules.matching import Firewall
from tests.matching.clustered import MATCH, REVIEW, Edge, Result, add_pairs, clustered, nodes, result_of
from tests.matching.conftest import open_with

LETTERS = "abcdefghij"
GUARD = Guard(Firewall(), sources=2)
letter = st.sampled_from(LETTERS)
edge = st.tuples(letter, letter, st.integers(REVIEW, MATCH + 6_000_000)).filter(lambda e: e[0] < e[1])
graph = st.lists(edge, max_size=16, unique_by=lambda e: e[:2])
numbers = st.dictionaries(letter, st.sampled_from([["fin:1000001"], ["fin:2222222"]]), max_size=5)
nights = st.lists(st.sets(letter), max_size=4)


def nightly(edges: list[Edge], held: dict[str, list[str]], present: list[set[str]], folder: Path) -> Result:
    """What the last night leaves when each clusters only what changed since the night before."""
    with open_with(nodes(LETTERS, held), folder) as con:
        add_pairs(con, edges)
        con.execute("CREATE TABLE everyone AS FROM match_input_person")
        con.execute("CREATE TABLE every_pair AS FROM pairs_person")
        con.execute("CREATE TABLE parent_clusters (record_key BIGINT, cluster_key BIGINT)")
        before: set[str] = set()
        for tonight in present:
            _night(con, tonight, tonight ^ before)
            before = tonight
        return result_of(con)


def _night(con: duckdb.DuckDBPyConnection, present: set[str], differ: set[str]) -> None:
    for name, some in (("present", present), ("touched", differ)):
        con.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT record_key FROM key_map WHERE record_id IN (SELECT unnest(?))",
            [sorted(some)],
        )
    con.execute("DROP TABLE IF EXISTS match_input_person")
    con.execute("CREATE TABLE match_input_person AS FROM everyone SEMI JOIN present USING (record_key)")
    con.execute("""
        CREATE OR REPLACE TABLE pairs_person AS SELECT * FROM every_pair
        WHERE record_key_l IN (FROM present) AND record_key_r IN (FROM present)""")
    first = not con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'parent_review'").fetchall()
    if not first:
        settled(con, "person", MATCH)
    cluster(con, "person", "pairs_person", MATCH, REVIEW, GUARD, "" if first else "settled")
    for name in ("clusters", "review"):
        con.execute(f"CREATE OR REPLACE TABLE parent_{name} AS FROM {name}_person")


@pytest.mark.slow
@settings(max_examples=60, derandomize=True, deadline=None)
@given(graph, numbers, nights)
def test_any_split_into_nights_ends_in_the_same_partition(
    edges: list[Edge], held: dict[str, list[str]], present: list[set[str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        at_once = clustered(nodes(LETTERS, held), edges, Path(folder) / "once", GUARD)
        assert nightly(edges, held, [*present, set(LETTERS)], Path(folder) / "nightly") == at_once


def test_a_cluster_that_nothing_reaches_is_not_made_again(tmp_path: Path) -> None:
    edges = [("a", "b", MATCH), ("c", "d", MATCH), ("d", "e", MATCH - 1)]
    with open_with(nodes("abcde"), tmp_path) as con:
        add_pairs(con, edges)
        cluster(con, "person", "pairs_person", MATCH, REVIEW, GUARD)
        for name in ("clusters", "review"):
            con.execute(f"CREATE TABLE parent_{name} AS FROM {name}_person")
        con.execute("CREATE TABLE touched AS SELECT record_key FROM key_map WHERE record_id = 'e'")
        settled(con, "person", MATCH)
        found = con.execute("SELECT record_id FROM settled JOIN key_map USING (record_key) ORDER BY 1").fetchall()
        assert [name for (name,) in found] == ["a", "b", "c", "d"]
