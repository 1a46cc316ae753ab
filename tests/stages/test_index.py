"""The index of a version: what it answers is what the version's tables say, and it follows version and erasure."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rules.errors import IntegrityError, NotFound
from stages import lookup
from stages.index import build
from stages.index.read import Index, open_index
from stewardship.api import shapes
from store import versions
from store.home import Home
from store.opening import opened


@pytest.fixture(scope="module")
def index(demo_home, tmp_path_factory) -> Index:
    home = Home(Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("index") / "home")))
    return open_index(home)


def outcome(ask, *asked) -> str:
    """What is answered, or why nothing is."""
    try:
        return str(ask(*asked))
    except NotFound as error:
        return str(error)


def test_a_client_is_what_the_tables_say(index):
    """As the API answers it: the same shape made of the index and of the tables."""
    with opened(index.home) as con:
        numbers = con.execute("SELECT client_number FROM golden_party ORDER BY 1").fetchall()[::60]
        found = [lookup.golden(con, number) for (number,) in numbers]
    at = {"version": index.version.version, "as_of": index.version.business_date}
    for (number,), tables in zip(numbers, found, strict=True):
        indexed = shapes.Client.model_validate(index.client(number) | at | {"refusals": []})
        assert indexed.model_dump_json() == shapes.Client.model_validate(tables | at).model_dump_json()


def test_who_refuses_is_told_with_the_client(index):
    asked = (
        "SELECT client_number, channel, purpose, legal_entity FROM view_consent_effective WHERE NOT given ORDER BY ALL"
    )
    with opened(index.home) as con:
        refused = con.execute(asked).fetchall()
    told = [
        (number, row["channel"], row["purpose"], row["legal_entity"])
        for number in dict.fromkeys(row[0] for row in refused)
        for row in index.client(number)["refusals"]
    ]
    assert told == refused != []


def test_every_number_stands_for_what_the_ledger_says(index):
    with opened(index.home) as con:
        ledger = con.execute("SELECT client_number, state FROM ledger_number ORDER BY 1").fetchall()
        assert {state for _, state in ledger} >= {"live", "merged"}
        for number, state in ledger[::25] + [row for row in ledger if row[1] != "live"][:20]:
            if state == "gone":
                with pytest.raises(NotFound):
                    index.resolve(number)
            else:
                assert index.resolve(number) == lookup.resolve(con, index.home, number)
    with pytest.raises(NotFound, match="check digits"):
        index.resolve("99999999999")


def test_documents_and_records_lead_to_the_clients_that_the_tables_name(index):
    with opened(index.home) as con:
        documents = con.execute("SELECT DISTINCT type, number FROM golden_identifier ORDER BY ALL").fetchall()[::70]
        for kind, number in documents:
            asked = lookup.by_document(con, kind, number)
            assert index.by_document(kind.upper(), f" {number.lower()} ") == [row["client_number"] for row in asked]
        for source, key in con.execute("SELECT source, record_id FROM crosswalk ORDER BY ALL").fetchall()[::90]:
            assert index.by_record(source, key) == [row["client_number"] for row in lookup.by_record(con, source, key)]
        events = con.execute(
            "SELECT version, position FROM ledger_event WHERE version > 1 ORDER BY ALL LIMIT 50"
        ).fetchall()
        assert [(row["version"], row["position"]) for row in index.number_changes((1, 10**15), 50)] == events
    assert index.by_record("core", "no such record") == []


def test_clients_put_together_in_slices_are_the_same(index, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "SLICE", 100)
    build.build(index.home, index.version, tmp_path)
    assert (tmp_path / build.CLIENT).read_bytes()[:8] == (index.folder / build.CLIENT).read_bytes()[:8]
    again = Index.at(index.home, index.version, tmp_path)
    for row in index.number_changes((0, 0), 300):
        assert again.client(number := index.resolve(row["client_number"])) == index.client(number)


def test_an_index_is_made_once_and_again_where_it_was_damaged(index, monkeypatch):
    before = (index.folder / build.CLIENT).stat().st_ino
    assert open_index(index.home) == index and (index.folder / build.CLIENT).stat().st_ino == before
    (index.folder / build.NUMBER).write_bytes(b"half")
    assert open_index(index.home).resolve(index.number_changes((0, 0), 1)[0]["client_number"])
    assert [path.name for path in index.folder.parent.iterdir()] == [index.folder.name], "nothing else is left"


def test_many_who_find_no_index_wait_for_one(index):
    shutil.rmtree(index.folder)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: open_index(index.home), range(4)))
    assert found == [index] * 4
    assert [path.name for path in index.folder.parent.iterdir()] == [index.folder.name]


def test_a_roll_back_has_an_index_of_its_own_and_a_damaged_version_none(home_copy):
    home = Home(home_copy)
    versions.rollback(home, 1)
    first = open_index(home)
    assert first.version.version == 1
    with opened(home, ["ledger_number"], versions.manifest(home, 2)) as con:
        asked = "SELECT client_number FROM ledger_number WHERE minted_version = 2 ORDER BY 1 LIMIT 5"
        later = [number for (number,) in con.execute(asked).fetchall()]
    with opened(home) as con:
        expected = [outcome(lookup.resolve, con, home, number) for number in later]
    assert [outcome(first.resolve, number) for number in later] == expected != []
    shutil.rmtree(home.cache / "index")
    file = home.root / versions.manifest(home).table("golden_name").files[0].path
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError, match="damaged files"):
        open_index(home)
    assert list((home.cache / "index").iterdir()) == []
