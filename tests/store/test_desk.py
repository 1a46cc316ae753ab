"""The desk's database: made when first needed, completed after an upgrade, wiped by an erasure."""

import sqlite3
from datetime import date

import pytest

from stewardship import sessions, workbench
from store.desk import Database, forget
from store.home import Home

ITEM = {"case_id": "c" * 16, "one": "core:1", "other": "crm:2"}


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def test_tables_of_an_earlier_release_are_completed(home):
    with sqlite3.connect(home.root / "desk.sqlite") as con:
        con.execute(
            "CREATE TABLE comment (id INTEGER PRIMARY KEY, case_id TEXT, user TEXT, at TEXT, said TEXT, request TEXT)"
        )
        con.execute("INSERT INTO comment VALUES (1, 'c', 'ann', '2026', 'an old one', 'r')")
    desk = Database(home)
    workbench.comment(desk, ITEM, "ann", "a new one", "r2")
    assert [row["said"] for row in workbench.comments(desk, ITEM["case_id"])] == ["a new one"]
    assert workbench.bench(desk, date(2026, 1, 1)).claims == {}


def test_an_erasure_forgets_why_a_sealed_client_was_opened_where_it_names_somebody(home):
    desk = Database(home)
    openings = [sessions.open_sealed(desk, "ann", "1", said) for said in ("for Xerxes", "card blocked")]
    forget(home, [], [b"xerxes"])
    assert sessions.said_of(desk, openings) == {openings[0]: "erased", openings[1]: "card blocked"}


def test_an_erasure_forgets_comments_about_the_record_or_with_its_words(home):
    desk = Database(home)
    for number, (one, said) in enumerate([("core:1", "about it"), ("core:9", "says Xerxes"), ("core:9", "stays")]):
        workbench.comment(desk, ITEM | {"one": one}, "ann", said, f"request {number}")
    assert forget(home, [("core", "1")], [b"xerxes"]) == 2
    assert [row["said"] for row in workbench.comments(desk, ITEM["case_id"])] == ["stays"]
    assert not any(word in path.read_bytes() for path in home.root.iterdir() for word in (b"about it", b"Xerxes"))
    assert forget(Home(home.root / "none"), [("core", "1")], []) == 0


@pytest.mark.parametrize("held", [False, True])
def test_a_file_put_back_while_it_is_held_is_the_one_that_is_asked(home, tmp_path, held):
    desk = Database(home, held=held)
    workbench.comment(desk, ITEM, "ann", "before the backup", "r1")
    with sqlite3.connect(desk.file) as con, sqlite3.connect(tmp_path / "backup") as kept:
        con.backup(kept)
    workbench.comment(desk, ITEM, "ann", "after the backup", "r2")
    seen = desk.mark()
    for path in tmp_path.glob("desk.sqlite*"):
        path.unlink()
    (tmp_path / "backup").rename(desk.file)
    assert desk.mark() != seen
    assert [row["said"] for row in workbench.comments(desk, ITEM["case_id"])] == ["before the backup"]
    workbench.comment(desk, ITEM, "ann", "after all", "r3")
    with sqlite3.connect(desk.file) as con:
        assert con.execute("SELECT count(*) FROM comment").fetchall() == [(2,)]
    desk.close()
