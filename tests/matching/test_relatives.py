"""Clients told from relatives: the mixture finds known numbers and shares, and never adds weight to a pair."""

import math
from collections.abc import Iterator
from itertools import product

import duckdb
import pytest

from matching.relatives import LEAST_PAIRS, Kind, Mixture, estimate, taken_off

FIELDS = {"given": (0.9, 0.01), "family": (0.9, 0.01), "birth_date": (0.95, 0.002), "address": (0.8, 0.001)}
"""Chance to agree among records of one client, and among strangers."""
PARTS = {field: f"mw_{field}" for field in FIELDS}
HOUSEHOLD = {"family": 0.8, "address": 0.9}
TOTAL, CLIENTS, MEMBERS = 100_000, 1_000, 2_000


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def bits(field: str, agrees: bool) -> float:
    m, u = FIELDS[field]
    return math.log2(m / u) if agrees else math.log2((1 - m) / (1 - u))


def chance(pattern: tuple[bool, ...], shares: dict[str, float]) -> float:
    """Of a pattern of agreement, when a field is shared with its share: 1 for one client, 0 for strangers."""
    mixed = {field: shares.get(field, 0) * m + (1 - shares.get(field, 0)) * u for field, (m, u) in FIELDS.items()}
    return math.prod(p if agrees else 1 - p for p, agrees in zip(mixed.values(), pattern, strict=True))


def draw(con: duckdb.DuckDBPyConnection, clients: int, members: int) -> None:
    """`scored`: of every pattern as many pairs as the known numbers make expect, to the nearest whole pair."""
    classes = ((clients, dict.fromkeys(FIELDS, 1.0)), (members, HOUSEHOLD), (TOTAL - clients - members, {}))
    rows = []
    for pattern in product((True, False), repeat=len(FIELDS)):
        pairs = round(sum(size * chance(pattern, shares) for size, shares in classes))
        rows.append([bits(field, agrees) for field, agrees in zip(FIELDS, pattern, strict=True)] + [pairs])
    con.execute(f"CREATE TABLE pattern ({', '.join(f'{part} DOUBLE' for part in PARTS.values())}, pairs BIGINT)")
    con.executemany("INSERT INTO pattern VALUES (?, ?, ?, ?, ?)", rows)
    con.execute("CREATE TABLE scored AS SELECT p.* EXCLUDE (pairs) FROM pattern p, range(p.pairs)")


def found(con: duckdb.DuckDBPyConnection, declared: list[dict[str, float]], start: float = 1e-3) -> Mixture:
    return estimate(con, "scored", PARTS, declared, start, TOTAL)


@pytest.mark.parametrize("start", [1e-4, 1e-2])
def test_numbers_and_shares_are_found_whatever_the_first_guess(con: duckdb.DuckDBPyConnection, start: float) -> None:
    draw(con, CLIENTS, MEMBERS)
    mixture = found(con, [{"family": 0.95, "address": 0.97}], start)
    [(members, shares)] = mixture.kinds
    assert mixture.chance * TOTAL == pytest.approx(CLIENTS, rel=0.02)
    assert members * TOTAL == pytest.approx(MEMBERS, rel=0.05)
    assert shares == pytest.approx(HOUSEHOLD, abs=0.05)


def test_without_relatives_declared_household_members_are_taken_for_clients_or_strangers(
    con: duckdb.DuckDBPyConnection,
) -> None:
    draw(con, CLIENTS, MEMBERS)
    assert found(con, []).chance * TOTAL > 1.02 * CLIENTS


def test_data_without_relatives_lose_nothing(con: duckdb.DuckDBPyConnection) -> None:
    draw(con, CLIENTS, 0)
    mixture = found(con, [HOUSEHOLD])
    [(members, _)] = mixture.kinds
    assert mixture.chance * TOTAL == pytest.approx(CLIENTS, rel=0.02)
    assert LEAST_PAIRS * 0.99 <= members * TOTAL < 0.01 * CLIENTS


