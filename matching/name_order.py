"""Which of two words is the family name, where a source writes either order: learned from all records together.

Here: how often a name is given and how often it is a family name (`name_role`, frozen with the model), and the
condition under which a record's two parts change places. Not here: endings, scripts, declared orders (quality).
"""

import duckdb

LEAST = 2
SMOOTH = 2
"""Added to every count: a name that is seen once says little."""
WELL_KNOWN = 20
"""Times a name must be seen as a given name to count as a well-known one."""
SURE_BITS = 4
"""Parts change places when it is 16 times as likely: a record's own order is then wrong for most other records."""


def learn(con: duckdb.DuckDBPyConnection) -> None:
    """Create `name_role(value, given, family)` from the current names of persons in `std_name`."""
    con.execute(f"""
        CREATE OR REPLACE TABLE name_role AS
        SELECT value, count(*) FILTER (WHERE given) AS given, count(*) FILTER (WHERE NOT given) AS family
        FROM (SELECT given_ascii AS value, true AS given FROM std_name WHERE valid AND family_ascii <> ''
              UNION ALL SELECT family_ascii, false FROM std_name WHERE valid AND given_ascii <> '')
        WHERE value <> '' GROUP BY value HAVING count(*) >= {LEAST} ORDER BY value""")


def swapped(given: str, family: str) -> str:
    """SQL: the parts of one record stand in the wrong order; reads the joined `name_role` rows `given` and `family`."""
    odds = [
        f"({SMOOTH} + coalesce({row}.{wrong}, 0)) / ({SMOOTH} + coalesce({row}.{right}, 0))::DOUBLE"
        for row, right, wrong in ((given, "given", "family"), (family, "family", "given"))
    ]
    return f"({' * '.join(odds)} >= {2**SURE_BITS})"
