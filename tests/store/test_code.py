"""The code version covers every room that a night's tables are made by."""

from store.code import _ROOT, ROOMS


def test_every_room_is_covered_but_those_that_only_show():
    rooms = {path.parent.name for path in _ROOT.glob("*/__init__.py")}
    assert rooms - {*ROOMS} == {"cli", "benchmarks", "stewardship", "tests"} & rooms
