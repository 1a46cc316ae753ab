"""Records that vanish: kept, closed or removed as their source declares, and back again."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.context import Place
from pipelines.ingest import land
from rules.errors import ContractError
from rules.settings import load_registry
from stages.check import check_raw
from stages.standardise import standardise
from store import snapshots
from store.home import Home

SOURCE = """
name: core
kind: csv
read: {path: "core_{date}.csv", key: client_no}
when_gone: WHEN
stale_nights: 1
contract: {max_drop: 60%, columns: {client_no: text, fio: text, state: text, rank: text}}
map: [{party_type: person}, {name.full: fio}, {status: state}, {roles: rank}]
"""
DAYS = [date(2026, 3, day) for day in range(1, 9)]
Bank = Callable[..., Place]


@pytest.fixture
def bank(tmp_path: Path, own_environment: None) -> Bank:
    def build(when: str = "close", source: str = SOURCE) -> Place:
        (tmp_path / "core.yaml").write_text(source.replace("WHEN", when), encoding="utf-8")
        (tmp_path / "registry.yaml").write_text("sources: [core.yaml]\nmemory: 500MB\nthreads: 1\n", encoding="utf-8")
        settings = load_registry(tmp_path / "registry.yaml")
        return Place(settings, Home(tmp_path / "home").prepare(), tmp_path)

    return build


def deliver(place: Place, day: date, *clients: str, header: str = "client_no,fio,state,rank") -> None:
    rows = [f"{client},Ann Lee {client},open,client" for client in clients]
    (place.data / f"core_{day}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def night(place: Place, day: date) -> pl.DataFrame:
    """The day's usable rows: key and since when they are gone."""
    source = place.settings.source("core")
    land(place, source, day)
    return snapshots.read(place.home, source.series, day)[0].select("record_id", "gone_since")


def standard(place: Place, day: date) -> dict[str, tuple[str, str, str]]:
    """Status, roles and row hash by record."""
    tonight = place.night(day)
    standardise(tonight, place.settings.source("core"))
    rows = pl.read_parquet(tonight.part("std_record", "core"))
    return {row["record_id"]: (row["status"], row["roles"], row["row_hash"]) for row in rows.iter_rows(named=True)}


@pytest.mark.parametrize("when", ["keep", "close"])
def test_a_gone_record_is_carried_with_the_day_it_was_first_missed(bank: Bank, when: str) -> None:
    place = bank(when)
    for day, clients in zip(DAYS, (["1", "2"], ["1"], ["1"], ["1", "2"]), strict=False):
        deliver(place, day, *clients)
    since = [dict(night(place, day).iter_rows()) for day in DAYS[:4]]
    assert since == [
        {"1": None, "2": None},
        {"1": None, "2": DAYS[1]},
        {"1": None, "2": DAYS[1]},
        {"1": None, "2": None},
    ]
    facts = snapshots.read_facts(place.home, place.settings.source("core").series, DAYS[2])
    assert facts is not None and (facts.rows, facts.usable, facts.carried) == (1, 1, 1)


def test_a_closed_record_changes_once_and_a_kept_one_not_at_all(bank: Bank) -> None:
    place = bank("close")
    for day, clients in zip(DAYS, (["1", "2"], ["1"], ["1"], ["1", "2"]), strict=False):
        deliver(place, day, *clients)
        night(place, day)
    first, second, third, fourth = (standard(place, day) for day in DAYS[:4])
    assert first["2"][:2] == ("open", "client") and second["2"][:2] == ("closed", "former")
    assert second["2"] == third["2"] and second["2"][2] != first["2"][2] and fourth == first
    assert first["1"] == second["1"] == third["1"]
    assert standard(bank("keep"), DAYS[1])["2"] == first["2"]


