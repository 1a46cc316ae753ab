"""Explanations on the demo home: every verdict that it has, errors, hidden values; the others on literal facts."""

import json
from dataclasses import asdict, replace
from functools import cache

import pytest

from matching.blocked_by import RuleTried
from matching.explanation import Evidence, Step
from rules.errors import NotFound, RegistryError
from stages.explain import Link, ReviewItem, explain, sentences, without_values
from stages.explain import facts as f
from stages.explain.verdict import Asked, verdict
from store import keymap, versions
from store.duck import connect
from store.home import Home

NAMED = "(SELECT record_key, source || ':' || record_id AS name FROM key_map)"
ENDS = f"JOIN {NAMED} l ON l.record_key = p.record_key_l JOIN {NAMED} r ON r.record_key = p.record_key_r"


@pytest.fixture(scope="module")
def home(demo_home):
    return Home(demo_home)


@pytest.fixture(scope="module")
def ask(home, tmp_path_factory):
    """`ask(sql)`: rows of a query over the live version."""
    work = tmp_path_factory.mktemp("work")

    def run(sql):
        with connect([home.root], work) as con:
            versions.attach(con, home, versions.manifest(home))
            keymap.attach(con, home)
            return con.execute(sql).fetchall()

    return run


@pytest.fixture(scope="module")
def why(home):
    """`explain` on the demo home, each question asked once."""
    return cache(lambda a, b: explain(home, a, b))


def first(rows):
    """The first row; a better model may leave the demo without a case, which the literal facts below then cover."""
    return rows[0] if rows else pytest.skip("the demo has no such case")


def a_pair(ask, where, party="person"):
    rows = ask(f"""
        SELECT l.name, r.name, p.weight FROM pairs_{party} p {ENDS}
        JOIN clusters a ON a.record_key = p.record_key_l JOIN clusters b ON b.record_key = p.record_key_r
        WHERE {where} ORDER BY p.weight DESC, 1, 2 LIMIT 1""")
    return first(rows)


@pytest.mark.parametrize("party", ["person", "organisation"])
def test_a_joined_pair_has_its_stored_weight_and_the_rules_that_found_it(ask, why, party):
    left, right, weight = a_pair(ask, "a.cluster_key = b.cluster_key", party)
    found = why(left, right)
    assert (found.verdict, found.same_client, found.party_type) == (f.JOINED, True, party)
    assert found.evidence.weight == found.stored == weight == found.edges[0].weight
    assert found.pair == (left, right) and [rule for rule in found.rules if rule.finds]
    assert found.path and found.weakest.weight == min(link.weight for link in found.path) >= weight
    assert found.why.startswith("One client: ") and found.decisions == ()


def test_a_pair_below_the_threshold_says_by_how_much(ask, why):
    left, right, weight = a_pair(ask, "p.weight < 0 AND a.cluster_key <> b.cluster_key")
    found = why(left, right)
    short = (found.evidence.match_weight - weight) / 1e6
    assert (found.verdict, found.stored, found.same_client) == (f.BELOW, weight, False)
    assert f"Below the match threshold by {short:.1f} bits." in found.why


def test_a_refused_edge_names_its_review_item(ask, why):
    rows = ask(f"""
        SELECT l.name, r.name, p.kind, p.reason FROM review p {ENDS}
        WHERE p.kind <> 'band' ORDER BY p.weight DESC, 1, 2 LIMIT 1""")
    left, right, kind, reason = first(rows)
    found = why(left, right)
    assert (found.verdict, found.evidence.band) == (f.CUT, "match")
    assert (found.review[0].left, found.review[0].right, found.review[0].kind) in {
        (left, right, kind), (right, left, kind)
    }  # fmt: skip
    assert reason in found.why


def test_an_edge_of_the_review_band_waits(ask, why):
    rows = ask(f"""
        SELECT l.name, r.name FROM review p {ENDS} WHERE p.kind = 'band' ORDER BY p.weight DESC, 1, 2 LIMIT 1""")
    left, right = first(rows)
    found = why(left, right)
    assert (found.verdict, found.evidence.band) == (f.IN_REVIEW, "review")
    assert found.why.startswith("Waits for a steward's look: below")


