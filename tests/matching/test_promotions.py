"""The log of promotions: names follow from its lines alone, two persons, a chain that shows every change."""

import json
from pathlib import Path

import pytest

from matching import promotions
from matching.promotions import LOG, Entry
from rules.errors import IntegrityError, ModelError

REPORT = ("a__b__1", "0" * 64)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A home's models with a bootstrap by ann."""
    promotions.bootstrap(tmp_path, "person", "person-1", "bootstrap", "ann")
    return tmp_path


def proposed(models: Path, user: str = "ann", model: str = "person-2", alias: str = "bootstrap") -> Entry:
    return promotions.propose(models, "person", model, alias, user, REPORT)


def rewrite(models: Path, *lines: Entry) -> None:
    """The log as a forger would write it: every hash is right, the chain closed."""
    text, previous = "", ""
    for line in lines:
        chained = Entry(**{**line.__dict__, "previous": previous})
        previous = json.loads(chained.line)["hash"]
        text += chained.line + "\n"
    (models / LOG).write_text(text, encoding="utf-8")


def test_two_persons_change_what_a_name_stands_for(models: Path) -> None:
    promotions.approve(models, proposed(models), "bob")
    assert promotions.aliases(models, "person") == {"bootstrap": "person-2"}
    assert promotions.aliases(models, "organisation") == {}
    assert promotions.promoted(models, "person") == {"person-1", "person-2"}
    assert [entry.kind for entry in promotions.entries(models)] == ["bootstrap", "propose", "approve"]


def test_a_proposal_alone_changes_nothing(models: Path) -> None:
    proposal = proposed(models)
    assert promotions.aliases(models, "person") == {"bootstrap": "person-1"}
    assert promotions.promoted(models, "person") == {"person-1"}
    assert promotions.open_proposal(models, "person", "person-2", "bootstrap") == proposal


@pytest.mark.parametrize("approver", ["ann", "ANN", " Ann ", "a\u200bnn", "\uff41nn", "ann\u00ad"])
def test_nobody_approves_his_own_proposal(models: Path, approver: str) -> None:
    with pytest.raises(ModelError, match="second person"):
        promotions.approve(models, proposed(models), approver)
    assert promotions.aliases(models, "person") == {"bootstrap": "person-1"}


@pytest.mark.parametrize("nobody", ["", "  ", "\u200b"])
def test_nobody_is_no_user(models: Path, nobody: str) -> None:
    with pytest.raises(ModelError, match="names nobody"):
        promotions.approve(models, proposed(models), nobody)


def test_an_approval_by_the_author_written_into_the_file_is_refused(models: Path) -> None:
    first, proposal = promotions.entries(models)[0], proposed(models)
    forged = Entry(**{**proposal.__dict__, "kind": "approve"})
    rewrite(models, first, proposal, forged)
    with pytest.raises(IntegrityError, match="jsonl:3: is an approval without a proposal by another person"):
        promotions.aliases(models, "person")
    rewrite(models, first, proposal, Entry(**{**forged.__dict__, "user": "bob"}))
    assert promotions.aliases(models, "person") == {"bootstrap": "person-2"}, "the forger's tool itself must work"


def test_a_second_bootstrap_written_into_the_file_is_refused(models: Path) -> None:
    first = promotions.entries(models)[0]
    rewrite(models, first, Entry(**{**first.__dict__, "model": "person-9"}))
    with pytest.raises(IntegrityError, match="starts anew"):
        promotions.aliases(models, "person")
    with pytest.raises(ModelError, match="not the first"):
        (models / LOG).unlink()
        promotions.bootstrap(models, "person", "person-1", "bootstrap", "ann")
        promotions.bootstrap(models, "person", "person-9", "other", "ann")


@pytest.mark.parametrize("damage", ["value", "dropped", "swapped", "half"])
def test_a_changed_log_is_refused(models: Path, damage: str) -> None:
    promotions.approve(models, proposed(models), "bob")
    lines = (models / LOG).read_text(encoding="utf-8").splitlines()
    changed = {
        "value": [*lines[:1], lines[1].replace("person-2", "person-3"), lines[2]],
        "dropped": [lines[0], lines[2]],
        "swapped": [lines[1], lines[0], lines[2]],
        "half": [*lines[:2], lines[2][:40]],
    }[damage]
    (models / LOG).write_text("\n".join(changed) + "\n", encoding="utf-8")
    with pytest.raises(IntegrityError, match="restore the file"):
        promotions.aliases(models, "person")


def test_a_proposal_made_for_another_state_is_void(models: Path) -> None:
    late = proposed(models, model="person-3")
    promotions.approve(models, proposed(models), "bob")
    assert promotions.open_proposal(models, "person", "person-3", "bootstrap") is None
    with pytest.raises(ModelError, match="compare and propose anew"):
        promotions.approve(models, late, "bob")


def test_inner_spaces_make_no_second_person() -> None:
    assert promotions.same_person("Ann  Lee", "ann\u00a0lee") and not promotions.same_person("ann lee", "annlee")


def test_a_line_of_an_unknown_kind_promotes_nothing(models: Path) -> None:
    first = promotions.entries(models)[0]
    rewrite(models, first, Entry(**{**first.__dict__, "kind": "grant", "model": "person-9"}))
    with pytest.raises(IntegrityError, match="jsonl:2: is of no known kind"):
        promotions.aliases(models, "person")


def test_an_approval_by_the_proposers_os_user_is_marked(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    promotions.approve(models, proposed(models), "bob")
    later = proposed(models, model="person-3")
    monkeypatch.setattr(promotions, "os_user", lambda: "another")
    promotions.approve(models, later, "bob")
    log = promotions.entries(models)
    assert [bool(mark) for mark in promotions.marks(log)] == [False, False, True, False, False]
    assert log[-1].os_user == "another" != log[0].os_user


def test_a_log_of_a_release_without_os_users_is_read(models: Path) -> None:
    first = promotions.entries(models)[0]
    rewrite(models, Entry(**{**first.__dict__, "os_user": ""}))
    assert "os_user" not in (models / LOG).read_text(encoding="utf-8")
    promotions.approve(models, proposed(models), "bob")
    assert promotions.aliases(models, "person") == {"bootstrap": "person-2"}


def test_no_variable_names_the_os_user(monkeypatch: pytest.MonkeyPatch) -> None:
    before = promotions.os_user()
    for name in ("LOGNAME", "USER"):
        monkeypatch.setenv(name, "somebody-else")
    assert promotions.os_user() == before


def test_a_home_older_than_the_log_keeps_its_names(tmp_path: Path) -> None:
    (tmp_path / "person.aliases.json").write_text('{"bootstrap": "person-1"}', encoding="utf-8")
    assert promotions.aliases(tmp_path, "person") == {"bootstrap": "person-1"}
    promotions.approve(tmp_path, proposed(tmp_path), "bob")
    assert promotions.aliases(tmp_path, "person") == {"bootstrap": "person-2"}
    assert promotions.promoted(tmp_path, "person") == {"person-1", "person-2"}
    (tmp_path / "person.aliases.json").write_text('{"bootstrap": "person-9"}', encoding="utf-8")
    assert promotions.aliases(tmp_path, "person") == {"bootstrap": "person-2"}
