"""Two numbers of an issuing source on one client: found, told since when, closed by the source alone."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from golden_record.findings import find
from rules.contracts.identity import Finding
from tests.tables import blank

DAY = [date(2026, 1, day) for day in range(1, 7)]


class Nights:
    """Nights on one connection; records are `source:id`, given with client number, row hash and status."""

    def __init__(self) -> None:
        self.con = blank()
        empty = Finding.create_empty()  # noqa: F841  read by DuckDB by its name
        self.con.execute("CREATE TABLE parent_finding AS SELECT * FROM empty")
        self.con.execute("CREATE TABLE parent_std_record (source VARCHAR, record_id VARCHAR, row_hash VARCHAR)")
        for party in ("person", "organisation"):
            self.con.execute(f"CREATE TABLE pairs_{party} (record_key_l BIGINT, record_key_r BIGINT, weight BIGINT, "
                             "levels VARCHAR)")  # fmt: skip
        self.con.execute("CREATE TABLE issuer AS SELECT 'core' AS source, 'accounts' AS owner")

    def night(self, day: date, records: Mapping[str, tuple[str, str, str]], gone: tuple[str, ...] = ()) -> list[Any]:
        for table in ("crosswalk", "std_record", "gone"):
            self.con.execute(f"DROP TABLE IF EXISTS {table}")
        self.con.execute("CREATE TABLE crosswalk (record_key BIGINT, source VARCHAR, record_id VARCHAR, "
                         "client_number VARCHAR)")  # fmt: skip
        self.con.execute("CREATE TABLE std_record (record_key BIGINT, source VARCHAR, record_id VARCHAR, "
                         "row_hash VARCHAR, status VARCHAR)")  # fmt: skip
        self.con.execute("CREATE TABLE gone (source VARCHAR, record_id VARCHAR)")
        for key, (name, (number, row_hash, status)) in enumerate(records.items()):
            self.con.execute("INSERT INTO crosswalk VALUES (?, ?, ?, ?)", [key, *name.split(":"), number])
            self.con.execute("INSERT INTO std_record VALUES (?, ?, ?, ?, ?)", [key, *name.split(":"), row_hash, status])
        for name in gone:
            self.con.execute("INSERT INTO gone VALUES (?, ?)", name.split(":"))
        find(self.con, day)
        Finding.validate(self.con.sql("SELECT * FROM finding").pl(), cast=True)
        for table in ("finding", "std_record"):
            self.con.execute(f"CREATE OR REPLACE TABLE parent_{table} AS SELECT * FROM {table}")
        return self.con.execute("SELECT records, state, first_seen, resolved FROM finding ORDER BY ALL").fetchall()


BOTH = {"core:7": ("N", "h", "open"), "core:8": ("N", "h", "open"), "crm:1": ("N", "h", "open")}
OPEN = (["7", "8"], "open", DAY[0], None)


def test_two_numbers_of_the_issuer_are_found_and_two_sources_are_not() -> None:
    nights = Nights()
    nights.con.execute("INSERT INTO pairs_person VALUES (1, 0, 23400000, 'name=+9.10')")
    assert nights.night(DAY[0], BOTH) == [OPEN] == nights.night(DAY[1], BOTH)
    found = nights.con.execute("SELECT source, owner, client_number, evidence FROM finding").fetchall()
    assert found == [("core", "accounts", "N", "edge of 23.40 bits: name=+9.10")]


def test_it_is_mended_when_a_later_extract_lacks_a_record_has_it_closed_or_changed() -> None:
    mended = (["7", "8"], "mended", DAY[0], DAY[1])
    for tonight, gone in (
        ({name: BOTH[name] for name in ("core:8", "crm:1")}, ()),
        (BOTH, ("core:7",)),
        (BOTH | {"core:7": ("N", "h2", "closed")}, ()),
        (BOTH | {"core:7": ("M", "h2", "open")}, ()),
    ):
        nights = Nights()
        nights.night(DAY[0], BOTH)
        assert nights.night(DAY[1], tonight, gone) == [mended] == nights.night(DAY[2], tonight, gone)


def test_what_the_registry_parts_itself_is_withdrawn_and_not_mended() -> None:
    nights, apart = Nights(), BOTH | {"core:7": ("M", "h", "open")}
    nights.night(DAY[0], BOTH)
    assert nights.night(DAY[1], apart) == [(["7", "8"], "withdrawn", DAY[0], None)]
    assert nights.night(DAY[2], BOTH) == [OPEN]


def test_a_mended_finding_that_comes_back_is_seen_anew() -> None:
    nights = Nights()
    nights.night(DAY[0], BOTH)
    nights.night(DAY[1], BOTH, gone=("core:8",))
    assert nights.night(DAY[2], BOTH) == [(["7", "8"], "open", DAY[2], None)]
