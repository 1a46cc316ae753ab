"""What takes longest is explained before anybody asks: a case of each kind of party, in the order of their names."""

from contextlib import closing

from stewardship.explanations import Explanations
from store import versions
from store.home import Home


def test_a_case_of_each_kind_of_party_is_explained_at_the_start(home, desk):
    with desk.served.live() as version, version.cursor() as con:
        kinds = con.execute("SELECT DISTINCT party_type FROM case_item").fetchall()
        cases = set(con.execute("SELECT one, other FROM case_item").fetchall())
    with closing(Explanations(home)) as explanations:
        explanations.prepare()
        explanations._worker.submit(int).result()
        made = list(explanations._made)
        for asked in made:
            assert explanations.of(*asked).version == versions.manifest(home).version
    assert len(made) == len(kinds) and {tuple(sorted(pair)) for _, *pair in made} <= cases


def test_a_home_without_a_version_has_nothing_to_explain(tmp_path):
    with closing(Explanations(Home(tmp_path).prepare())) as explanations:
        explanations.prepare()
        explanations._worker.submit(int).result()
        assert not explanations._made
