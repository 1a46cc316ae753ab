"""Free places: clients without a manager are spread over managers with room, by their turn.

Here: the rounds. In each one every client asks one manager, taking the managers in circle, and each manager takes as
many as there is room for, first turns first; whoever found no place asks again. Not here: who is without a manager
(allocation).
"""

import duckdb

from store.duck import scalar

_CIRCLES = (
    ("branch", "f.branch = p.branch AND f.serves = p.served_by"),
    ("branch", "f.branch = p.branch AND f.serves IS NULL"),
    ("centre", "f.branch IS NULL AND f.serves = p.served_by"),
    ("centre", "f.branch IS NULL AND f.serves IS NULL"),
)
"""Whom a client asks, one circle after the other: the own branch, then the centre; who serves the tier, then anyone."""
_TURN = "priority NULLS LAST, assets DESC, client_number"


def seat(con: duckdb.DuckDBPyConnection) -> None:
    """Write `cv_seated(client_number, legal_entity, manager, step)`. Reads `cv_pool`, `cv_manager`, `cv_hold`.

    A round in which anybody asks places at least one client, so the rounds end.
    """
    con.execute("""
        CREATE OR REPLACE TEMP TABLE cv_seated
        (client_number VARCHAR, legal_entity VARCHAR, manager VARCHAR, step VARCHAR)""")
    for step, fits in _CIRCLES:
        before = -1
        while before != (before := scalar(con, "SELECT count(*) FROM cv_seated")):
            con.execute(f"INSERT INTO cv_seated {_round(step, fits)}")


def _round(step: str, fits: str) -> str:
    return f"""
        WITH held AS (
            SELECT legal_entity, manager, count(*) AS clients
            FROM (SELECT legal_entity, manager FROM cv_hold
                  UNION ALL SELECT legal_entity, manager FROM cv_seated) GROUP BY ALL),
        free AS (
            SELECT m.*, m.capacity - COALESCE(h.clients, 0) AS room FROM cv_manager m
            LEFT JOIN held h USING (legal_entity, manager) WHERE m.stays AND m.capacity > COALESCE(h.clients, 0)),
        asked AS (
            SELECT p.client_number, p.legal_entity, p.priority, p.assets, f.manager, f.room,
                   count(*) OVER client AS choices,
                   row_number() OVER (client ORDER BY f.room DESC, f.manager) - 1 AS place
            FROM (FROM cv_pool ANTI JOIN cv_seated USING (client_number, legal_entity)) p
            JOIN free f ON f.legal_entity = p.legal_entity AND {fits} AND NOT list_contains(p.refused, f.manager)
            WINDOW client AS (PARTITION BY p.client_number, p.legal_entity)),
        turn AS (
            SELECT client_number, legal_entity,
                   row_number() OVER (PARTITION BY legal_entity ORDER BY {_TURN}) - 1 AS turn
            FROM cv_pool ANTI JOIN cv_seated USING (client_number, legal_entity))
        SELECT client_number, legal_entity, manager, '{step}'
        FROM asked JOIN turn USING (client_number, legal_entity) WHERE turn % choices = place
        QUALIFY row_number() OVER (PARTITION BY legal_entity, manager ORDER BY {_TURN}) <= room"""
