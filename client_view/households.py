"""Households: persons at one address joined by a family relation, or by a shared family name with a fitting age gap.

Here: that layer of `view_group`. It is never a reason to merge. Not here: groups of connected clients (connected).
"""

import duckdb

from client_view.layers import join
from client_view.literals import listed

FAMILY = ("spouse", "parent", "child", "relative")
_MOST_IN_DWELLING = 12
"""More persons than this at one address are an institution or a wrong address: there a name joins nobody."""


def households(con: duckdb.DuckDBPyConnection, age_gap: int) -> None:
    """Append to `view_group`. Reads `view_association`, `golden_party`, `golden_name`, `golden_address`, `std_name`,
    `std_address`, `overridden`; a dwelling is an address with its house.
    """
    _dwellings(con)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_kin AS
        SELECT DISTINCT client_number AS l, other_number AS r, 'family relation at one address' AS evidence
        FROM view_association v
        JOIN cv_dwelling one USING (client_number)
        JOIN cv_dwelling other ON other.client_number = v.other_number AND other.dwelling = one.dwelling
        WHERE kind IN ({listed(FAMILY)})
        UNION ALL
        SELECT DISTINCT one.client_number, other.client_number, 'family name and age at one address'
        FROM cv_dwelling one JOIN cv_dwelling other USING (dwelling, family)
        SEMI JOIN (SELECT dwelling FROM cv_dwelling GROUP BY dwelling
                   HAVING count(DISTINCT client_number) <= {_MOST_IN_DWELLING}) few USING (dwelling)
        WHERE one.client_number < other.client_number
          AND abs(date_diff('year', one.birth_date, other.birth_date)) <= {age_gap}""")
    join(con, "cv_kin")
    con.execute("""
        INSERT INTO view_group
        SELECT 'household', m.group_number, m.client_number, max(e.evidence)
        FROM (SELECT l AS client_number, evidence FROM cv_kin UNION ALL SELECT r, evidence FROM cv_kin) e
        JOIN cv_member m USING (client_number) GROUP BY m.group_number, m.client_number""")
    for step in ("cv_dwelling", "cv_kin", "cv_member"):
        con.execute(f"DROP TABLE {step}")


def _dwellings(con: duckdb.DuckDBPyConnection) -> None:
    """`cv_dwelling`: the persons' addresses with a house, each with family name (feminine endings folded) and birth."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE cv_dwelling AS
        SELECT DISTINCT a.client_number, s.ascii AS dwelling, p.birth_date, f.family_ascii AS family
        FROM golden_address a JOIN golden_party p USING (client_number)
        JOIN (SELECT record_key, kind, "full", ascii, valid FROM std_address
              UNION ALL
              SELECT record_key, said->>'kind', said->>'full', said->>'ascii', TRUE
              FROM (SELECT record_key, TRY_CAST(value AS JSON) AS said FROM overridden
                    WHERE starts_with(field, 'address.'))) s
            ON s.record_key = a.record_key AND s.kind = a.kind AND s."full" = a."full"
        LEFT JOIN golden_name n ON n.client_number = a.client_number AND n.position = 1
        LEFT JOIN std_name f ON f.record_key = n.record_key AND f.kind = n.kind AND f."full" = n."full"
        WHERE p.party_type = 'person' AND s.valid AND s.ascii IS NOT NULL AND a.kind IN ('registered', 'actual')
          AND a.house IS NOT NULL""")
