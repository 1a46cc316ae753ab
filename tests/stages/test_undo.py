"""Reversibility: whatever is merged, split and taken back, clusters and numbers return; a small bank in memory.

`REGISTRY_SEQUENCES` says how many sequences each property tries.
"""

import os
from datetime import date
from itertools import pairwise
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from golden_record.identity import assign_numbers
from matching.clustering import cluster
from rules.contracts import TABLES
from rules.decisions import APPROVE, CANNOT_LINK, END, MERGE, MUST_LINK, SPLIT
from stages.decisions import expand
from store.decisions.conflicts import conflict
from store.decisions.entries import Entry
from store.decisions.state import decisions, in_effect
from tests.matching.clustered import MATCH, records
from tests.tables import blank

IDENTITY = ("crosswalk", "ledger_number", "ledger_member", "ledger_event")
FIRST = ("abc", "de", "fgh", "ij", "k")
"""The clients before anyone decided; the first and third hold different lifelong numbers."""
DAY = date(2026, 3, 2)


class Bank:
    """Nights of clustering and identity under a log that lives in memory."""

    def __init__(self) -> None:
        self.con = blank()
        self.rows: list[Entry] = []
        self.version = 0
        held = {"a": ["fin:1000001"], "c": ["fin:1000001"], "f": ["fin:2000002"], "h": ["fin:2000002"]}
        frame = records({name: {"lifelong": held.get(name)} for part in FIRST for name in part})
        self.con.register("given_frame", frame.to_arrow())
        self.con.execute("""
            CREATE TABLE match_input_person AS SELECT * EXCLUDE (record_id) FROM given_frame;
            CREATE TABLE key_map AS SELECT record_key, source, record_id FROM given_frame;
            CREATE TABLE std_record AS SELECT record_key, source, record_id, NULL::VARCHAR AS legal_entity,
                                              'person' AS party_type FROM given_frame;
            CREATE TABLE pairs_person (record_key_l BIGINT, record_key_r BIGINT, weight BIGINT)""")
        for left, right in (pair for part in FIRST for pair in pairwise(part)):
            self.con.execute(
                f"""INSERT INTO pairs_person SELECT l.record_key, r.record_key, {MATCH} FROM key_map l, key_map r
                    WHERE l.record_id = ? AND r.record_id = ?""",
                [left, right],
            )
        for table in IDENTITY:
            empty = TABLES[table].create_empty()  # noqa: F841  read by DuckDB by its name
            self.con.execute(f"CREATE TABLE parent_{table} AS SELECT * FROM empty")
        self.state = self.night()

    def night(self) -> dict[str, str]:
        """One night; which number each record carries after it."""
        self.version += 1
        expand(self.con, in_effect(decisions(self.rows, {}), DAY))
        cluster(self.con, "person", "pairs_person", MATCH, MATCH)
        self.con.execute("CREATE OR REPLACE TABLE clusters AS FROM clusters_person")
        assign_numbers(self.con, self.version, DAY)
        for table in IDENTITY:
            self.con.execute(f"CREATE OR REPLACE TABLE parent_{table} AS SELECT * FROM {table}")
        found = self.con.execute("SELECT record_id, client_number FROM crosswalk").fetchall()
        self.state = {str(record): str(number) for record, number in found}
        return self.state

    def clients(self) -> list[str]:
        """Clients as their records, in order."""
        parts = dict.fromkeys(self.state.values(), "")
        for record in sorted(self.state):
            parts[self.state[record]] += record
        return sorted(parts.values())

    def decide(self, kind: str, left: str, right: str) -> bool:
        """Add an approved decision, unless others contradict it."""
        sides = [tuple(("s", record) for record in side) for side in (left, right)]
        counted = in_effect(decisions(self.rows, {}), DAY)
        if conflict(MUST_LINK if kind == MERGE else CANNOT_LINK, (sides[0], sides[1]), counted):
            return False
        number = len(self.rows) + 1
        self.rows.append(Entry(number, "then", kind, "ann", left=sides[0], right=sides[1]))
        self.rows.append(Entry(number + 1, "then", APPROVE, "bob", about=number))
        return True

    def end(self, decision: int) -> None:
        for person in ("ann", "bob"):
            self.rows.append(Entry(len(self.rows) + 1, "then", END, person, about=decision))

    def open(self) -> list[int]:
        return [decision.id for decision in in_effect(decisions(self.rows, {}), DAY)]

    def act(self, merges: bool, one: int, other: int) -> bool:
        """Merge two clients, or part one; False where there is nothing to do."""
        clients = self.clients()
        if merges:
            left, right = clients[one % len(clients)], clients[other % len(clients)]
            return left != right and self.decide(MERGE, left[:1], right[:1])
        whole = clients[one % len(clients)]
        cut = 1 + other % max(len(whole) - 1, 1)
        return len(whole) > 1 and self.decide(SPLIT, whole[:cut], whole[cut:])


steps = st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=4)
SEQUENCES = int(os.environ.get("REGISTRY_SEQUENCES", "25"))
few = settings(max_examples=SEQUENCES, derandomize=True, deadline=None)
patience = pytest.mark.timeout(300 + 3 * SEQUENCES)


@pytest.mark.slow
def test_a_merge_and_a_split_taken_back_in_the_other_order() -> None:
    bank = Bank()
    first = bank.state
    assert bank.act(True, 0, 2) and bank.night() and bank.clients()[0] == "abcfgh"
    assert bank.act(False, 0, 4) and bank.night() and bank.clients()[0] == "abcfg"
    assert not bank.decide(MERGE, "a", "h")
    for decision in bank.open():
        bank.end(decision)
        bank.night()
    assert bank.state == first


@pytest.mark.slow
@patience
@few
@example([(False, 8, 0), (True, 1, 8), (False, 1, 3)])
@example([(True, 1, 0), (False, 9, 0), (True, 2, 0)])
@given(steps)
def test_taking_back_in_turn_restores_clients_and_numbers_step_by_step(asked: list[tuple[bool, int, int]]) -> None:
    bank = Bank()
    before = []
    for step in asked:
        state = bank.state
        if bank.act(*step):
            before.append(state)
            bank.night()
    for state in reversed(before):
        bank.end(bank.open()[-1])
        assert bank.night() == state


@pytest.mark.slow
@patience
@few
@example([(False, 2, 0), (True, 0, 3)], Random(0))
@example([(False, 2, 0), (True, 0, 3)], Random(1))
@example([(False, 3, 1), (True, 2, 3)], Random(1))
@given(steps, st.randoms(use_true_random=False))
def test_taking_back_in_any_order_restores_clients(asked: list[tuple[bool, int, int]], draw) -> None:
    bank = Bank()
    first, clients = bank.state, bank.clients()
    for step in asked:
        if bank.act(*step):
            bank.night()
            assert_decided(bank)
    while bank.open():
        bank.end(draw.choice(bank.open()))
        bank.night()
        assert_decided(bank)
    assert bank.clients() == clients
    assert bank.state == first


def assert_decided(bank: Bank) -> None:
    """Every decision in effect holds."""
    for decision in in_effect(decisions(bank.rows, {}), DAY):
        sides = [{bank.state[key] for _, key in side} for side in (decision.entry.left, decision.entry.right)]
        if decision.effect == CANNOT_LINK:
            assert not sides[0] & sides[1]
        else:
            assert sides[0] == sides[1]
