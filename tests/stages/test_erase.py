"""Erasing a data subject: nothing of it is left in any file of the home, it does not come back, nobody else changes."""

import gzip
import hmac
import json
import shutil
import sqlite3
import stat
from dataclasses import replace
from io import BytesIO

import duckdb
import polars as pl
import pytest
from fastapi.testclient import TestClient

from pipelines.context import set_place
from pipelines.ingest import land
from rules.contracts import TABLES
from rules.errors import ConfigError, DecisionRefused, Erased, NotFound, RegistryError
from stages import decide, subject
from stages.decide import Decider
from stages.erase import Asked, erase, members
from stages.erase import erase_due as due
from stages.erasure.children import TABLES_OF_ROWS, hung_sql
from stages.erasure.tombstones import ORDER, erased, mentions
from stages.finish import report
from stages.index.read import open_index
from stages.publish import publish
from stages.replay import replay
from stages.verify import verify
from stewardship import sessions, workbench
from stewardship.app import create
from stewardship.serving import open_version
from store import snapshots, suppression, tables, uploads, versions
from store.desk import Database
from store.duck import connect
from store.entered import Entered, Entry
from store.home import Home
from tests.conftest import FIRST, SECOND, THIRD, _compute, once
from tests.tables import table

pytestmark = pytest.mark.slow
KEY = "CANARY-0001"
CANARY = {
    "holder_id": KEY, "embossed": "QUETZAL XERXESIAN", "surname": "XERXESIAN", "name": "QUETZAL", "birth": "17.03.1931",
    "document": "QX7719053", "fin": "9QXZ7W3", "mobile": "994557719053", "address": "Quetzal kucesi 7719, Xerxesabad",
    "branch": "010", "issued": "01.02.2020", "changed": "01.02.2021",
}  # fmt: skip
NOTES = """
name: contact
of: cards
record: holder
kind: csv
read: {path: "files/contact_{date}.csv", delimiter: ";", key: [holder, "no"]}
when_gone: keep
contract: {min_rows: 0, columns: {holder: text, "no": text, said: text, kin: text, share: decimal}}
map:
  - {note: {text: said}}
  - {relationship: {kind: {constant: owner}, other_record: kin, share: share}}
"""
LEFT = {name: [KEY.casefold()] for name in ("decisions.sqlite", "entered.sqlite")}
"""Files whose chain of hashes keeps the key of a record, without anything that was said of it."""
WORDS = ("quetzal", "xerxes", "qx7719053", "9qxz7w3", "7719053", KEY, "whispered", "murmured")


def deliver(place, day, like) -> None:
    """The files of `day` are those of `like`, with the card of an invented person whose values nobody else has."""
    folder = place.data / "files"
    loans = folder / f"loans_{like}.parquet"
    (folder / f"loans_{day}.parquet").write_bytes(loans.read_bytes())
    rows = pl.read_csv(folder / f"cards_{like}.csv", separator=";", infer_schema=False)
    rows = rows.filter(pl.col("holder_id").fill_null("") != KEY)
    pl.concat([rows, pl.DataFrame([CANARY]).select(rows.columns)]).write_csv(folder / f"cards_{day}.csv", separator=";")
    one, other = rows["holder_id"].drop_nulls().unique().sort()[:2]
    said = [(KEY, "1", "murmured", one, None), (one, "1", None, KEY, "30"), (one, "2", "is well", other, "20")]
    columns = ["holder", "no", "said", "kin", "share"]
    pl.DataFrame(said, columns, orient="row").write_csv(folder / f"contact_{day}.csv", separator=";")


def texts(path) -> str:
    """What a file says, decoded: tables row by row, databases table by table, everything else as it is."""
    data = path.read_bytes()
    found = [data.decode("utf-8", "ignore")]
    if path.suffix == ".parquet":
        found.append(json.dumps(pl.read_parquet(path).to_dicts(), default=str, ensure_ascii=False))
    if data[:15] == b"SQLite format 3":
        with sqlite3.connect(path) as con:
            found += con.iterdump()
    if data[:2] == b"\x1f\x8b":
        found.append(gzip.decompress(data).decode("utf-8", "ignore"))
    return "\n".join(found).casefold()


