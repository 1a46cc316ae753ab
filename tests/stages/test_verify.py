"""Every invariant of a version: a sound one passes, and each is broken on purpose and caught by its name."""

from collections.abc import Iterator

import duckdb
import pytest

from golden_record.invariants import results
from stages.history import replay_nights
from stages.verify import EVERY, prepare, verify
from stages.version_invariants import FEED, FILES, VERSION_INVARIANTS
from store import versions
from store.duck import connect
from store.home import Home

OWN = (*VERSION_INVARIANTS, FEED, FILES)


@pytest.fixture(scope="module")
def opened(demo_home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The live version's tables and facts, opened once; each test damages them inside a transaction."""
    home = Home(demo_home)
    found = versions.manifest(home)
    with connect([home.root], home.staging) as con:
        prepare(con, home, found)
        replay_nights(con, home, found.parent, [found])
        con.execute("CREATE TABLE damaged_file (path VARCHAR)")
        tables = ("std_record", "clusters", "review", "crosswalk", "golden_party", "decided", "overridden")
        for table in tables:
            con.execute(f"CREATE TEMP TABLE held AS FROM {table}")
            con.execute(f"DROP VIEW {table}")
            con.execute(f"CREATE TABLE {table} AS FROM held")
            con.execute("DROP TABLE held")
        yield con


@pytest.fixture
def sound(opened) -> Iterator[duckdb.DuckDBPyConnection]:
    opened.execute("BEGIN")
    yield opened
    opened.execute("ROLLBACK")


PAIR = """(SELECT l.record_key AS one, r.record_key AS other FROM clusters l JOIN clusters r
           ON l.cluster_key = r.cluster_key AND l.record_key < r.record_key ORDER BY ALL LIMIT 1)"""
APART = """(SELECT l.record_key AS one, r.record_key AS other FROM (SELECT * FROM clusters ORDER BY ALL LIMIT 1) l
            JOIN clusters r ON l.cluster_key <> r.cluster_key ORDER BY ALL LIMIT 1)"""
BREAKS = {
    "conservation.inputs": ["DELETE FROM std_record WHERE record_key = 1", "UPDATE delivered SET rows = rows + 1"],
    "connectivity.edges": ["UPDATE clusters SET cluster_key = record_key"],
    "connectivity.clusters": ["UPDATE cluster_part SET cluster_key = 1"],
    "decisions.cannot_link": [f"INSERT INTO decided SELECT one, other, 'cannot_link', 1 FROM {PAIR}"],
    "decisions.must_link": [f"INSERT INTO decided SELECT one, other, 'must_link', 1 FROM {APART}"],
    "decisions.chain": ["INSERT INTO broken_decision VALUES (1)"],
    "decisions.two_persons": [
        "INSERT INTO self_approved VALUES (1)",
        f"INSERT INTO decided SELECT one, other, 'must_link', 77 FROM {PAIR}",
        "INSERT INTO overridden SELECT record_key, 'sex', 'F', 77 FROM clusters LIMIT 1",
    ],
    "publication.checks": ["INSERT INTO failed_check VALUES ('golden')"],
    "publication.parent": ["UPDATE built_on SET parent = version", "UPDATE built_on SET promoted = false"],
    "publication.erased": ["INSERT INTO erased_record SELECT record_key FROM std_record LIMIT 1"],
    "publication.files": ["INSERT INTO damaged_file VALUES ('objects/00/x.parquet')"],
    "history.feed": [
        "DELETE FROM golden_party WHERE client_number = (SELECT min(client_number) FROM golden_party)",
        "UPDATE crosswalk SET client_number = (SELECT min(client_number) FROM crosswalk)",
    ],
}  # fmt: skip
"""What breaks each invariant; those of golden record and history are broken in their own rooms' tests."""


def test_a_sound_version_breaks_none(sound) -> None:
    assert [result.id for result in results(sound, OWN) if result.rows] == []


@pytest.mark.parametrize(("name", "damage"), [(name, each) for name, some in BREAKS.items() for each in some])
def test_damage_is_caught_by_its_invariant(sound, name, damage) -> None:
    sound.execute(damage)
    assert name in {result.id for result in results(sound, OWN) if not result.ok}


def test_every_invariant_is_broken_on_purpose_somewhere() -> None:
    assert set(BREAKS) == {invariant.id for invariant in OWN}


def test_verify_tells_every_invariant_in_order(demo_home) -> None:
    found = verify(Home(demo_home))
    assert found["ok"] and [one["id"] for one in found["invariants"]] == [invariant.id for invariant in EVERY]


def test_an_erased_client_has_no_feed_and_breaks_none(sound) -> None:
    number = sound.execute("SELECT min(client_number) FROM golden_party").fetchall()[0][0]
    sound.execute("UPDATE golden_party SET display_name = NULL WHERE client_number = ?", [number])
    assert not results(sound, (FEED,))[0].ok
    sound.execute("INSERT INTO erased_client VALUES (?)", [number])
    assert results(sound, (FEED,))[0].ok
