"""Client numbers over nights: literal cases and properties on random sequences of partitions."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden_record.identity import assign_numbers
from golden_record.numbers import client_number, is_well_formed
from rules.contracts import TABLES
from tests.tables import blank

PARENTS = ("crosswalk", "ledger_number", "ledger_member", "ledger_event")
Partition = list[list[int]]


class Home:
    """Runs nights of identity on one connection; a record is its small integer."""

    def __init__(self, shuffle: int | None = None, issuers: tuple[str, ...] = ()) -> None:
        self.con = blank()
        self.version, self.shuffle, self.issuers = 0, shuffle, issuers
        for table in PARENTS:
            empty = TABLES[table].create_empty()  # noqa: F841  read by DuckDB by its name
            self.con.execute(f"CREATE TABLE parent_{table} AS SELECT * FROM empty")

    def night(self, partition: Partition) -> dict[int, str]:
        """One promoted night; which number each record carries."""
        self.version += 1
        self.compute(partition)
        for table in PARENTS:
            self.con.execute(f"CREATE OR REPLACE TABLE parent_{table} AS SELECT * FROM {table}")
        return self.carried()

    def compute(self, partition: Partition) -> None:
        rows = [(record, min(part)) for part in partition for record in part]
        if self.shuffle is not None:
            random.Random(self.shuffle + self.version).shuffle(rows)
        self.con.execute("CREATE OR REPLACE TABLE clusters (record_key BIGINT, cluster_key BIGINT)")
        values = ", ".join(f"({record}, {cluster})" for record, cluster in rows)
        if rows:
            self.con.execute(f"INSERT INTO clusters VALUES {values}")
        self.con.execute("""
            CREATE OR REPLACE TABLE std_record AS
            SELECT record_key, 's' AS source, CAST(1000 + record_key AS VARCHAR) AS record_id,
                   NULL::VARCHAR AS legal_entity, 'person' AS party_type, 'h' AS row_hash FROM clusters""")
        day = date(2026, 1, 1) + timedelta(days=self.version)
        assign_numbers(self.con, self.version, day, self.issuers)

    def carried(self) -> dict[int, str]:
        return dict(self.con.execute("SELECT record_key, client_number FROM crosswalk").fetchall())

    def roll_back_to(self, crosswalk: dict[int, str]) -> None:
        """The live version becomes an older one; the ledger stays."""
        self.con.execute("DELETE FROM parent_crosswalk")
        for record, number in crosswalk.items():
            self.con.execute(
                "INSERT INTO parent_crosswalk VALUES ($1, 's', CAST(1000 + $1 AS VARCHAR), NULL, 'person', $2)",
                [record, number],
            )

    def events(self) -> list[tuple[Any, ...]]:
        return self.con.execute(
            "SELECT event, client_number, other_number FROM ledger_event WHERE version = $1 ORDER BY position",
            [self.version],
        ).fetchall()

    def causes(self) -> list[tuple[Any, ...]]:
        return self.con.execute(
            "SELECT event, client_number, cause FROM ledger_event WHERE version = $1 ORDER BY position", [self.version]
        ).fetchall()

    def table(self, name: str) -> list[tuple[Any, ...]]:
        return self.con.execute(f"SELECT * FROM {name}").fetchall()


N = [client_number(100_000_001 + i) for i in range(10)]


def test_first_night_mints_in_order_of_the_least_record() -> None:
    home = Home(shuffle=1)
    assert home.night([[3, 5], [2], [1, 4]]) == {1: N[0], 4: N[0], 2: N[1], 3: N[2], 5: N[2]}
    assert home.events() == [("mint", N[0], None), ("mint", N[1], None), ("mint", N[2], None)]


def test_a_quiet_night_writes_no_event_and_keeps_every_number() -> None:
    home = Home()
    before = home.night([[1, 2], [3]])
    assert home.night([[1, 2], [3]]) == before
    assert home.events() == []
    assert home.con.execute("SELECT DISTINCT first_version, last_version FROM ledger_member").fetchall() == [(1, None)]


def test_a_merge_keeps_the_oldest_number_and_redirects_the_other() -> None:
    home = Home()
    home.night([[1], [2, 3, 4]])
    assert set(home.night([[1, 2, 3, 4]]).values()) == {N[0]}
    assert home.events() == [("merge", N[1], N[0])]


def test_a_split_leaves_the_number_with_most_of_its_history() -> None:
    home = Home()
    home.night([[1, 2, 3]])
    assert home.night([[1], [2, 3]]) == {1: N[1], 2: N[0], 3: N[0]}
    assert home.events() == [("mint", N[1], None), ("split", N[1], N[0])]


def test_undoing_a_merge_restores_the_retired_number() -> None:
    home = Home()
    before = home.night([[1], [2, 3, 4]])
    home.night([[1, 2, 3, 4]])
    assert home.night([[1], [2, 3, 4]]) == before
    assert home.events() == [("restore", N[1], None), ("split", N[1], N[0])]


def test_undo_holds_when_the_larger_part_began_under_the_winning_number() -> None:
    home = Home()
    home.night([[1, 2, 3, 4, 5]])
    home.night([[1, 2], [3], [4], [5]])
    before = home.night([[1, 2], [3, 4, 5]])
    home.night([[1, 2, 3, 4, 5]])
    assert home.night([[1, 2], [3, 4, 5]]) == before


def test_a_number_without_records_becomes_a_tombstone_and_revives_with_them() -> None:
    home = Home()
    home.night([[1], [2]])
    home.night([[1]])
    assert home.events() == [("retire", N[1], None)]
    assert home.table("ledger_number")[1][3:] == ("gone", None, None)
    assert home.night([[1], [2]])[2] == N[1]
    assert home.events() == [("restore", N[1], None)]


def test_a_number_is_not_left_to_records_that_were_separated_from_it() -> None:
    home = Home()
    home.night([[1], [2]])
    home.night([[1, 2]])
    home.night([[1], [2]])
    assert home.night([[2]]) == {2: N[1]}
    assert home.table("ledger_number")[0][3:] == ("gone", None, None)
    assert home.events() == [("retire", N[0], None)]
    assert home.night([[1], [2]]) == {1: N[0], 2: N[1]}


def test_a_number_that_retired_before_its_records_left_is_not_left_to_others_either() -> None:
    home = Home()
    home.night([[1, 2]])
    home.night([[1], [2]])
    home.night([[1, 3], [2]])
    home.night([[3], [2]])
    home.night([[2]])
    assert home.table("ledger_number")[0][3:] == ("gone", None, None)


def test_a_merge_that_was_rolled_back_leads_no_number_to_the_other_client() -> None:
    home = Home()
    first = home.night([[1], [2]])
    home.night([[1, 2]])
    home.roll_back_to(first)
    assert home.night([[2]]) == {2: N[1]}
    assert home.table("ledger_number")[0][3:] == ("gone", None, None)


def test_after_a_rollback_numbers_of_the_dropped_version_are_not_minted_again() -> None:
    home = Home()
    first = home.night([[1, 2], [3]])
    second = home.night([[1], [2], [3], [4]])
    home.roll_back_to(first)
    assert home.night([[1], [2], [3], [5]]) == {1: N[0], 2: second[2], 3: N[1], 5: N[4]}
    assert home.events() == [("mint", N[4], None), ("retire", second[4], None)]


def test_a_redirect_that_moves_is_told() -> None:
    home = Home()
    home.night([[1], [2], [3]])
    home.night([[1], [2, 3]])
    home.night([[1, 2, 3]])
    assert home.events() == [("merge", N[1], N[0]), ("merge", N[2], N[0])]
    assert {row[4] for row in home.table("ledger_number")} == {N[0]}


def test_a_record_that_moves_between_published_numbers_is_told_by_the_one_it_left() -> None:
    home = Home()
    home.night([[1, 2, 3], [4, 5]])
    home.night([[1, 2], [3, 4, 5]])
    assert home.events() == [("survive", N[0], N[1])]
    assert home.causes() == [("survive", N[0], "edge")]


def test_a_quiet_night_changes_no_row_of_the_memory() -> None:
    home = Home()
    home.night([[1, 2], [3]])
    before = home.table("ledger_member")
    home.night([[1, 2], [3]])
    assert home.table("ledger_member") == before
    home.night([[1, 2]])
    assert [row[4] for row in home.table("ledger_member")] == [None, None, 2]


def decide(home: Home, *rows: tuple[int, int, str, int]) -> None:
    home.con.execute("CREATE OR REPLACE TABLE decided (record_key_l BIGINT, record_key_r BIGINT, kind VARCHAR, "
                     "decision BIGINT)")  # fmt: skip
    for row in rows:
        home.con.execute("INSERT INTO decided VALUES (?, ?, ?, ?)", row)


def test_an_event_names_the_decision_that_caused_it() -> None:
    home = Home()
    home.night([[1], [2], [3, 4]])
    decide(home, (2, 1, "must_link", 12), (3, 4, "cannot_link", 7))
    home.night([[1, 2], [3], [4]])
    assert home.causes() == [
        ("mint", N[3], "decision 7"),
        ("merge", N[1], "decision 12"),
        ("split", N[3], "decision 7"),
    ]
    decide(home)
    home.night([[1], [2], [3, 4]])
    assert home.causes() == [("restore", N[1], "edge"), ("merge", N[3], "edge"), ("split", N[1], "edge")]


def test_an_event_names_what_its_source_did() -> None:
    home = Home()
    home.night([[1, 2, 3], [4, 5], [6]])
    home.con.execute("CREATE TABLE parent_std_record AS SELECT source, record_id, 'old' AS row_hash FROM std_record")
    home.night([[1], [3], [4], [5]])
    assert [(event, cause) for event, _, cause in home.causes()] == [
        ("mint", "source gone"), ("mint", "record changed"), ("split", "source gone"), ("split", "record changed"),
        ("retire", "source gone"),
    ]  # fmt: skip
    home.con.execute("CREATE TABLE quarantine AS SELECT 's' AS source, '1004' AS record_id")
    home.night([[1], [3], [5], [6]])
    assert home.causes() == [("restore", N[2], "source returned"), ("retire", N[1], "quarantined")]


def test_the_first_night_adopts_the_numbers_of_an_issuer_and_mints_the_others() -> None:
    home = Home(issuers=("s",))
    home.con.execute("INSERT INTO parent_ledger_member VALUES ('x', '1', '9', 1, 1)")
    assert home.night([[1, 2], [3]]) == {1: "1001", 2: "1001", 3: "1003"}
    assert home.causes() == [("mint", "1001", "adopted from s"), ("mint", "1003", "adopted from s")]
    assert home.night([[1, 2], [3], [4]])[4] == N[0], "later nights mint"
    assert home.night([[1], [2], [3], [4]])[2] == N[1]
    assert set(home.night([[1, 3, 4], [2]]).values()) == {"1001", N[1]}, "adopted numbers are the oldest"


def test_no_number_is_minted_that_an_adopted_one_looks_like() -> None:
    home = Home(issuers=("s",))
    home.version = 1
    rows = [(1, N[0], 1), (2, "12x", 2), (3, N[2], 3), (4, "0" * 19, 4), (5, "007", 5)]
    home.con.execute("CREATE TABLE clusters (record_key BIGINT, cluster_key BIGINT)")
    home.con.execute("CREATE TABLE std_record (record_key BIGINT, source VARCHAR, record_id VARCHAR, "
                     "legal_entity VARCHAR, party_type VARCHAR, row_hash VARCHAR)")  # fmt: skip
    for key, record, cluster in rows:
        home.con.execute("INSERT INTO clusters VALUES (?, ?)", [key, cluster])
        home.con.execute("INSERT INTO std_record VALUES (?, 's', ?, NULL, 'person', 'h')", [key, record])
    assign_numbers(home.con, 1, date(2026, 1, 1), ("s",))
    assert home.carried() == {1: N[0], 2: N[3], 3: N[2], 4: N[1], 5: "007"}


RECORDS = range(1, 8)
PARTITIONS = st.lists(st.integers(0, 4), min_size=len(RECORDS), max_size=len(RECORDS)).map(
    lambda labels: [[r for r, label in zip(RECORDS, labels, strict=True) if label == part] for part in (1, 2, 3, 4)]
)
"""Label 0 is a record that the source does not have tonight."""


def _tidy(partition: Partition) -> Partition:
    return [part for part in partition if part]


def _replayed(home: Home) -> dict[str, str | None]:
    stands_for: dict[str, str | None] = {}
    rows = home.con.execute("SELECT event, client_number, other_number FROM ledger_event ORDER BY version, position")
    for event, number, other in rows.fetchall():
        if event not in ("split", "survive"):
            stands_for[number] = {"mint": number, "restore": number, "merge": other, "retire": None}[event]
    return stands_for


@settings(max_examples=8, derandomize=True, deadline=None)
@given(st.lists(PARTITIONS, min_size=2, max_size=4))
def test_every_number_ever_minted_resolves_in_one_step(nights: list[Partition]) -> None:
    home, ever = Home(), dict[str, tuple[int, int]]()
    for partition in nights:
        carried = home.night(_tidy(partition))
        numbers = home.table("ledger_number")
        live = {row[0] for row in numbers if row[3] == "live"}
        assert set(carried.values()) == live and len(live) == len(_tidy(partition))
        assert all((row[4] in live) if row[3] != "gone" else row[4] is None for row in numbers)
        assert all(is_well_formed(row[0]) for row in numbers)
        now = {row[0]: (row[1], row[2]) for row in numbers}
        assert ever.items() <= now.items() and len(set(now.values())) == len(now)
        assert _replayed(home) == {row[0]: row[4] for row in numbers}
        ever = now


@settings(max_examples=8, derandomize=True, deadline=None)
@given(st.lists(PARTITIONS, min_size=1, max_size=3), st.data())
def test_merge_then_undo_restores_the_numbers_exactly(nights: list[Partition], data: st.DataObject) -> None:
    home, parts = Home(), _tidy(nights[-1])
    for partition in nights:
        before = home.night(_tidy(partition))
    joined = data.draw(st.sets(st.integers(0, max(len(parts) - 1, 0)), min_size=0, max_size=len(parts)))
    merged = sorted(record for i in joined if parts for record in parts[i])
    home.night(_tidy([merged, *(part for i, part in enumerate(parts) if i not in joined)]))
    assert home.night(parts) == before


@settings(max_examples=8, derandomize=True, deadline=None)
@given(st.lists(PARTITIONS, min_size=2, max_size=5))
def test_a_number_resolves_only_to_a_client_with_one_of_its_last_carriers(nights: list[Partition]) -> None:
    home, last = Home(), dict[str, set[int]]()
    for partition in nights:
        carried = home.night(_tidy(partition))
        for number, *_, resolves_to, _adopted in home.table("ledger_number"):
            if number not in carried.values() and number in last:
                holders = {carried[record] for record in last[number] if record in carried}
                assert (resolves_to in holders) if holders else resolves_to is None
        for number in set(carried.values()):
            last[number] = {record for record, own in carried.items() if own == number}


@pytest.mark.slow
@settings(max_examples=6, derandomize=True, deadline=None)
@given(st.lists(PARTITIONS, min_size=1, max_size=3))
def test_row_order_changes_nothing(nights: list[Partition]) -> None:
    homes = [Home(), Home(shuffle=7)]
    for home in homes:
        for partition in nights:
            home.night(_tidy(partition))
    assert all(homes[0].table(name) == homes[1].table(name) for name in PARENTS)


@pytest.mark.slow
@settings(max_examples=6, derandomize=True, deadline=None)
@given(PARTITIONS, PARTITIONS, PARTITIONS)
def test_repeating_a_rolled_back_night_gives_its_numbers_again(a: Partition, b: Partition, c: Partition) -> None:
    home = Home()
    first = home.night(_tidy(a))
    second = home.night(_tidy(b))
    home.roll_back_to(first)
    assert home.night(_tidy(b)) == second
    assert set(home.night(_tidy(c)).values()) <= {row[0] for row in home.table("ledger_number")}


@pytest.mark.parametrize("table", PARENTS)
def test_written_tables_keep_their_contract(table: str) -> None:
    home = Home()
    home.night([[1, 2], [3]])
    home.night([[1], [2, 3]])
    TABLES[table].validate(home.con.sql(f"SELECT * FROM {table}").pl(), cast=True)
