"""Nights by hand: what history says of each date, as each version knew it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from golden_record import as_of
from golden_record.history import INPUTS, remember
from rules.contracts import TABLES
from rules.contracts.history import INTERVALS as HISTORY

Fill = Callable[..., None]
Clients = dict[str, tuple[str, str]]
"""Record id → (client number, sex)."""


def drop(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Drop the table or view of that name, if there is one."""
    for kind, found in con.execute(
        "SELECT 'VIEW', view_name FROM duckdb_views() UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables()"
    ).fetchall():
        if found == name:
            con.execute(f"DROP {kind} {name}")


class Registry:
    """Versions with their history; each night builds on the parent it names."""

    def __init__(self, con: duckdb.DuckDBPyConnection, put: Fill) -> None:
        self.con, self.put, self.kept = con, put, {}
        put(
            "key_map_rows", [{"record_key": n, "source": "s", "record_id": r} for n, r in enumerate("abc")], "crosswalk"
        )
        con.execute("CREATE VIEW key_map AS SELECT record_key, source, record_id FROM key_map_rows")

    def night(self, version: int, day: int, now: Clients, parent: int | None, touched: str | None = None) -> None:
        for name in HISTORY:
            rows = self.kept[parent][name] if parent else []
            self.put(f"parent_{name}", rows, name)
        self.fill(now)
        remember(self.con, version, date(2026, 1, day), touched)
        for name, schema in HISTORY.items():
            schema.validate(self.con.sql(f"FROM {name}").pl(), cast=True)
        self.kept[version] = {name: self.con.sql(f"FROM {name}").pl().to_dicts() for name in HISTORY}

    def fill(self, now: Clients) -> None:
        for name in INPUTS:
            self.put(name, [])
        number = dict(now.values())
        parties = [{"client_number": n, "party_type": "person", "records": 1, "sources": "s", "sex": sex}
                   for n, sex in number.items()]  # fmt: skip
        self.put("golden_party", parties)
        self.put("crosswalk", [
            {"record_key": "abc".index(r), "source": "s", "record_id": r, "party_type": "person", "client_number": n}
            for r, (n, _) in now.items()
        ])  # fmt: skip
        self.put("golden_name", [
            {"client_number": n, "position": 1, "record_key": "abc".index(r), "kind": "current", "full": f"Name {r}"}
            for n, r in {n: r for r, (n, _) in now.items()}.items()
        ])  # fmt: skip

    def then(self, version: int, day: int, known: int | None = None) -> Clients:
        """State valid on `day` as `known` (by default to the version itself), by the history of `version`."""
        for name in (*as_of.REBUILT, *HISTORY):
            drop(self.con, name)
        for name in HISTORY:
            self.put(name, self.kept[version][name])
        as_of.rebuild(self.con, date(2026, 1, day), known or version)
        found = self.con.execute("""
            SELECT x.record_id, x.client_number, p.sex
            FROM crosswalk x JOIN golden_party p USING (client_number) ORDER BY ALL""").fetchall()
        for name in as_of.REBUILT:
            self.con.execute(f"DROP VIEW {name}")
        return {record: (number, sex) for record, number, sex in found}


@pytest.fixture
def registry(con: duckdb.DuckDBPyConnection, put: Fill) -> Registry:
    return Registry(con, put)


A, B, AB = {"a": ("1", "F")}, {"b": ("2", "M")}, {"a": ("1", "F"), "b": ("2", "M")}


def test_a_late_change_is_valid_from_its_night_and_what_was_known_before_stays(registry: Registry) -> None:
    registry.night(1, 1, AB, None)
    registry.night(2, 5, A | {"b": ("2", "F")}, 1)
    assert registry.then(2, 4) == AB and registry.then(2, 5) == A | {"b": ("2", "F")}
    assert registry.then(2, 9) == registry.then(2, 5)
    assert registry.then(2, 5, known=1) == AB, "version 1 believed that it would go on"
    assert registry.then(2, 1, known=2) == AB and registry.then(1, 5) == AB


def test_before_the_first_night_there_is_nothing(registry: Registry) -> None:
    registry.night(1, 3, AB, None)
    assert registry.then(1, 2) == {}