def test_no_more_is_shared_than_declared(con: duckdb.DuckDBPyConnection) -> None:
    """What household members seem to share more often is what clients share."""
    draw(con, CLIENTS, MEMBERS)
    [(_, shares)] = found(con, [{"family": 0.5, "address": 0.97}]).kinds
    assert shares["family"] == 0.5 and 0.8 < shares["address"] <= 0.97


def test_a_class_without_pairs_keeps_half_a_pair_and_its_declared_shares(con: duckdb.DuckDBPyConnection) -> None:
    draw(con, 0, 0)
    con.execute("DELETE FROM scored")
    mixture = found(con, [{"family": 1, "address": 0.9}])
    assert mixture == Mixture(LEAST_PAIRS / TOTAL, ((LEAST_PAIRS / TOTAL, {"family": 1.0, "address": 0.9}),))


def test_a_field_that_is_not_known_says_nothing_about_its_share(con: duckdb.DuckDBPyConnection) -> None:
    draw(con, CLIENTS, MEMBERS)
    con.execute("UPDATE scored SET mw_address = 0")
    [(_, shares)] = found(con, [{"family": 0.8, "address": 0.4}]).kinds
    assert shares["address"] == pytest.approx(0.4)


def off(con: duckdb.DuckDBPyConnection, kinds: list[Kind], strangers: str = "1.0") -> dict[tuple[bool, ...], float]:
    """Bits taken off by pattern of agreement."""
    agree = ", ".join(f"{part} > 0" for part in PARTS.values())
    weighed = f"SELECT *, {' + '.join(PARTS.values())} AS match_weight FROM pattern"
    rows = con.execute(f"SELECT {agree}, {taken_off(kinds, PARTS, strangers)} FROM ({weighed})").fetchall()
    return {tuple(row[:-1]): float(row[-1]) for row in rows}


SISTERS, ONE_CLIENT = (False, True, False, True), (True, True, True, True)


def test_what_is_taken_off_is_the_share_of_relatives_among_such_pairs(con: duckdb.DuckDBPyConnection) -> None:
    draw(con, CLIENTS, MEMBERS)
    kind = {"name": "household", "shares": HOUSEHOLD, "odds": MEMBERS / CLIENTS}
    for pattern, taken in off(con, [kind]).items():
        client = chance(pattern, dict.fromkeys(FIELDS, 1.0))
        relatives = MEMBERS / CLIENTS * chance(pattern, HOUSEHOLD)
        strangers = chance(pattern, {})
        assert taken == pytest.approx(math.log2(1 + relatives / strangers), abs=1e-9), client


def test_household_members_weigh_less_and_one_client_hardly_less(con: duckdb.DuckDBPyConnection) -> None:
    draw(con, CLIENTS, MEMBERS)
    taken = off(con, [{"name": "household", "shares": HOUSEHOLD, "odds": 2.0}])
    weight = sum(bits(field, agrees) for field, agrees in zip(FIELDS, SISTERS, strict=True))
    assert weight > 5 and weight - taken[SISTERS] < -5
    client = sum(bits(field, True) for field in FIELDS)
    assert client - taken[ONE_CLIENT] > 10


@pytest.mark.parametrize("odds", [0.0, 1e-9, 1.0, 1e6])
@pytest.mark.parametrize("strangers", ["1.0", "7.5"])
def test_nothing_ever_adds_weight_to_a_pair(con: duckdb.DuckDBPyConnection, odds: float, strangers: str) -> None:
    draw(con, CLIENTS, MEMBERS)
    kinds = [
        {"name": "household", "shares": HOUSEHOLD, "odds": odds},
        {"name": "twins", "shares": {"family": 1.0, "birth_date": 1.0}, "odds": odds},
    ]
    found = off(con, kinds, strangers).values()
    assert min(found) >= math.log2(float(strangers)) >= 0
    assert odds < 1 or max(found) > math.log2(float(strangers)) + 1


def test_without_relatives_or_associations_the_weight_stays(con: duckdb.DuckDBPyConnection) -> None:
    draw(con, CLIENTS, MEMBERS)
    assert set(off(con, []).values()) == {0.0}