def scan(home, words=WORDS) -> dict[str, list[str]]:
    """Files of a home that hold one of the words, and which."""
    said = {path: texts(path) for path in sorted(home.root.rglob("*")) if path.is_file()}
    sought = [word.casefold() for word in words]
    found = {str(path.relative_to(home.root)): [w for w in sought if w in text] for path, text in said.items()}
    return {path: hit for path, hit in found.items() if hit}


@pytest.fixture(scope="session")
def planted_home(small_home):
    """The small registry after a second night, in which the invented person appears and somebody decides about it."""
    return once(small_home.with_name("planted_home"), lambda target: make(small_home, target))


def make(origin, target):
    shutil.copytree(origin, target)
    declared = target / "bank" / "registry.yaml"
    declared.write_text(declared.read_text(encoding="utf-8") + "feeds: [contact.yaml]\n", encoding="utf-8")
    declared.with_name("contact.yaml").write_text(NOTES, encoding="utf-8")
    place = set_place(declared, target / "home")
    deliver(place, SECOND, SECOND)
    made = _compute(place, SECOND)
    publish(place.night(SECOND), made)
    report(place.night(SECOND), made)
    open_index(place.home)
    other = records(place.home).sort("record_id")["record_id"][-1]
    decide.link(place.home, "cannot_link", f"cards:{KEY}", f"cards:{other}", Decider("a", "whispered words"))
    Entered(place.home).add(Entry("note", "note", "cards", KEY, "a", "noted once", {"text": "whispered at the desk"}))
    copy = uploads.keep(place.home, BytesIO(b"%PDF-1.7 Quetzal Xerxesian, whispered"), 1000)
    said = {"kind": "contract", "file_ref": f"{uploads.PREFIX}{copy}", "content_hash": copy}
    Entered(place.home).add(Entry("document", "document", "cards", KEY, "a", "copied once", said))
    for said, one in (("whispered", f"cards:{KEY}"), ("seen with Quetzal Xerxesian", "cards:1"), ("stays", "cards:1")):
        item = {"case_id": "0" * 16, "one": one, "other": f"cards:{other}"}
        workbench.comment(Database(place.home), item, "a", said, said)


@pytest.fixture
def planted(planted_home, tmp_path, own_environment):
    folder = shutil.copytree(planted_home, tmp_path / "planted")
    return set_place(folder / "bank" / "registry.yaml", folder / "home")


def records(home) -> pl.DataFrame:
    return table(home, "crosswalk").filter(pl.col("source") == "cards")


def broken(home, version=None) -> list[str]:
    return [one["id"] for one in verify(home, version)["invariants"] if not one["ok"]]


def test_the_scan_sees_what_is_there(planted):
    """Else a scan that finds nothing would say nothing."""
    where = {path.split("/")[0] for path in scan(planted.home)}
    assert {
        "objects",
        "raw",
        "keys",
        "staging",
        "published",
        "cache",
        "decisions.sqlite",
        "desk.sqlite",
        "entered.sqlite",
        "uploads",
    } <= where
    for name in ("std_feed", "std_note", "std_relationship", "view_note", "view_relationship"):
        assert KEY in str(table(planted.home, name).to_dicts()), name
    assert {one.split("/")[1] for one in scan(planted.home, ["murmured"]) if one.startswith("raw")} == {"contact"}


