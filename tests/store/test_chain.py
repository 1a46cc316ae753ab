"""The one chain of JSON lines: what is noticed, what a crash leaves, writers at the same time."""

import threading
from pathlib import Path

import pytest

from rules.errors import IntegrityError
from store import chain


@pytest.fixture
def log(tmp_path: Path) -> Path:
    for number in range(4):
        chain.append(tmp_path / "log.jsonl", {"number": number})
    return tmp_path / "log.jsonl"


def test_lines_follow_each_other_and_only_the_owner_reads_them(log):
    assert [line["number"] for line in chain.read(log)] == [0, 1, 2, 3] and chain.broken(log) == []
    assert [line["number"] for line in chain.lines(log, 2)] == [2, 3]
    assert log.stat().st_mode & 0o077 == 0


def test_a_changed_and_a_missing_line_are_noticed(log):
    whole = log.read_text().splitlines(keepends=True)
    log.write_text("".join([whole[0], whole[1].replace('"number": 1', '"number": 9'), *whole[2:]]))
    assert chain.broken(log) == [2]
    log.write_text("".join([whole[0], *whole[2:]]))
    assert chain.broken(log) == [2]
    with pytest.raises(IntegrityError, match="line 2: was changed"):
        chain.read(log)


@pytest.mark.parametrize("torn", ['{"number": 4, "at"', "[]", "\n"])
def test_a_line_that_a_crash_tore_is_told_and_the_log_goes_on(log, torn):
    with log.open("a") as file:
        file.write(torn)
    chain.append(log, {"number": 5})
    assert [line["number"] for line in chain.lines(log)] == [0, 1, 2, 3, 5]
    assert chain.broken(log)[0] == 5 and len(log.read_bytes().splitlines()) == 6


def test_a_line_longer_than_a_block_is_followed(log):
    chain.append(log, {"number": 4, "tombstones": ["x" * 40] * 5_000})
    chain.append(log, {"number": 5})
    assert chain.broken(log) == []


def test_many_writers_make_one_chain(log):
    def write() -> None:
        for _ in range(20):
            chain.append(log, {"number": 7})

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert chain.broken(log) == [] and len(chain.lines(log)) == 84


def test_lines_added_together_are_chained_one_by_one(tmp_path):
    path = tmp_path / "log"
    first = chain.append(path, {"n": 0})
    added = chain.append_all(path, [{"n": 1}, {"n": 2}])
    assert [line["previous"] for line in added] == [first["hash"], added[0]["hash"]]
    assert [line["n"] for line in chain.read(path)] == [0, 1, 2]


def test_a_writer_goes_on_behind_another_and_in_a_file_that_was_restored(tmp_path):
    path = tmp_path / "log"
    writer = chain.Writer(path)
    writer.append_all([{"n": 0}])
    before = path.read_bytes()
    chain.append(path, {"n": 1})
    writer.append_all([{"n": 2}])
    assert [line["n"] for line in chain.read(path)] == [0, 1, 2]
    (tmp_path / "backup").write_bytes(before)
    (tmp_path / "backup").replace(path)
    writer.append_all([{"n": 3}])
    assert [line["n"] for line in chain.read(path)] == [0, 3]
    path.unlink()
    writer.append_all([{"n": 4}])
    writer.close()
    assert [line["n"] for line in chain.read(path)] == [4]


def test_a_line_that_could_not_be_written_leaves_the_chain_whole(tmp_path, monkeypatch):
    path = tmp_path / "log"
    writer = chain.Writer(path)
    writer.append_all([{"n": 0}])
    with monkeypatch.context() as patched:
        patched.setattr(chain, "_write", lambda file, data: file.write(data[:20]) and chain.os.write(-1, b""))
        with pytest.raises(OSError):
            writer.append_all([{"n": 1}])
    writer.append_all([{"n": 2}])
    writer.close()
    assert [line["n"] for line in chain.lines(path)] == [0, 2] and chain.broken(path) == [2]


def test_the_end_that_a_log_had_is_known_again(log):
    head = chain.head(log)
    assert head == (log.stat().st_size, chain.lines(log)[-1]["hash"]) and chain.holds(log, *head)
    chain.append(log, {"number": 4})
    assert (
        chain.holds(log, *head)
        and not chain.holds(log, head[0], "other")
        and not chain.holds(log, head[0] - 1, head[1])
    )
    whole = log.read_bytes()
    log.write_bytes(whole[: head[0]])
    assert chain.holds(log, *head), "it had no more then"
    log.write_bytes(b"".join(whole.splitlines(keepends=True)[:3]))
    assert chain.broken(log) == [] and not chain.holds(log, *head), "no line tells that the last one is gone"
    chain.append(log, {"number": "in its place, and longer"})
    assert chain.broken(log) == [] and not chain.holds(log, *head)


@pytest.mark.parametrize("torn", ['{"number": 4, "at"', "[]", "\n"])
def test_a_torn_line_is_no_end(log, torn):
    with log.open("a") as file:
        file.write(torn)
    assert chain.head(log) == (0, "")
    chain.append(log, {"number": 5})
    assert chain.holds(log, *chain.head(log)) and chain.head(log)[0]


def test_a_missing_log_has_no_end(tmp_path, log):
    head = chain.head(log)
    log.unlink()
    assert chain.head(log) == (0, "") and not chain.holds(log, *head)
