"""The planted bank through two real nights, and every case asked of the version that its night made.

Here: files of a night, the nights, the verdict. Not here: the cases (cases.csv: a record, a table, an SQL expression
over the rows of the record's client, and the text it must give).
"""

import csv
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.context import Place, set_place
from pipelines.ingest import land
from pipelines.run import train
from stages.promote import promote
from stages.start import begin
from stages.steps import compute
from store import lock
from store.opening import opened

HERE = Path(__file__).parent
NIGHTS = (date(2026, 3, 2), date(2026, 3, 3))


@dataclass(frozen=True)
class Case:
    """One case with what was found."""

    case: str
    about: str
    expected: str
    found: str

    @property
    def passed(self) -> bool:
        """Whether the answer is the expected one."""
        return self.found == self.expected


def planted(folder: Path) -> list[Case]:
    """Make the bank in `folder`, run its nights, and judge every case after its night."""
    place = _bank(folder)
    cases = _rows(HERE / "cases.csv")
    return sorted((one for night in (1, 2) for one in _night(place, night, cases)), key=lambda one: one.case)


def _bank(folder: Path) -> Place:
    bank = folder / "bank"
    shutil.copytree(HERE / "bank", bank)
    for path in sorted((HERE / "data").glob("*.csv")):
        rows = _rows(path)
        for number, day in enumerate(NIGHTS, 1):
            _write(
                bank / f"{path.stem}_{day}.csv", list(rows[0]), (r for r in rows if r["nights"] in ("", str(number)))
            )
    return set_place(bank / "registry.yaml", folder / "home")


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter=";"))


def _write(path: Path, columns: list[str], rows: Iterable[dict[str, str]]) -> None:
    """The rows of one night, without the column that says which nights they are of."""
    shown = [name for name in columns if name != "nights"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, shown, delimiter=";", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def _night(place: Place, number: int, cases: list[dict[str, str]]) -> Iterator[Case]:
    day = NIGHTS[number - 1]
    if number == 1:
        train(place, day)
    night = place.night(day)
    begin(night)
    try:
        for delivered in place.settings.delivered:
            land(place, delivered, day)
        promote(night, compute(night))
    finally:
        lock.release(place.home)
    with opened(place.home) as con:
        for case in cases:
            if case["night"] == str(number):
                yield Case(case["case"], case["about"], case["expected"], _found(con, case))


def _found(con: duckdb.DuckDBPyConnection, case: dict[str, str]) -> str:
    """The answer as text; without a record the whole table is asked."""
    source, _, record = case["record"].partition(":")
    of = "(SELECT client_number FROM crosswalk WHERE source = ? AND record_id = ?)"
    where, values = (f"WHERE client_number = {of}", [source, record]) if record else ("", [])
    answer = con.execute(f"SELECT CAST(({case['value']}) AS VARCHAR) FROM {case['table']} {where}", values).fetchall()
    return str(answer[0][0])
