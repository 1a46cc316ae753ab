"""Who searches at once shares a search, and goes on sharing it; who searches alone waits for nobody."""

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from rules.placeholders import load_placeholders
from rules.typed import Typed
from stewardship import searching
from stewardship.searching import Searching

LIVE = SimpleNamespace(folder=Path("one"), version=SimpleNamespace(version=1))
TYPED = Typed(names=({"full": "Anna Petrova"},))


class Noting:
    """Finds nobody, and notes how many asked together; the first search ends when it is told to."""

    index = LIVE

    def __init__(self) -> None:
        self.begun, self.go, self.sizes = threading.Event(), threading.Event(), list[int]()

    def find(self, typed, _most):
        self.begun.set()
        self.go.wait(20)
        self.sizes.append(len(typed))
        return [[] for _ in typed]

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def asked(monkeypatch):
    """Searching with a finder that notes: `ask(count)` gives the futures of so many questions."""
    finder = Noting()
    monkeypatch.setattr(Searching, "_open", lambda self, index: finder)
    monkeypatch.setattr(searching, "MOMENT", 20)
    served = Searching(load_placeholders())
    yield SimpleNamespace(finder=finder, ask=lambda count: [served.ask(LIVE, TYPED) for _ in range(count)])
    finder.go.set()
    served.close()


def later(asked, count):
    """Futures of questions that come a moment later."""
    made = []
    timer = threading.Timer(0.05, lambda: made.extend(asked.ask(count)))
    timer.start()
    return timer, made


def test_who_is_answered_is_searched_for_with_who_waited_and_so_again(asked):
    first = asked.ask(1)
    asked.finder.begun.wait(20)
    others = asked.ask(3)
    asked.finder.go.set()
    first[0].result(20)
    again = asked.ask(1)
    for one in (*others, *again):
        one.result(20)
    assert asked.finder.sizes == [1, 4]
    early = asked.ask(1)
    timer, late = later(asked, 3)
    early[0].result(20)
    timer.join()
    assert asked.finder.sizes == [1, 4, 4] and all(one.result(20).found == [] for one in late)


def test_who_searches_alone_waits_for_nobody(asked):
    asked.finder.go.set()
    for _ in range(3):
        asked.ask(1)[0].result(10)
    assert asked.finder.sizes == [1, 1, 1]
