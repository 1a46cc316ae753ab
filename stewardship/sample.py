"""A random sample of what the matching joined, judged without seeing what it said: how precise is it?

Here: drawing the pairs of a version, who judges which, the estimate. Not here: the page, the table of judgements
(store/desk). Every pair of records of one client that is not sealed is equally likely to be drawn, so the estimate has
no bias; a second person judges each pair too, without seeing the first answer. A judgement decides nothing.

The interval is Wilson's (1927), at 95 per cent, of the pairs that at least one person judged. A pair that somebody
called two clients counts as wrong, one that nobody could tell counts as nothing.
"""

import functools
from dataclasses import dataclass

import duckdb
from sqlalchemy import insert, select

from rules.desk import JUDGES, SAMPLED
from rules.errors import NotFound
from stages.lookup import Row
from store.desk import JUDGEMENT, Database, now
from store.duck import rows
from store.manifest import Manifest
from store.people import normal

SAME, DIFFERENT, UNSURE = "same", "different", "unsure"
ANSWERS = (SAME, DIFFERENT, UNSURE)


def draw(con: duckdb.DuckDBPyConnection, of: Manifest) -> None:
    """Create `sample_item(turn, one, other, key_one, key_other, party_type, client_number)`: the pairs of the version.

    They are the same every time: the order is that of a hash of the version's content and both names, and nobody can
    choose what is drawn.
    """
    seed = of.content_hashes["crosswalk"]
    con.execute(f"""
        CREATE TABLE sample_item AS
        WITH record AS (SELECT *, source || ':' || record_id AS name FROM crosswalk
                        ANTI JOIN sealed_client USING (client_number)),
        pair AS (SELECT l.name AS one, r.name AS other, l.record_key AS key_one, r.record_key AS key_other,
                        l.party_type, client_number
                 FROM record l JOIN record r USING (client_number) WHERE l.name < r.name)
        SELECT row_number() OVER () AS turn, * FROM (
            FROM pair ORDER BY md5_number(concat('{seed}', one, '|', other)), one, other LIMIT {SAMPLED})""")


def following(con: duckdb.DuckDBPyConnection, database: Database, version: int, user: str) -> tuple[Row | None, int]:
    """The pair that `user` judges next, those that another person judged first, and how many are left for him."""
    told = _of_version(database, version)
    items = rows(con, "FROM sample_item")
    judged = {row["turn"]: told.get((row["one"], row["other"]), {}) for row in items}
    waiting = [row for row in items if len(judged[row["turn"]]) < JUDGES and normal(user) not in judged[row["turn"]]]
    waiting.sort(key=lambda row: (-len(judged[row["turn"]]), row["turn"]))
    return (waiting[0] if waiting else None), len(waiting)


def judge(
    con: duckdb.DuckDBPyConnection, database: Database, version: int, pair: tuple[str, str], user: str, said: str
) -> str:
    """Note what a person thinks of a pair of the version's sample, and tell whose it is; his first answer counts."""
    asked = "SELECT client_number FROM sample_item WHERE one = ? AND other = ?"
    number = con.execute(asked, list(pair)).fetchone()
    if number is None:
        raise NotFound("sample", "the live version's sample has no such pair", "go on with the next one")
    if normal(user) not in _of_version(database, version).get(pair, {}):
        row = {"version": version, "one": pair[0], "other": pair[1], "user": normal(user), "said": said, "at": now()}
        with database.writing() as con_desk:
            con_desk.execute(insert(JUDGEMENT), row)
    return str(number[0])


@dataclass(frozen=True)
class Estimate:
    """What the judgements on a version's sample say; shares from 0 to 1, None where nothing was judged."""

    version: int
    judged: int
    right: int
    low: float | None
    high: float | None
    twice: int
    agreed: int

    @property
    def precision(self) -> float | None:
        """Share of the judged pairs that are one client."""
        return self.right / self.judged if self.judged else None


def estimates(database: Database) -> list[Estimate]:
    """The estimate of every version that was judged, the newest first."""
    with database.reading() as con:
        numbers = [number for (number,) in con.execute(select(JUDGEMENT.c.version).distinct())]
    return [_estimate(number, _of_version(database, number)) for number in sorted(numbers, reverse=True)]


def _estimate(version: int, told: dict[tuple[str, str], dict[str, str]]) -> Estimate:
    sure = [[one for one in judged.values() if one != UNSURE] for judged in told.values()]
    judged = [answers for answers in sure if answers]
    right, twice = sum(DIFFERENT not in answers for answers in judged), [one for one in judged if len(one) > 1]
    low, high = _interval(right, len(judged))
    return Estimate(version, len(judged), right, low, high, len(twice), sum(len(set(one)) == 1 for one in twice))


@functools.lru_cache(1024)
def _interval(right: int, judged: int) -> tuple[float | None, float | None]:
    from scipy.stats import binomtest

    if not judged:
        return None, None
    found = binomtest(right, judged).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def _of_version(database: Database, version: int) -> dict[tuple[str, str], dict[str, str]]:
    """Who said what of each pair."""
    told: dict[tuple[str, str], dict[str, str]] = {}
    with database.reading() as con:
        for row in con.execute(select(JUDGEMENT).where(JUDGEMENT.c.version == version).order_by(JUDGEMENT.c.id)):
            told.setdefault((row.one, row.other), {})[row.user] = row.said
    return told
