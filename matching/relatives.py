"""A client told from a relative: evidence that a household shares does not make two people one.

Here: the weight of a pair against strangers *and* against declared kinds of relatives, and how many of each there are.
Not here: the chances of levels (matching/training). Fellegi and Sunter weigh a pair against two strangers; two sisters
are no strangers. With M, U the chances of the pair's levels among records of one client and of strangers, and of each
kind of relatives H = product over fields of (share * M + (1 - share) * U), the weight is

    log2( m M / (u U + sum of h H) )

m, u, h being the shares of such pairs among all pairs, found by expectation-maximisation over the candidate pairs.
Source: the mixture view of record linkage (Winkler 1988; Larsen and Rubin 2001), with a class for each kind.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

Kind = dict[str, Any]
"""A kind of relatives: name, `shares` by field, `odds` = pairs of this kind per pair of one client."""
ITERATIONS = 40
START = 0.1
LEAST_PAIRS = 0.5
DECLARED_PAIRS = 20


def taken_off(
    kinds: Sequence[Kind], parts: Mapping[str, str], strangers: str = "1.0", weight: str = "match_weight"
) -> str:
    """SQL: bits to take off a pair's `weight` against strangers because it may be a pair of relatives, never negative.

    `parts` is the SQL of each comparison's weight in bits, `strangers` how many times as likely the pair is among
    strangers as the weight says.
    """
    others = [f"{kind['odds']!r} * {_likelihood(kind['shares'], parts)}" for kind in kinds if kind["odds"]]
    relatives = f" + pow(2.0, {weight}) * ({' + '.join(others)})" if others else ""
    return f"log2({strangers}{relatives})"


def _likelihood(shares: Mapping[str, float], parts: Mapping[str, str]) -> str:
    """SQL: H / M of one kind."""
    return _mixed(shares, {field: f"pow(2.0, -({part}))" for field, part in parts.items()})


def _shared(share: float, ratio: str) -> str:
    """SQL: H / M of one field, `ratio` being U / M."""
    return ratio if share == 0 else "1.0" if share == 1 else f"({share!r} + {1 - share!r} * {ratio})"


@dataclass(frozen=True)
class Mixture:
    """Chance that two random records are one client; of each kind of relatives the chance and the learned shares."""

    chance: float
    kinds: tuple[tuple[float, dict[str, float]], ...]


def estimate(
    con: duckdb.DuckDBPyConnection, scored: str, parts: Mapping[str, str], declared: Sequence[Mapping[str, float]],
    start: float, total: int,
) -> Mixture:  # fmt: skip
    """How many pairs are of one client and of each kind of relatives, and how often these share a field.

    `scored` holds the candidate pairs with the columns of `parts`, `total` counts all pairs of records, compared or
    not; `start` is the first guess of the chance, `declared` of the shares by kind. A declared share counts as
    `DECLARED_PAIRS` observed pairs and is the most that is believed: what one client's records share more often is no
    mark of relatives.
    """
    odds = ", ".join(f"pow(2.0, -({part})) AS r_{field}" for field, part in parts.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE mixture AS SELECT {odds} FROM {scored}")
    found = Mixture(start, tuple((start * START, dict(shares)) for shares in declared))
    for _ in range(ITERATIONS):
        found = _step(con, found, declared, list(parts), total)
    con.execute("DROP TABLE mixture")
    return found


def _step(
    con: duckdb.DuckDBPyConnection, now: Mixture, declared: Sequence[Mapping[str, float]], fields: list[str], total: int
) -> Mixture:
    """One step of expectation-maximisation.

    A class keeps at least half a pair: no data can show that there is none of it.
    """
    ratios = {field: f"r_{field}" for field in fields}
    strangers = f"{1 - now.chance - sum(chance for chance, _ in now.kinds)!r} * {' * '.join(ratios.values())}"
    kinds = [f"{chance!r} * {_mixed(shares, ratios)}" for chance, shares in now.kinds]
    every = " + ".join([repr(now.chance), strangers, *kinds])
    posterior = ", ".join(f"({kind}) / every AS p{place}" for place, kind in enumerate(kinds))
    sums = ["sum(p)"] + [_sums(place, shares) for place, (_, shares) in enumerate(now.kinds)]
    [row] = con.execute(f"""
        SELECT {", ".join(sums)} FROM (
            SELECT *, {now.chance!r} / every AS p{", " + posterior if posterior else ""}
            FROM (SELECT *, {every} AS every FROM mixture))""").fetchall()
    values = iter(max(float(value or 0), 0.0) for value in row)
    chance = max(next(values), LEAST_PAIRS) / total
    return Mixture(chance, tuple(_learned(values, shares, total) for shares in declared))


def _mixed(shares: Mapping[str, float], ratios: Mapping[str, str]) -> str:
    return " * ".join(_shared(shares.get(field, 0.0), ratio) for field, ratio in ratios.items())


def _sums(place: int, shares: Mapping[str, float]) -> str:
    """SQL: the expected pairs of a kind, and for each shared field those that have it and those that share it."""
    found = [f"sum(p{place})"]
    for field, share in shares.items():
        known = f"p{place} * (r_{field} <> 1)::INTEGER"
        found += [f"sum({known})", f"sum({known} * {share!r} / {_shared(share, f'r_{field}')})"]
    return ", ".join(found)


def _learned(values: Iterator[float], declared: Mapping[str, float], total: int) -> tuple[float, dict[str, float]]:
    chance, shares = max(next(values), LEAST_PAIRS) / total, {}
    for field, share in declared.items():
        known, shared = next(values), next(values)
        shares[field] = min((shared + share * DECLARED_PAIRS) / (known + DECLARED_PAIRS), share)
    return chance, shares