def test_an_erased_subject_is_in_no_file_and_nobody_else_changes(planted):
    home = planted.home
    before = {name: table(home, name) for name in ("std_record", "golden_party", "crosswalk", "clusters", "std_name")}
    [[key, number]] = records(home).filter(pl.col("record_id") == KEY).select("record_key", "client_number").rows()
    found = erase(home, planted.settings, [("cards", KEY)], Asked("request 7", "officer", FIRST))
    assert found == {"restricted": 1, "due": str(FIRST), "erased": True, "clients": [number]}
    assert scan(home) == LEFT and Entered(home).broken() == []
    assert broken(home) == broken(home, 1) == []
    assert table(home, "std_note")["text"].to_list() == ["is well"]
    assert table(home, "std_feed").select("row", "refused").rows() == [
        (0, "the subject was erased"), (1, "the subject was erased"), (2, None),
    ]  # fmt: skip
    opened = open_version(home)
    with opened.cursor() as con, pytest.raises(Erased, match="was erased"):
        opened.resolve(con, number)
    opened.closing.close()
    with pytest.raises(Erased, match="was erased"):
        open_index(home).resolve(number)
    assert scan(home) == LEFT, "nor in an index made since"
    for name, rows in before.items():
        own, mine = ("client_number", number) if name == "golden_party" else ("record_key", key)
        assert table(home, name).filter(pl.col(own) != mine).equals(rows.filter(pl.col(own) != mine)), name
    with pytest.raises(RegistryError, match="an erasure took records out"):
        replay(home, planted.settings, 2)
    with pytest.raises(NotFound, match="erased already"):
        erase(home, planted.settings, [("cards", KEY)], Asked("request 7", "officer", FIRST))


@pytest.mark.slow
def test_an_erased_record_that_is_delivered_again_is_suppressed_by_its_keyed_hash(planted):
    home = planted.home
    [number] = records(home).filter(pl.col("record_id") == KEY)["client_number"]
    erase(home, planted.settings, [("cards", KEY)], Asked("request 7", "officer", FIRST))
    deliver(planted, THIRD, SECOND)
    third = _compute(planted, THIRD)
    assert broken(home) == [] and scan(home) == LEFT
    refused = table(home, "quarantine").filter(pl.col("rule") == "erased")
    assert refused["record_id"].str.starts_with(suppression.PREFIX).to_list() == [True]
    hung = table(home, "std_feed").filter(pl.col("refused") == "the subject was erased")
    assert hung["item"].to_list() == refused["record_id"].to_list() * 2
    assert number not in table(home, "golden_party")["client_number"].to_list()
    assert third.suppression_hash == suppression.head(home) != ""
    assert table(home, "ledger_number").filter(pl.col("client_number") == number)["state"].to_list() == ["gone"]
    full = _compute(planted, THIRD, full=True).content_hashes
    assert {n: h for n, h in full.items() if n.startswith("golden_")} == {
        n: h for n, h in third.content_hashes.items() if n.startswith("golden_")
    }


def test_values_that_a_model_learned_of_the_subject_alone_go_too(small_live):
    """A card of the first night, which the models were trained on: its address is one of a kind in their tables."""
    home = small_live.home
    one_of_a_kind = (pl.col("address").is_unique(), pl.col("phones").is_unique(), pl.col("source") == "cards")
    known = table(home, "match_input_person").filter(*one_of_a_kind, pl.col("phones").list.len() == 1)
    [learned] = home.models.glob("person-*/tf_address.parquet")
    others = pl.read_parquet(learned)["address"].to_list()
    known = known.filter(
        pl.col("address").map_elements(lambda text: sum(text in one for one in others) == 1, pl.Boolean)
    ).sort("record_key")
    key, address, [phone] = known.select("record_key", "address", "phones").row(0)
    [record] = records(home).filter(pl.col("record_key") == key)["record_id"]
    words = (address, phone, record)
    assert any(path.startswith("models/") for path in scan(home, words))
    erase(home, small_live.settings, [("cards", record)], Asked("request 8", "officer", FIRST))
    assert scan(home, words) == {} and broken(home) == []


