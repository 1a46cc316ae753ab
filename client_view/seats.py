"""Free places: clients without a manager are spread over managers with room, by their turn.

Here: the rounds. In each one every client asks one manager, taking the managers in circle, and each manager takes as
many as there is room for, first turns first; whoever found no place asks again. Not here: who is without a manager
(allocation).
"""

import duckdb

from store.duck import scalar

_CIRCLES = (
    ("branch", "branch", "served_by"),
    ("branch", "branch", "NULL"),
    ("centre", "NULL", "served_by"),
    ("centre", "NULL", "NULL"),
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
    for step, branch, serves in _CIRCLES:
        before = -1
        while before != (before := scalar(con, "SELECT count(*) FROM cv_seated")):
            con.execute(f"INSERT INTO cv_seated {_round(step, branch, serves)}")


def _round(step: str, branch: str, serves: str) -> str:
    """Who finds a place now. A client passes over as many managers as must not have it, which are few."""
    return f"""
        WITH held AS (
            SELECT legal_entity, manager, count(*) AS clients
            FROM (SELECT legal_entity, manager FROM cv_hold
                  UNION ALL SELECT legal_entity, manager FROM cv_seated) GROUP BY ALL),
        free AS (
            SELECT m.legal_entity, m.branch, m.serves, m.manager, m.capacity - COALESCE(h.clients, 0) AS room,
                   count(*) OVER circle AS managers,
                   row_number() OVER (circle ORDER BY m.capacity - COALESCE(h.clients, 0) DESC, m.manager) - 1 AS place
            FROM cv_manager m LEFT JOIN held h USING (legal_entity, manager)
            WHERE m.stays AND m.capacity > COALESCE(h.clients, 0)
            WINDOW circle AS (PARTITION BY m.legal_entity, m.branch, m.serves)),
        waiting AS (
            SELECT *, {branch} AS at, {serves} AS who,
                   row_number() OVER (PARTITION BY legal_entity, {branch}, {serves} ORDER BY {_TURN}) - 1 AS turn
            FROM cv_pool ANTI JOIN cv_seated USING (client_number, legal_entity)
            WHERE '{step}' = 'centre' OR branch IS NOT NULL),
        asking AS (SELECT *, unnest(range(len(refused) + 1)) AS passed FROM waiting),
        asked AS (
            SELECT a.client_number, a.legal_entity, a.priority, a.assets, f.manager, f.room
            FROM asking a JOIN free f ON f.legal_entity = a.legal_entity AND f.branch IS NOT DISTINCT FROM a.at
                 AND f.serves IS NOT DISTINCT FROM a.who AND f.place = (a.turn + a.passed) % f.managers
            WHERE NOT list_contains(a.refused, f.manager)
            QUALIFY row_number() OVER (PARTITION BY a.client_number, a.legal_entity ORDER BY a.passed) = 1)
        SELECT client_number, legal_entity, manager, '{step}' FROM asked
        QUALIFY row_number() OVER (PARTITION BY legal_entity, manager ORDER BY {_TURN}) <= room"""
