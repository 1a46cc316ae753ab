"""Acknowledging number changes: on the demo's home, whose second night merges and splits numbers."""

import pytest

from rules.errors import IntegrityError, NotFound
from rules.publication import Publication
from rules.settings import Registry
from stages.publish import taken
from store.home import Home


def test_what_waits_is_what_happened_to_numbers_since(home_copy):
    home = Home(home_copy)
    every = taken.waiting(home, 0)
    assert every and {row["event"] for row in every} <= {"merge", "split", "retire", "restore"}
    second = [row for row in every if row["version"] == 2]
    assert taken.waiting(home, 1) == second and taken.waiting(home, 2) == []
    assert taken.taken(home) == {}
    assert taken.acknowledge(home, "crm", 2, "Nadia") == len(every)
    assert taken.acknowledge(home, "crm", 1, "Nadia") == 0, "what is taken over stays so"
    assert taken.taken(home) == {"crm": 2}
    with pytest.raises(NotFound, match="does not descend from it"):
        taken.acknowledge(home, "crm", 3, "Nadia")


def test_a_changed_line_is_noticed(home_copy):
    home = Home(home_copy)
    taken.acknowledge(home, "crm", 1, "Nadia")
    log = home.root / taken.LOG
    log.write_text(log.read_text(encoding="utf-8").replace('"version": 1', '"version": 2'), encoding="utf-8")
    with pytest.raises(IntegrityError, match="line 1: was changed"):
        taken.taken(home)


def test_only_change_feeds_are_acknowledged():
    targets = (Publication(kind="csv", consumer="dwh"), Publication(kind="changes", consumer="crm"))
    assert taken.consumers(Registry(sources=("a.yaml",), publish=targets)) == ["crm"]