def test_a_record_that_the_law_keeps_is_restricted_first_and_erased_by_the_night_its_term_ends(planted):
    home = planted.home
    rule = planted.settings.registry.erasure.model_copy(update={"keep_days": 1})
    registry = planted.settings.registry.model_copy(update={"erasure": rule})
    settings = replace(planted.settings, registry=registry)
    found = erase(home, settings, [("cards", KEY)], Asked("request 7", "officer", SECOND))
    assert (found["erased"], found["due"]) == (False, str(THIRD))
    assert "objects" in {path.split("/")[0] for path in scan(home)}
    deliver(planted, THIRD, SECOND)
    land(replace(planted, settings=settings), settings.source("cards"), THIRD)
    taken, refused = snapshots.read(home, settings.source("cards").series, THIRD)
    assert KEY not in taken["record_id"].to_list() and "erased" in refused["rule"].to_list()
    land(replace(planted, settings=settings), settings.feeds[0], THIRD)
    taken, refused = snapshots.read(home, settings.feeds[0].series, THIRD)
    assert taken["said"].to_list() == ["is well"] and refused["rule"].to_list() == ["erased"] * 2
    assert due(home, settings, SECOND) == 0
    assert due(home, settings, THIRD) == 1 and scan(home) == LEFT
    assert due(home, settings, THIRD) == 0


def test_a_whole_client_is_erased_by_its_number(planted):
    home = planted.home
    sizes = table(home, "crosswalk").group_by("client_number").len().filter(pl.col("len") > 1).sort("client_number")
    number = sizes["client_number"][0]
    mine = members(home, number)
    found = erase(home, planted.settings, mine, Asked("request 9", "officer", FIRST))
    assert found["restricted"] == len(mine) > 1 and number in found["clients"]
    party = table(home, "golden_party").filter(pl.col("client_number") == number).row(0, named=True)
    assert party["display_name"] is None and party["birth_date"] is None and party["records"] == len(mine)
    assert broken(home) == [] and members(home, number) == []


def test_an_erased_client_is_gone_to_services_and_takes_no_decision(planted):
    home = planted.home
    number = table(home, "crosswalk").filter(pl.col("record_id") == KEY)["client_number"][0]
    app = create(home, settings=planted.settings)
    token = {"authorization": f"Bearer {sessions.issue_token(app.state.desk.database, 'scoring', 1)}"}
    with TestClient(app, base_url="http://127.0.0.1", headers=token, follow_redirects=False) as service:
        assert service.get(f"/api/v1/parties/{number}").status_code == 200
        erase(home, planted.settings, members(home, number), Asked("request 9", "officer", FIRST))
        assert service.get(f"/api/v1/parties/{number}").status_code == 410
    with pytest.raises(RegistryError):
        decide.link(home, "cannot_link", number, f"cards:{KEY}", Decider("steward", "why"))
    app.state.desk.explanations.close()
    app.state.desk.served.close()


