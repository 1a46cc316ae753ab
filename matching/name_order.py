"""Which of two words is the family name, where a source writes either order: learned from all records together.

Here: how often a name is given and how often it is a family name (`name_role`, frozen with the model), and the
condition under which a record's two parts change places. Not here: endings, scripts, declared orders (quality).
"""

import duckdb

LEAST = 2
SMOOTH = 2
"""Added to every count: a name that is seen once says little."""
WELL_KNOWN, WELL_KNOWN_SHARE = 20, 2000
"""A given name is well known if seen 20 times and once among 2,000: a typing error of a frequent name is not."""
SURE_BITS = 2
"""Parts change places when it is four times as likely: a record's own order is then wrong for most other records."""
ROUNDS = 2
"""The second count is of the names as the first one put them right."""


def learn(con: duckdb.DuckDBPyConnection) -> None:
    """Create `name_role(value, given, family, known)` from the current names of persons in `std_name`."""
    con.execute("CREATE OR REPLACE TABLE name_role (value VARCHAR, given BIGINT, family BIGINT, known BOOLEAN)")
    for _ in range(ROUNDS):
        con.execute(f"CREATE OR REPLACE TABLE name_role AS {_counted()}")


def _counted() -> str:
    """How often each name is given and family name, the records' parts exchanged where the last count says so."""
    least = f"greatest({WELL_KNOWN}, (SELECT count(*) FROM named) // {WELL_KNOWN_SHARE})"
    return f"""
        WITH named AS (
            SELECT given_ascii, family_ascii, {swapped("g", "f")} AS swapped
            FROM std_name LEFT JOIN name_role g ON g.value = given_ascii LEFT JOIN name_role f ON f.value = family_ascii
            WHERE valid AND given_ascii <> '' AND family_ascii <> ''),
        roles AS (
            SELECT given_ascii AS value, NOT swapped AS given FROM named
            UNION ALL SELECT family_ascii, swapped FROM named)
        SELECT value, count(*) FILTER (WHERE given) AS given, count(*) FILTER (WHERE NOT given) AS family,
               count(*) FILTER (WHERE given) >= {least} AS known
        FROM roles GROUP BY value HAVING count(*) >= {LEAST} ORDER BY value"""


def swapped(given: str, family: str) -> str:
    """SQL: the parts of one record stand in the wrong order; reads the joined `name_role` rows `given` and `family`."""
    odds = [
        f"({SMOOTH} + coalesce({row}.{wrong}, 0)) / ({SMOOTH} + coalesce({row}.{right}, 0))::DOUBLE"
        for row, right, wrong in ((given, "given", "family"), (family, "family", "given"))
    ]
    return f"({' * '.join(odds)} >= {2**SURE_BITS})"
