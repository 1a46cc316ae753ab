"""Small parts on literal values: letters that differ, the graph, labels, the trail, failed log-ins."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from rules.contracts.standard import SCALARS
from rules.documents import load_documents
from rules.survivorship import Strategy
from stewardship import compare, graph, labels, limits, lost
from stewardship.audit import Trail
from stewardship.compare import Value
from store.home import Home

RULES = Path(compare.__file__).parents[1] / "rules"
VIEWED = RULES.with_name("stages") / "viewed.py"


@pytest.mark.parametrize(
    "left, right, one, other",
    [
        ("Ali", "Ali", [("Ali", False)], [("Ali", False)]),
        ("Ali", "ALI", [("Ali", False)], [("ALI", False)]),
        ("Ali", "Eli", [("A", True), ("li", False)], [("E", True), ("li", False)]),
        ("123456", "124356", [("12", False), ("3", True), ("4", False), ("56", False)], None),
        ("", "x", [], [("x", True)]),
    ],
)
def test_letters_that_differ_are_marked(left, right, one, other):
    found = compare.marked(left, right)
    assert "".join(piece for piece, _ in found[0]) == left and "".join(piece for piece, _ in found[1]) == right
    if other is not None:
        assert [list(side) for side in found] == [one, other]


def test_values_are_put_beside_their_nearest():
    left = {"phone": [Value("+994501111111"), Value("+994502222222")], "sex": [Value("F")], "branch": [Value("060")]}
    right = {"phone": [Value("+994502222223"), Value("+994501111111")], "branch": [Value("070")]}
    found = compare.lines(["phone", "sex", "branch"], ["branch"], left, right)
    told = [(line.field, line.left and line.left.value.standard, line.right and line.right.value.standard, line.verdict)
            for line in found]  # fmt: skip
    assert told == [
        ("phone", "+994501111111", "+994501111111", "same"),
        ("phone", "+994502222222", "+994502222223", "differs"),
        ("sex", "F", None, "one"),
        ("branch", "060", "070", "about"),
    ]


def test_the_graph_marks_the_cut_and_the_weakest_link():
    edges = [("a", "b", 20_000_000), ("b", "c", 13_000_000), ("a", "d", 12_000_000), ("c", "d", 3_000_000)]
    found = graph.draw([["a", "b", "c"], ["d"]], edges, ("a", "d"), 11_000_000)
    kinds = {line.title.partition(":")[0]: line.kind for line in found.lines}
    assert kinds == {"a – b": "inside", "b – c": "weakest", "a – d": "cut", "c – d": "between"}
    assert {dot.name for dot in found.dots if dot.asked} == {"a", "d"} and found.left_out == 0
    assert all(0 <= dot.x <= graph.WIDTH and 0 <= dot.y <= graph.HEIGHT for dot in found.dots)


def test_a_large_client_is_drawn_in_part_with_the_records_asked_for():
    names = [f"r{place:02d}" for place in range(40)]
    found = graph.draw([names, ["z"]], [], ("r39", "z"), 0)
    assert len(found.dots) == graph.MOST + 1 and found.left_out == 40 - graph.MOST
    assert "r39" in {dot.name for dot in found.dots}


@pytest.mark.parametrize(
    "accepted, asked, language",
    [("de-DE,de;q=0.9", "", "en"), ("", "xx", "en"), ("fr,ru-RU;q=0.8,en;q=0.5", "", "ru"), ("ru", "az", "az")],
)
def test_the_language_is_the_one_asked_for_else_the_browsers_else_english(accepted, asked, language):
    assert labels.chosen(accepted, asked) == language
    assert labels.translator(language)("no such label") == "no such label"


def test_every_label_of_a_page_is_in_every_language_and_none_is_stale():
    folder = Path(labels.__file__).parent
    pages = "".join(path.read_text(encoding="utf-8") for path in folder.glob("templates/*.html"))
    code = "".join(path.read_text(encoding="utf-8") for path in _code(folder))
    used = set(re.findall(r'\bt\("([^"]+)"\)', pages))
    for language, known in labels.table().items():
        assert used - set(known) == set() and all(known.values()), language
    declared = "".join(
        (RULES / "defaults" / name).read_text(encoding="utf-8")
        for name in ("forms.yaml", "operations.yaml", "documents.yaml")
    )
    words = pages + code + declared
    stale = [label for label in labels.table()["en"] if not _is_used(label, words)]
    assert stale == []


def test_fields_rules_reasons_and_actions_have_a_label_in_every_language():
    code = "".join(path.read_text(encoding="utf-8") for path in Path(labels.__file__).parent.rglob("*.py"))
    actions = set(re.findall(r'trail\.noted?\(\s*\w+\.name, "([a-z ]+)"', code))
    documents = load_documents()
    kinds = {labels.plain(kind) for kinds in documents.primary.values() for kind in kinds}
    words = {
        *map(labels.plain, SCALARS), *get_args(Strategy), "union", "decision", *lost._WHY.values(), lost.DECIDED,
        lost.ALIKE, lost.LEFT_OUT, *actions, *(kind for kind in kinds if not re.match(r"[a-z]{2} |lei$", kind)),
    }  # fmt: skip
    assert len(actions) > 10 and {f"{language}: {word}" for language, known in labels.table().items()
                                  for word in words if word not in known} == set()  # fmt: skip


def _code(folder):
    return (*folder.rglob("*.py"), *RULES.rglob("*.py"), VIEWED, VIEWED.with_name("operations.py"))


def _is_used(label, words):
    """Whether a template or the code writes a label, or puts it together of a unit and a part of it."""
    forms = (label, label.replace(" ", "_"), label.replace(" · ", "."), label.replace(" · ", '." || '))
    return any(form in words for form in forms) or all(part in words for part in label.split(" · "))


def test_the_trail_notices_a_changed_and_a_missing_line(tmp_path):
    trail = Trail(Home(tmp_path))
    for number in range(4):
        trail.note("a\r\nb", "opened client", client=str(number))
    assert trail.broken() == [] and len(trail.file.read_text().splitlines()) == 4, "a line break stays inside its line"
    assert trail.file.stat().st_mode & 0o077 == 0
    lines = trail.file.read_text().splitlines()
    trail.file.write_text("\n".join([lines[0], lines[1].replace('"1"', '"9"'), *lines[2:]]) + "\n")
    assert trail.broken() == [2]
    trail.file.write_text("\n".join([lines[0], *lines[2:]]) + "\n")
    assert trail.broken() == [2]
    assert json.loads(lines[0])["user"] == "a\r\nb"


def test_failures_are_forgotten_after_a_while_and_never_fill_the_memory(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    attempts = limits.Attempts()
    assert [attempts.wait("name x") for _ in range(limits.FAILURES)] == [0] * limits.FAILURES
    assert attempts.wait("name x") > 0 and attempts.wait("name y") == 0
    now[0] = limits.WINDOW + 1
    assert attempts.wait("name x") == 0
    for number in range(limits.REMEMBERED + 50):
        attempts.wait(f"name {number}")
    assert len(attempts._failed) == limits.REMEMBERED


def test_a_log_in_that_succeeded_is_no_failure_and_forgets_those_of_the_name_alone():
    attempts = limits.Attempts()
    for number in range(limits.FAILURES - 1):
        assert attempts.wait(f"name {number}", "address") == 0
    for _ in range(3):
        assert attempts.wait("name own", "address") == 0
        attempts.succeeded("name own", "address")
    assert attempts.wait("name other", "address") == 0 and attempts.wait("name own", "address") > 0


def test_a_caller_may_ask_so_often_at_once_and_then_evenly(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    rate = limits.Rate(400, 20)
    assert [rate.wait("one") for _ in range(401)] == [0] * 400 + [1]
    assert rate.wait("other") == 0, "each caller for himself"
    now[0] += 1
    assert sum(rate.wait("one") == 0 for _ in range(100)) == 20, "what was refused is not counted"
    now[0] += 100
    assert [rate.wait("one") for _ in range(401)] == [0] * 400 + [1], "and never more at once"
    for number in range(limits.REMEMBERED + 50):
        rate.wait(f"address {number}")
    assert len(rate._over) == limits.REMEMBERED


def test_who_has_to_wait_long_is_told_how_long(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    rate = limits.Rate(2, 600)
    assert [rate.wait("one") for _ in range(3)] == [0, 0, 301]
    now[0] = 301
    assert rate.wait("one") == 0
