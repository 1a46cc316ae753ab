"""Records that duplicate-free sources leave over: what is learned of them, and which pairs that raises."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from matching import left_over
from matching.left_over import Bounds
from matching.model import MICRO, Model
from rules.matching import Firewall

LIMITS = Bounds(3 * MICRO, 7 * MICRO)
GAIN = 5
SURE, WEAK, HOPELESS = 9, 0, -6
Pair = tuple[str, str, float]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def given(con: duckdb.DuckDBPyConnection, pairs: list[Pair]) -> None:
    """Tables of pairs of records named `<source><number>`, weights in bits; `d` may hold a client twice."""
    names = sorted({name for *ends, _ in pairs for name in ends})
    con.execute("CREATE TABLE records (record_key BIGINT, source VARCHAR)")
    con.executemany("INSERT INTO records VALUES (?, ?)", [(key, name[0]) for key, name in enumerate(names)])
    con.execute(
        "CREATE TABLE pairs (record_key_l BIGINT, record_key_r BIGINT, weight BIGINT, levels VARCHAR, raised BIGINT)"
    )
    rows = [(names.index(left), names.index(right), int(bits * MICRO), "", 0) for left, right, bits in pairs]
    con.executemany("INSERT INTO pairs VALUES (?, ?, ?, ?, ?)", rows)


def model(gain: float = GAIN, sources: Collection[str] = "ab") -> Model:
    facts = {
        "match_weight": LIMITS.match,
        "firewall": Firewall().model_dump(mode="json"),
        "left_over": {"sources": sorted(sources), "weight": int(gain * MICRO)},
    }
    return Model(Path("m"), "person", {}, facts)


def raised(
    con: duckdb.DuckDBPyConnection, pairs: list[Pair], one: Model | None = None, free: str = "abc"
) -> list[float]:
    """Weights of `pairs` in bits, afterwards."""
    given(con, pairs)
    left_over.add(con, one or model(), "pairs", "records", set(free))
    found = con.execute("SELECT weight, raised FROM pairs ORDER BY record_key_l, record_key_r").fetchall()
    assert all(part >= 0 for _, part in found)
    return [weight / MICRO for weight, _ in found]


@pytest.mark.parametrize(
    ("pairs", "weights"),
    [
        ([("a1", "b1", WEAK)], [WEAK + GAIN]),
        ([("a1", "b1", HOPELESS)], [HOPELESS]),  # would not reach the threshold
        ([("a1", "b1", WEAK), ("a1", "b2", WEAK)], [WEAK, WEAK]),  # no clear best
        ([("a1", "b1", 3), ("a1", "b2", -4)], [7, -4]),  # a rival takes a bit
        ([("a1", "b1", WEAK), ("a2", "b1", HOPELESS)], [GAIN, HOPELESS]),
        ([("a1", "b1", WEAK), ("a1", "b2", SURE)], [WEAK, SURE]),  # a1 has its partner
        ([("a1", "a2", SURE), ("a1", "b1", WEAK)], [SURE, GAIN]),  # no two of one source are one client
        ([("a1", "b1", WEAK), ("a1", "d1", 4)], [WEAK, 4]),  # d may hold a1's client more than once
        ([("a1", "d1", WEAK)], [WEAK]),
        ([("a1", "b1", 4)], [4 + GAIN]),  # accepted, but no firewall need doubt it now
    ],
)
def test_only_a_clear_pair_of_records_left_over_is_raised(
    con: duckdb.DuckDBPyConnection, pairs: list[Pair], weights: list[float]
) -> None:
    assert raised(con, pairs) == weights


def test_sources_count_that_were_declared_in_training_and_are_declared_now(con: duckdb.DuckDBPyConnection) -> None:
    assert raised(con, [("a1", "b1", WEAK), ("a2", "c1", WEAK)]) == [WEAK + GAIN, WEAK]


@pytest.mark.parametrize("one", [model(0), model(sources="a"), replace(model(), facts={})])
def test_a_model_that_learned_nothing_raises_nothing(con: duckdb.DuckDBPyConnection, one: Model) -> None:
    assert raised(con, [("a1", "b1", WEAK)], one) == [WEAK]


def test_nothing_is_raised_where_a_source_may_hold_a_client_twice(con: duckdb.DuckDBPyConnection) -> None:
    assert raised(con, [("a1", "b1", WEAK)], free="a") == [WEAK]


def test_neither_keys_nor_order_play_a_part(con: duckdb.DuckDBPyConnection) -> None:
    given(
        con, [("a1", "b1", 3), ("a1", "b2", -4), ("a2", "b2", WEAK), ("a3", "b3", 2), ("a3", "d1", -1), ("c1", "a4", 0)]
    )
    con.execute("CREATE TABLE other_records AS SELECT 9 - record_key AS record_key, source FROM records")
    con.execute("""
        CREATE TABLE other_pairs AS
        SELECT * REPLACE (9 - record_key_r AS record_key_l, 9 - record_key_l AS record_key_r) FROM pairs
        ORDER BY weight, record_key_l DESC""")
    for kind in ("", "other_"):
        left_over.add(con, model(), f"{kind}pairs", f"{kind}records", {"a", "b", "c"})
    assert (
        con.execute("""
        SELECT * FROM pairs EXCEPT
        SELECT * REPLACE (9 - record_key_r AS record_key_l, 9 - record_key_l AS record_key_r) FROM other_pairs
        """).fetchall()
        == []
    )
    assert con.execute("SELECT count(*) FROM pairs WHERE raised > 0").fetchall() == [(3,)]


def linked(found: int, missing: int, single: int) -> list[Pair]:
    """So many sure pairs, true pairs too weak to accept, and records of either source without a partner."""
    pairs: list[Pair] = [(f"a{n}", f"b{n}", SURE) for n in range(found)]
    pairs += [(f"a-{n}", f"b-{n}", WEAK) for n in range(missing)]
    return pairs + [(f"a+{n}", f"b+{(n + 1) % single}", -20) for n in range(single)]


def learned(con: duckdb.DuckDBPyConnection, pairs: list[Pair], free: Collection[str] = "ab") -> float:
    """Gain in bits, the chance being that of the pairs among all of their records."""
    given(con, pairs)
    [[records]] = con.execute("SELECT count(*) FROM records").fetchall()
    chance = sum(bits >= WEAK for *_, bits in pairs) / (records * (records - 1) / 2)
    found = left_over.learn(con, "pairs", "records", free, LIMITS, chance)
    assert found["sources"] == (sorted(free) if len(free) > 1 else [])
    return float(found["weight"] / MICRO)


def test_the_gain_is_that_of_true_pairs_among_the_records_left_over(con: duckdb.DuckDBPyConnection) -> None:
    """40 true pairs of 50 × 50, at least 29.6 of them for certain, against 440 of 900 × 899 / 2, are 3.46 bits more.

    A few tenths are lost because a pair of 0 bits is not quite certain even so.
    """
    assert learned(con, linked(400, 40, 10)) == pytest.approx(3.36, abs=0.1)


@pytest.mark.parametrize(("pairs", "free"), [(linked(400, 2, 10), "ab"), (linked(400, 40, 10), "a")])
def test_few_records_left_over_or_one_source_teach_nothing(
    con: duckdb.DuckDBPyConnection, pairs: list[Pair], free: str
) -> None:
    given(con, pairs)
    assert left_over.learn(con, "pairs", "records", free, LIMITS, 1e-3)["weight"] == 0


def test_records_without_partners_teach_nothing(con: duckdb.DuckDBPyConnection) -> None:
    assert learned(con, [*linked(40, 0, 400)]) == 0
