"""Search before create on the demo's live version: what a client was delivered as finds that client."""

from pathlib import Path

import pytest

from rules.load import Misfit
from rules.placeholders import load_placeholders
from rules.typed import Typed
from stages.index.read import open_index
from stages.search import Finder
from store import keymap, versions
from store.duck import connect
from store.home import Home


@pytest.fixture(scope="module")
def home(demo_home):
    return Home(Path(demo_home))


@pytest.fixture(scope="module")
def finder(home):
    found = Finder(open_index(home), load_placeholders())
    yield found
    found.close()


@pytest.fixture(scope="module")
def delivered(home):
    """Records of persons as the core system delivered them, with their client number: what somebody would type."""
    with connect([home.root], home.staging) as con:
        versions.attach(con, home, versions.manifest(home))
        keymap.attach(con, home)
        rows = con.sql("""
            SELECT x.client_number, x.source, x.record_id, n.full, v.birth_date, i.type, i.number, c.value AS phone
            FROM crosswalk x JOIN std_record v USING (record_key) JOIN std_name n USING (record_key)
            JOIN std_identifier i USING (record_key) JOIN std_contact c USING (record_key)
            WHERE x.source = 'core' AND x.party_type = 'person' AND i.valid AND c.kind = 'mobile' AND c.valid
              AND n.kind = 'current' AND n.valid AND v.birth_date IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY record_key ORDER BY i.ordinal, c.ordinal, n.ordinal) = 1
            ORDER BY x.record_id LIMIT 25""").pl()
    assert rows.height == 25
    return rows.to_dicts()


def typed(row, **more) -> Typed:
    said = {"names": [{"full": row["full"]}], "birth_date": str(row["birth_date"]), **more}
    return Typed.model_validate(said)


def test_who_is_typed_as_known_is_found_first_and_told_why(finder, delivered):
    asked = [typed(row, identifiers=[{"type": row["type"], "number": row["number"]}]) for row in delivered]
    answers = finder.find(asked)
    first = [hits[0]["client_number"] if hits else None for hits in answers]
    assert sum(one == row["client_number"] for one, row in zip(first, delivered, strict=True)) >= 24
    hit = answers[0][0]
    assert hit["band"] == "match" and {"source", "record_id"} == set(hit["record"])
    assert sum(step["bits"] for step in hit["steps"]) == pytest.approx(hit["weight"], abs=1e-5)
    assert {"prior", "birth_date", "identifiers"} <= {step["name"] for step in hit["steps"]}


@pytest.mark.slow
def test_asked_together_or_alone_the_answer_is_the_same(finder, delivered):
    asked = [typed(row) for row in delivered[:4]] + [Typed(party_type="bank", names=({"full": "Nobody's Bank"},))]
    together = finder.find(asked)
    assert together == [finder.find([one])[0] for one in asked]
    assert together[4] == []


def test_one_client_is_one_hit_whatever_records_match(finder, delivered):
    for hits in finder.find([typed(row) for row in delivered]):
        numbers = [hit["client_number"] for hit in hits]
        assert len(numbers) == len(set(numbers)) and len(hits) <= 10
        assert [hit["weight"] for hit in hits] == sorted((hit["weight"] for hit in hits), reverse=True)
        assert all(hit["band"] in ("match", "review") for hit in hits)


def test_another_spelling_is_standardised_as_the_night_does(finder, delivered):
    row = next(row for row in delivered if " " in row["full"])
    spelled = {**row, "full": f"  {row['full'].upper()} "}
    asked = [typed(one, identifiers=[{"type": one["type"], "number": f" {one['number'].lower()} "}],
                   contacts=[{"kind": "mobile", "value": row["phone"]}]) for one in (row, spelled)]  # fmt: skip
    plain, shouted = finder.find(asked)
    assert plain[0]["client_number"] == shouted[0]["client_number"] == row["client_number"]
    assert plain[0]["weight"] == shouted[0]["weight"]


@pytest.mark.parametrize(
    "said", [{"contacts": [{"kind": "mobile", "value": "+994501234567"}]}, {"birth_date": "1990-01-01"}, {}]
)
def test_nobody_is_found_by_a_phone_or_a_date_alone(said):
    with pytest.raises((Misfit, ValueError), match="a name or an identity document is needed"):
        Typed.model_validate(said)
