"""The random sample: the same for everybody, blind, judged by two people, counted without bias."""

import html
import re

import pytest
from sqlalchemy import delete

from rules.desk import SAMPLED
from stewardship import sample
from store.desk import JUDGEMENT, forget


@pytest.fixture(autouse=True)
def nothing_judged(desk):
    with desk.database.writing() as con:
        con.execute(delete(JUDGEMENT))


@pytest.fixture
def shown(visit, form):
    """`shown(role, name)`: the client, and the hidden fields of the pair that he is asked about."""

    def look(role="steward", name=""):
        client = visit(role, name)
        fields = form(client.get("/sample").text, "/sample")
        return client, {name: html.unescape(value) for name, value in fields.items()}

    return look


def test_pairs_of_one_client_are_drawn_and_the_same_again(live):
    with live() as now:
        first = now.con.execute("FROM sample_item ORDER BY turn").fetchall()
        now.con.execute("ALTER TABLE sample_item RENAME TO sample_before")
        sample.draw(now.con, now.version.manifest)
        again = now.con.execute("FROM sample_item ORDER BY turn").fetchall()
        joined = now.con.execute("""
            SELECT bool_and(l.client_number = r.client_number) FROM sample_item
            JOIN crosswalk l ON l.record_key = key_one JOIN crosswalk r ON r.record_key = key_other""").fetchall()
    assert first == again and len(first) == SAMPLED and joined == [(True,)]
    assert len({row[1:3] for row in first}) == SAMPLED


def test_the_page_tells_nothing_of_what_the_matching_said(visit):
    page = visit().get("/sample").text
    main = re.search(r"<main.*</main>", page, re.DOTALL).group()
    assert "bits" not in main and "/clients/" not in main and "why" not in main and "<mark>" in page


def test_a_second_person_judges_the_same_pair_without_seeing_the_first_answer(shown, desk):
    client, pair = shown()
    assert client.post("/sample", data=pair | {"said": "same"}).status_code == 303
    other, again = shown("approver")
    assert {again[side] for side in ("one", "other")} == {pair[side] for side in ("one", "other")}
    other.post("/sample", data=again | {"said": "different"})
    assert shown()[1]["one"] + shown()[1]["other"] != pair["one"] + pair["other"], "nobody judges a pair twice"
    third, free = shown("approver", "approver two")
    assert (free["one"], free["other"]) != (pair["one"], pair["other"]), "two people are enough"
    [found] = sample.estimates(desk.database)
    assert (found.judged, found.right, found.twice, found.agreed) == (1, 0, 1, 0)
    assert third.get("/overview").status_code == 200


def test_the_estimate_has_wilsons_interval(desk):
    with desk.served.live() as version, version.cursor() as con:
        pairs = con.execute("SELECT one, other FROM sample_item ORDER BY turn LIMIT 11").fetchall()
        for place, pair in enumerate(pairs):
            said = "unsure" if place == 10 else "different" if place == 9 else "same"
            sample.judge(con, desk.database, version.number, pair, "Ann", said)
        sample.judge(con, desk.database, version.number, pairs[0], "ANN", "different")
    [found] = sample.estimates(desk.database)
    assert (found.judged, found.right, found.precision, found.twice) == (10, 9, 0.9, 0)
    assert (round(found.low, 4), round(found.high, 4)) == (0.5958, 0.9821), "Wilson's interval of 9 of 10"


def test_another_version_and_other_pairs_are_not_judged(shown, desk):
    client, pair = shown()
    assert client.post("/sample", data=pair | {"said": "same", "version": 1}).status_code == 303
    assert client.post("/sample", data=pair | {"said": "same", "one": "core:nobody"}).status_code == 404
    assert client.post("/sample", data=pair | {"said": "maybe"}).status_code == 422
    assert sample.estimates(desk.database) == []


def test_an_erasure_leaves_the_judgement_and_forgets_the_records(shown, desk, home):
    client, pair = shown()
    client.post("/sample", data=pair | {"said": "same"})
    forget(home, [tuple(pair["one"].split(":", 1))], [])
    assert sample.estimates(desk.database)[0].judged == 1
    assert pair["one"].encode() not in desk.database.file.read_bytes()
