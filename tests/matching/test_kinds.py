"""Kinds of evidence: literal pairs of records."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from matching.kinds import kinds, values
from tests.matching.conftest import empty, open_with

ANN = {"given": "anna", "family": "koch", "birth_date": "1980-03-05", "lifelong": ["fin:1234567"]}


def told(left: dict[str, Any], right: dict[str, Any], folder: Path, party: str = "person") -> tuple[str, ...]:
    rows = [{"record_id": str(key), "record_key": key, "source": "s", **held} for key, held in ((1, left), (2, right))]
    types = {name: pl.List(pl.String) for name in ("lifelong", "own_words")} | {"record_key": pl.Int64}
    names = {name for row in rows for name in row}
    frame = pl.DataFrame(rows, schema={name: types.get(name, pl.String()) for name in sorted(names)})
    with open_with(empty(frame), folder) as con:
        asked = ", ".join(kinds(party).values())
        joined = "FROM match_input_person l JOIN match_input_person r ON l.record_key = 1 AND r.record_key = 2"
        assert con.execute(f"SELECT {values('l')} = {values('r')} {joined}").fetchall() == [(left == right,)]
        [found] = con.execute(f"SELECT {asked} {joined}").fetchall()
        return tuple(found)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, ("agrees", "agrees", "agrees")),
        ({"given": "ana", "birth_date": "1980-05-03", "lifelong": ["fin:1234568"]}, ("near", "near", "near")),
        (
            {"given": "otto", "birth_date": "1982-07-19", "lifelong": ["fin:7654321"]},
            ("contradicts", "contradicts", "contradicts"),
        ),
        ({"given": None, "birth_date": None, "lifelong": ["cnp:1234567"]}, ("unknown", "unknown", "unknown")),
        ({"lifelong": None}, ("unknown", "agrees", "agrees")),
    ],
)
def test_persons(other: dict[str, Any], expected: tuple[str, ...], tmp_path: Path) -> None:
    assert told(ANN, ANN | other, tmp_path) == expected


def test_organisations_go_by_their_names(tmp_path: Path) -> None:
    bank = {"name": "azer gold bank", "name_set": "azer bank gold", "own_words": ["azer", "gold"]}
    for place, (name, words, expected) in enumerate(
        [
            ("gold azer bank", ["azer", "gold"], "agrees"),
            ("gold trade", ["gold"], "near"),
            ("sea", ["sea"], "contradicts"),
        ]
    ):
        other = {"name": name, "name_set": " ".join(sorted(name.split())), "own_words": words}
        assert told(bank, other, tmp_path / str(place), "organisation")[2] == expected