def test_removed_records_leave_with_the_first_extract_without_them(bank: Bank) -> None:
    place = bank("remove")
    deliver(place, DAYS[0], "1", "2")
    deliver(place, DAYS[1], "1")
    assert night(place, DAYS[0]).height == 2 and night(place, DAYS[1])["record_id"].to_list() == ["1"]


def test_a_quarantined_key_is_delivered_and_not_gone(bank: Bank) -> None:
    place = bank()
    deliver(place, DAYS[0], "1", "2")
    deliver(place, DAYS[1], "1", "2", "2")
    night(place, DAYS[0])
    assert night(place, DAYS[1])["record_id"].to_list() == ["1"]


@pytest.mark.slow
def test_bounds_on_the_rows_look_at_what_was_delivered(bank: Bank) -> None:
    place = bank()
    deliver(place, DAYS[0], "1", "2", "3", "4", "5")
    deliver(place, DAYS[1], "1", "2")
    deliver(place, DAYS[2], "1")
    assert [night(place, day).height for day in DAYS[:3]] == [5, 5, 5]
    metrics = check_raw(place.night(DAYS[2]), place.settings.source("core"))
    assert metrics.ok
    deliver(place, DAYS[3], "1", "2", "3", "4", "5")
    deliver(place, DAYS[4], "1")
    night(place, DAYS[3])
    with pytest.raises(ContractError, match="1 rows after 5, max_drop"):
        night(place, DAYS[4])


def test_a_source_that_says_nothing_leaves_who_is_gone_as_it_was(bank: Bank) -> None:
    place = bank()
    deliver(place, DAYS[0], "1", "2")
    deliver(place, DAYS[1], "1")
    deliver(place, DAYS[3], "1")
    before = [night(place, day) for day in DAYS[:4]][1:]
    assert all(frame.equals(before[0]) for frame in before)
    facts = snapshots.read_facts(place.home, place.settings.source("core").series, DAYS[2])
    assert facts is not None and facts.stale and facts.carried == 1


def test_another_declaration_carries_what_still_fits_it(bank: Bank) -> None:
    place = bank()
    deliver(place, DAYS[0], "1", "2")
    deliver(place, DAYS[1], "1")
    for day in DAYS[:2]:
        night(place, day)
    wider = bank("close", SOURCE.replace("max_drop: 60%", "max_drop: 70%"))
    assert wider.settings.source("core").series != place.settings.source("core").series
    deliver(wider, DAYS[2], "1")
    assert dict(night(wider, DAYS[2]).iter_rows()) == {"1": None, "2": DAYS[1]}


def test_a_declaration_with_a_new_column_tells_who_was_left_behind(bank: Bank) -> None:
    place = bank()
    deliver(place, DAYS[0], "1", "2")
    night(place, DAYS[0])
    wider = bank("close", SOURCE.replace("rank: text}", "rank: text, seat: text}"))
    (wider.data / f"core_{DAYS[1]}.csv").write_text("client_no,fio,state,rank,seat\n1,Ann Lee,open,client,A\n")
    counts = land(wider, wider.settings.source("core"), DAYS[1])
    assert counts["gone and not carried"] == 1


def test_under_another_key_records_are_known_by_the_new_one(bank: Bank) -> None:
    place = bank()
    deliver(place, DAYS[0], "1", "2")
    night(place, DAYS[0])
    other = bank("close", SOURCE.replace("key: client_no", "key: fio"))
    deliver(other, DAYS[1], "1")
    assert dict(night(other, DAYS[1]).iter_rows()) == {"Ann Lee 1": None, "Ann Lee 2": DAYS[1]}


def test_a_partial_read_misses_nobody(bank: Bank) -> None:
    place = bank("close", SOURCE.replace("key: client_no}", "key: client_no, mode: key}"))
    deliver(place, DAYS[0], "1", "2")
    deliver(place, DAYS[1], "3")
    night(place, DAYS[0])
    assert dict(night(place, DAYS[1]).iter_rows()) == {"1": None, "2": None, "3": None}