def test_the_same_date_again_replaces_what_was_believed_of_it(registry: Registry) -> None:
    registry.night(1, 1, AB, None)
    registry.night(2, 5, A | {"b": ("2", "F")}, 1)
    registry.night(3, 5, A, 2)
    registry.night(4, 5, AB, 3)
    assert registry.then(4, 5) == registry.then(4, 4) == AB
    assert registry.then(4, 5, known=3) == A
    assert registry.then(4, 5, known=2) == A | {"b": ("2", "F")}
    believed = [row for row in registry.kept[4]["history_member"] if row["known_to"] is None]
    assert [(row["record_id"], row["valid_from"], row["valid_to"]) for row in sorted(believed, key=str)] == [
        ("a", date(2026, 1, 1), None), ("b", date(2026, 1, 1), None),
    ], "as if it had never gone"  # fmt: skip


def test_merge_then_split(registry: Registry) -> None:
    registry.night(1, 1, AB, None)
    registry.night(2, 2, {"a": ("1", "F"), "b": ("1", "F")}, 1)
    registry.night(3, 3, AB, 2)
    assert [registry.then(3, day)["b"][0] for day in (1, 2, 3)] == ["2", "1", "2"]
    assert registry.then(3, 3, known=2)["b"] == ("1", "F")


def test_rollback_then_a_new_night_knows_nothing_of_the_branch_left(registry: Registry) -> None:
    registry.night(1, 1, AB, None)
    registry.night(2, 2, {"a": ("1", "F"), "b": ("1", "F")}, 1)
    registry.night(3, 2, A | {"b": ("2", "F")}, 1)
    assert registry.then(3, 2) == A | {"b": ("2", "F")} and registry.then(3, 1) == AB
    assert registry.then(3, 2, known=1) == AB
    assert [row["version"] for row in registry.kept[3]["history_night"]] == [1, 3]
    assert registry.then(2, 2)["b"][0] == "1", "its own tables still answer"


def test_a_night_without_change_writes_nothing_but_its_date(registry: Registry) -> None:
    registry.night(1, 1, AB, None)
    registry.night(2, 2, AB, 1)
    for table in ("history_member", "history_value"):
        assert sorted(map(str, registry.kept[2][table])) == sorted(map(str, registry.kept[1][table]))


def test_units_come_back_as_they_were(registry: Registry) -> None:
    registry.night(1, 1, AB, None)
    before: list[Any] = registry.con.sql("FROM golden_name ORDER BY ALL").fetchall()
    for name in (*as_of.REBUILT, *HISTORY):
        drop(registry.con, name)
    for name in HISTORY:
        registry.put(name, registry.kept[1][name])
    as_of.rebuild(registry.con, date(2026, 1, 1), 1)
    assert registry.con.sql("FROM golden_name ORDER BY ALL").fetchall() == before
    for name in as_of.REBUILT:
        assert registry.con.table(name).columns == TABLES[name].column_names(), name


def test_a_night_that_compares_only_what_was_touched_writes_the_same(registry: Registry) -> None:
    registry.night(1, 1, AB | {"c": ("3", "F")}, None)
    merged = {"a": ("1", "F"), "b": ("1", "F"), "c": ("3", "F")}
    registry.night(2, 2, merged, 1)
    registry.put("touched", [{"client_number": "1"}, {"client_number": "2"}], "golden_party")
    registry.night(3, 2, merged, 1, touched="touched")
    for table in ("history_member", "history_value"):
        rows = [[row | {"known_from": row["known_from"] == v, "known_to": row["known_to"] == v - 1}
                 for row in registry.kept[v][table]] for v in (2, 3)]  # fmt: skip
        assert sorted(map(str, rows[0])) == sorted(map(str, rows[1])) and len(rows[0]) > len(registry.kept[1][table])


STATE = st.dictionaries(st.sampled_from("ab"), st.sampled_from([("1", "F"), ("2", "M")]))


@pytest.mark.slow
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(STATE, st.integers(0, 1)), min_size=2, max_size=4))
def test_any_nights_are_answered_as_they_were(registry: Registry, nights: list[tuple[Clients, int]]) -> None:
    """On any date, as any version knew it: the last version by then whose business date is not later."""
    day, days = 1, []
    for version, (state, later) in enumerate(nights, start=1):
        day += later
        days.append(day)
        registry.night(version, day, state, version - 1 or None)
    for known in range(1, len(nights) + 1):
        for asked in range(days[0], day + 1):
            last = max(place for place in range(known) if days[place] <= asked)
            assert registry.then(len(nights), asked, known) == nights[last][0]
