"""The invariants that need edges: each broken on purpose."""

from pathlib import Path

import pytest

from matching.model import load
from stages.verify import _connected, _edges
from store import keymap, versions
from store.duck import connect
from store.home import Home


@pytest.fixture
def opened(demo_home: Path):
    home = Home(demo_home)
    found = versions.manifest(home)
    with connect([home.root], home.staging) as con:
        keymap.attach(con, home)
        versions.attach(con, home, found)
        yield con, home, found


def test_an_accepted_edge_that_is_cut_needs_its_own_review_item(opened):
    con, home, found = opened
    assert _edges(con, home, found).ok
    con.execute("CREATE OR REPLACE TEMP TABLE clusters AS SELECT record_key, record_key AS cluster_key FROM clusters")
    weight = load(home.models, "person", found.models["person"]).match_weight
    accepted = con.execute(f"SELECT count(*) FROM pairs_person WHERE weight >= {weight}").fetchall()[0][0]
    refused = con.execute("SELECT count(*) FROM review WHERE kind <> 'band' AND party_type = 'person'").fetchall()
    assert _edges(con, home, found).rows >= accepted - refused[0][0] > 0


def test_a_cluster_that_does_not_hang_together_is_found(opened):
    con, home, found = opened
    assert _connected(con, home, found).ok
    con.execute("CREATE OR REPLACE TEMP TABLE clusters AS SELECT record_key, 1::BIGINT AS cluster_key FROM clusters")
    assert not _connected(con, home, found).ok
