"""Ownership chains: shares multiplied along a chain and added over chains; control passes undiminished.

Here: persons at the end of chains. Source of the rule: AMLR (EU) 2024/1624 art. 52-54; which share makes a beneficial
owner is declared. Not here: single edges (relations).
"""

from decimal import Decimal

import duckdb

from client_view.literals import listed

_LONGEST = 12
"""Steps of a chain that are followed; a circle is left where it closes."""
_CONTROL = ("controls",)
_MAJORITY = "50"


def chains(con: duckdb.DuckDBPyConnection, beneficial_percent: Decimal) -> None:
    """Write `view_owner`. Reads `view_association` and `golden_party`; shares stay decimals all along.

    An edge controls by other means, or by more than half of the shares; a chain of such edges is control.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_own AS
        SELECT client_number AS owned, other_number AS owner,
               CAST(COALESCE(max(share) FILTER (kind = 'owner'), 0) AS DECIMAL(18, 10)) AS share,
               bool_or(kind IN ({listed(_CONTROL)}) OR (kind = 'owner' AND COALESCE(share, 0) > {_MAJORITY}))
               AS control
        FROM view_association WHERE kind IN ({listed(("owner", *_CONTROL))}) GROUP BY 1, 2""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_chain AS
        WITH RECURSIVE chain AS (
            SELECT owned AS client_number, owner, share, control, [owned, owner] AS path FROM cv_own
            UNION ALL
            SELECT c.client_number, o.owner, CAST(c.share * CAST(o.share AS DECIMAL(9, 4)) * 0.01 AS DECIMAL(18, 10)),
                   c.control AND o.control, list_append(c.path, o.owner)
            FROM chain c JOIN cv_own o ON o.owned = c.owner
            WHERE NOT list_contains(c.path, o.owner) AND len(c.path) <= {_LONGEST})
        SELECT client_number, owner, share, control, len(path) - 1 AS steps FROM chain""")
    con.execute(f"""
        CREATE OR REPLACE TABLE view_owner AS
        SELECT c.client_number, c.owner AS owner_number, CAST(sum(c.share) AS DECIMAL(9, 4)) AS share,
               count(*) AS chains, min(c.steps) AS shortest, bool_or(c.control) AS control,
               sum(c.share) >= {beneficial_percent} OR bool_or(c.control) AS beneficial
        FROM cv_chain c JOIN golden_party p ON p.client_number = c.owner
        WHERE p.party_type = 'person' GROUP BY c.client_number, c.owner""")
    for step in ("cv_own", "cv_chain"):
        con.execute(f"DROP TABLE {step}")