def test_two_strangers_were_never_compared_and_still_get_a_weight(ask, why):
    people = "SELECT source || ':' || record_id AS name FROM crosswalk WHERE party_type = 'person'"
    [left, right] = ask(f"SELECT min(name), max(name) FROM ({people})")[0]
    found = why(left, right)
    assert (found.verdict, found.stored, found.evidence.band) == (f.NEVER_COMPARED, None, "no match")
    assert "no blocking rule finds this pair" in found.why and "not enough to match" in found.why
    assert not any(rule.finds for rule in found.rules)


def test_records_of_one_client_that_were_never_compared_are_joined_by_a_chain(ask, why):
    rows = ask(f"""
        SELECT l.name, r.name FROM (
            SELECT a.record_key AS record_key_l, b.record_key AS record_key_r FROM clusters a
            JOIN clusters b ON a.cluster_key = b.cluster_key AND a.record_key < b.record_key
            JOIN match_input_person m ON m.record_key = a.record_key) p {ENDS}
        ANTI JOIN pairs_person q ON q.record_key_l = p.record_key_l AND q.record_key_r = p.record_key_r
        ORDER BY 1, 2 LIMIT 1""")
    left, right = first(rows)
    found = why(left, right)
    assert (found.verdict, found.same_client, found.stored) == (f.CHAINED, True, None)
    assert len(found.path) > 1 and (found.path[0].left, found.path[-1].right) == (left, right)
    assert found.weakest.weight == min(link.weight for link in found.path) >= found.evidence.match_weight
    assert found.weakest.left in found.why


def test_a_person_and_a_company_are_of_different_kinds(ask, why):
    first = "SELECT min(source || ':' || record_id) FROM crosswalk WHERE party_type"
    found = why(*ask(f"SELECT ({first} = 'person'), ({first} = 'organisation')")[0])
    assert (found.verdict, found.evidence, found.rules) == (f.OTHER_KIND, None, ())


@pytest.fixture(scope="module")
def clients(ask):
    """The two clients with most records."""
    return [row[0] for row in ask("""
        SELECT client_number FROM crosswalk WHERE party_type = 'person'
        GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 2""")]  # fmt: skip


def test_a_client_against_itself_shows_its_weakest_link(why, clients):
    found = why(clients[0], clients[0])
    assert found.same_client and found.left == replace(found.right) and len(found.left.records) > 2
    assert {*found.pair} == {found.weakest.left, found.weakest.right} and found.stored == found.weakest.weight
    assert found.edges == tuple(sorted(found.edges, key=lambda link: -link.weight))
    assert found.edges[0].weight >= found.weakest.weight and found.why.startswith("The weakest link")


def test_two_clients_are_compared_by_their_strongest_pair(why, clients):
    found = why(*clients)
    assert not found.same_client and found.pair[0] in found.left.records and found.pair[1] in found.right.records
    assert found.why.startswith("Of the records of both")


def test_a_record_against_its_own_client_is_left_out_of_it(why, clients):
    whole = why(clients[0], clients[0]).left.records
    found = why(whole[0], clients[0])
    assert (found.left.records, found.right.records) == (whole[:1], whole[1:])
    assert found.same_client and found.pair[0] == whole[0]


def test_errors_say_where_to_look(home, ask, clients):
    quarantined = ask("SELECT source || ':' || record_id FROM quarantine WHERE record_id IS NOT NULL ORDER BY 1")[0][0]
    [known] = ask("SELECT min(source || ':' || record_id) FROM crosswalk")[0]
    for asked, words in (
        (quarantined, "it is in quarantine"),
        ("core:X-1 2", "no such record"),
        ("other:17", "there is no such source"),
        ("123", "check digits"),
    ):
        with pytest.raises(NotFound, match=words) as raised:
            explain(home, asked, known)
        assert asked not in str(raised.value) and (asked.partition(":")[2] or asked) not in str(raised.value)
    with pytest.raises(RegistryError, match="same single record"):
        explain(home, known, known)


def test_an_earlier_version_explains_itself(home, ask):
    [left, right] = ask(f"""
        SELECT l.name, r.name FROM pairs_person p {ENDS} ORDER BY p.weight DESC, 1, 2 LIMIT 1""")[0]
    assert explain(home, left, right, version=1).version == 1