def test_an_erasure_that_was_killed_is_finished_by_asking_again(planted, monkeypatch):
    """Killed after the manifests were revised, before the key map was: the worst place."""
    home = planted.home

    def die(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("stages.erasure.rewrite.rewrite_keys", die)
        with pytest.raises(KeyboardInterrupt):
            erase(home, planted.settings, [("cards", KEY)], Asked("request 7", "officer", FIRST))
    erase(home, planted.settings, [("cards", KEY)], Asked("request 7", "officer", FIRST))
    assert scan(home) == LEFT and broken(home) == []


def test_who_asks_without_a_reason_or_for_nobody_is_refused(planted):
    with pytest.raises(DecisionRefused, match="has no reason"):
        erase(planted.home, planted.settings, [("cards", KEY)], Asked(" "))
    with pytest.raises(NotFound, match="never given"):
        erase(planted.home, planted.settings, [("cards", "nobody")], Asked("why"))


def test_a_feed_that_is_declared_no_more_must_be_told_of_first(planted):
    """Its snapshots are kept, and nobody could say on which record their rows hang."""
    [feed] = planted.settings.feeds
    other = feed.model_copy(update={"record": ("client",)})
    for feeds, problem in (((), "feed 'contact' is declared no more"), ((other,), "declared with other columns")):
        with pytest.raises(ConfigError, match=problem):
            erase(planted.home, replace(planted.settings, feeds=feeds), [("cards", KEY)], Asked("why", "a", FIRST))


def test_the_keyed_hash_is_hmac_sha256_of_source_and_key(tmp_path):
    home = Home(tmp_path).prepare()
    for key in (b"short", b"x" * 100):
        (tmp_path / suppression.SECRET).write_bytes(key)
        expected = hmac.new(key, "cards\x1fä 1".encode(), "sha256").hexdigest()[:32]
        assert suppression.tombstones(home, None, [("cards", "ä 1")]) == [f"erased-{expected}"]


def test_every_table_has_a_treatment_that_keeps_its_columns(planted):
    with connect([planted.home.root], planted.home.staging) as con:
        versions.attach(con, planted.home, versions.manifest(planted.home))
        con.execute("CREATE TABLE subject AS SELECT 1::BIGINT record_key, '' AS source, '' record_id, '' tombstone")
        con.execute("CREATE TABLE affected AS SELECT '' AS client_number")
        con.execute(f"CREATE TABLE hung AS {hung_sql(TABLES)}")
        for name, schema in TABLES.items():
            assert con.sql(f"SELECT * FROM ({erased(name)})").columns == schema.column_names(), name
    assert set(ORDER) == set(TABLES)


def test_a_row_that_a_later_file_hides_is_known_by_the_records_that_it_names():
    """It is in no row that one can see, so `hung` does not have it."""
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE subject AS SELECT 1 AS record_key, 'cards' AS source, 'K' AS record_id, 'x' tombstone"
        )
        con.execute("CREATE TABLE hung (feed VARCHAR, item VARCHAR, tombstone VARCHAR)")
        for name in TABLES_OF_ROWS:
            con.execute(f"CREATE TABLE {name} AS {tables.empty_sql(TABLES[name])}")
            ends = [pair for pair in (("source", "record_id"), ("other_source", "other_record"))
                    if set(pair) <= set(TABLES[name].column_names())]  # fmt: skip
            for one, other in ends:
                con.execute(
                    f"INSERT INTO {name} ({one}, {other}) VALUES ('cards', 'K'), ('cards', 'L'), ('loans', 'K')"
                )
            found = con.execute(f"SELECT count(*) FROM {name} t WHERE {mentions(name)}").fetchall()
            assert found == [(len(ends),)] and ends, name


def test_a_subject_gets_everything_in_two_private_files(planted, tmp_path):
    [number] = records(planted.home).filter(pl.col("record_id") == KEY)["client_number"]
    data, page = subject.export(planted.home, number, tmp_path / "out")
    found = json.loads(data.read_text(encoding="utf-8"))
    assert found["golden"]["party"]["display_name"] and found["decisions"][0]["reason"] == "whispered words"
    assert {"std_name", "std_identifier", "std_contact", "std_address", "std_record"} <= set(found["records"])
    assert found["records"]["std_note"][0]["text"] == "murmured" and found["view"]["indices"][0]["products"] == 0
    text = page.read_text(encoding="utf-8")
    for word in ("9QXZ7W3", "+994557719053", "cards", "murmured", KEY):
        assert word in text and word in data.read_text(encoding="utf-8")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (data, page)} == {0o600}


def test_nothing_in_a_home_is_readable_by_others(planted):
    erase(planted.home, planted.settings, [("cards", KEY)], Asked("request 7", "officer", FIRST))
    open_to_others = [path for path in planted.home.root.rglob("*") if path.stat().st_mode & 0o077]
    assert open_to_others == []
