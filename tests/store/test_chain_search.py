"""Looking through a long log: the same lines as reading it, from any place, from any time."""

import pytest

from store import chain, chain_search
from store.chain_search import begins, newest_first


@pytest.fixture(params=[7, 64, 1 << 18])
def log(tmp_path, request, monkeypatch):
    """Ten lines, a minute each, and a torn one behind the third; read in blocks shorter and longer than a line."""
    monkeypatch.setattr(chain_search, "_BLOCK", request.param)
    path = tmp_path / "log.jsonl"
    texts = [f'{{"at": "2026-03-01T00:0{number}", "n": {number}}}\n' for number in range(10)]
    path.write_text("".join([*texts[:3], '{"at": \n', *texts[3:]]))
    return path


def numbers(path, upto, since=0):
    return [line.get("n") for _, line in newest_first(path, upto, since)]


def test_lines_come_back_to_front_and_go_on_where_one_stopped(log):
    size = chain.length(log)
    assert numbers(log, size) == [9, 8, 7, 6, 5, 4, 3, None, 2, 1, 0]
    places = [place for place, _ in newest_first(log, size)]
    assert places[-1] == 0 and numbers(log, places[3]) == [5, 4, 3, None, 2, 1, 0]
    assert numbers(log, places[3], places[6]) == [5, 4, 3] and numbers(log, places[3], places[3]) == []


def test_the_first_line_of_a_time_is_found(log):
    size, places = chain.length(log), {line.get("n"): place for place, line in newest_first(log, chain.length(log))}
    for number in range(10):
        assert begins(log, f"2026-03-01T00:0{number}") in (places[number], places[None] if number == 3 else -1)
    assert (begins(log, "2026-02"), begins(log, "2026-04")) == (0, size)


def test_a_log_that_is_not_there_has_no_lines(tmp_path):
    assert begins(tmp_path / "none", "2026") == 0 == chain.length(tmp_path / "none")
    assert numbers(tmp_path / "none", 0) == []