def test_an_explanation_is_plain_data_and_can_hide_values(why, ask):
    left, right, _ = a_pair(ask, "a.cluster_key = b.cluster_key")
    found = why(left, right)
    assert json.loads(json.dumps(asdict(found)))["pair"] == [left, right]
    hidden = without_values(found)
    shown = {v for s in found.evidence.steps for side in (s.left, s.right) for vs in side.values() for v in vs}
    letters = {v for s in hidden.evidence.steps for side in (s.left, s.right) for vs in side.values() for v in vs}
    assert len(shown) > 3 and not shown & letters and all(len(v) <= 3 for v in letters)
    assert [(s.left == s.right, s.total) for s in found.evidence.steps] == [
        (s.left == s.right, s.total) for s in hidden.evidence.steps
    ]


PRIOR = Step("prior", "two records at random", None, {}, {}, -9_000_000, 0, -9_000_000)


def asked(weight, **changed):
    """Two records with this weight that no rule finds and that are two clients."""
    band = "match" if weight >= 5_000_000 else "review" if weight >= 0 else "no match"
    steps = (PRIOR, Step("given", "same", 1, {}, {}, weight + 9_000_000, 0, weight))
    evidence = Evidence("person-1", weight, 5_000_000, 0, band, steps)
    plain = Asked(False, evidence, None, True, (), (), ("a:1", "b:1"), (), "")
    return replace(plain, **changed)


FINDS, REFUSED = RuleTried("family + birth_date", True, (), ()), RuleTried("given + sex", False, (), ())
MISSES = RuleTried("given + postcode", True, ("given",), ())
CHAIN = (Link("a:1", "c:1", 7_000_000), Link("c:1", "b:1", 6_000_000))
ITEM = ReviewItem("a:1", "c:1", "identifier", 7_000_000, "different az_fin")
DECIDED = ReviewItem("a:1", "b:1", "cannot_link", 7_000_000, "not the same")
BAND = ReviewItem("a:1", "b:1", "band", 1_000_000, "waits")


@pytest.mark.parametrize(("given", "expected", "words"), [
    (asked(6_000_000, rules=(MISSES,)), f.NEVER_COMPARED, "Nearest is given + postcode, but given differs."),
    (asked(6_000_000, rules=(MISSES, REFUSED)), f.NEVER_COMPARED, "Rule given + sex would have found it"),
    (asked(6_000_000), f.NEVER_COMPARED, "would have 6.0 bits, enough to match (threshold 5.0 bits)"),
    (asked(6_000_000, rules=(FINDS,)), f.LEFT_OUT, "left their block out because it is too large"),
    (asked(6_000_000, rules=(FINDS,), one_entity=False), f.OTHER_ENTITY, "different legal entities"),
    (asked(-6_000_000, rules=(FINDS,)), f.BELOW, "Below the match threshold by 11.0 bits."),
    (asked(1_000_000, stored=1_000_000, review=(BAND,)), f.IN_REVIEW, "Waits for a steward's look"),
    (asked(1_000_000, stored=1_000_000), f.BELOW, "by 4.0 bits"),
    (asked(6_000_000, stored=6_000_000, review=(ITEM,)), f.CUT, "different az_fin between a:1 and c:1."),
    (asked(6_000_000, stored=6_000_000, review=(BAND, DECIDED)), f.CUT, "steward's cannot-link says: not the same"),
    (asked(6_000_000, stored=6_000_000), f.CUT, "no review item names it"),
    (asked(-1_000_000, stored=-1_000_000, path=CHAIN, review=(ITEM,)), f.BELOW, "but it was cut (identifier)"),
    (asked(6_000_000, stored=6_000_000, same_client=True), f.JOINED, "1.0 bits above the match threshold"),
    (asked(1_000_000, stored=1_000_000, same_client=True, path=CHAIN), f.CHAINED, "have only 1.0 bits on their own"),
    (asked(1_000_000, stored=1_000_000, same_client=True), f.DECIDED, "a decision does"),
])  # fmt: skip
def test_every_verdict_has_its_sentence(given, expected, words):
    found = verdict(given)
    assert found == expected and found in f.VERDICTS
    assert words in sentences.sentence(found, given)


def test_evidence_against_and_missing_evidence_are_named():
    steps = (PRIOR, Step("birth_date", "different", 0, {}, {}, -6_000_000, 0, -15_000_000),
             Step("phones", "missing", -1, {}, {}, 0, 0, -15_000_000))  # fmt: skip
    given = asked(-15_000_000, stored=-15_000_000)
    given = replace(given, evidence=replace(given.evidence, steps=steps))
    told = sentences.sentence(verdict(given), given)
    assert "Against it birth date different (-6.0)." in told and "No evidence from phones (missing)." in told
