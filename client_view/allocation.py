"""Allocation: exactly one manager for each premium client and legal entity, or a place in the queue, with the reason.

Here: who claims a client, who loses it, who keeps it. The order: chosen by the client, familiar, kept; then those
without a manager by their turn. Not here: giving free places (seats), the rules (packs familiar, release, turn). An
owning system takes an allocation up some nights later: until then the registry's own stands over its older word.
"""

from datetime import date

import duckdb

from client_view.before import under_tonight
from client_view.deciding import Rules, fire_sql
from client_view.literals import dated
from client_view.seats import seat
from rules.view.packs import FAMILIAR, RELEASE, TURN

_KEY = "client_number, legal_entity, manager"
_STEPS = ("cv_wanting", "cv_claim", "cv_released", "cv_best", "cv_hold", "cv_pool", "cv_seated")


def allocate(con: duckdb.DuckDBPyConnection, rules: Rules, day: date, first_contact_days: int, capacity: int) -> None:
    """Write `view_familiar` and `view_allocation`. Reads `std_manager`, `view_assignment`, `view_client`, `view_tier`,
    `cv_priced`, `crosswalk`, `parent_view_allocation`, `ledger_number`; `capacity` is of who declares none.
    Leaves `cv_manager` to the manager report.
    """
    today = dated(day)
    con.execute(f"CREATE OR REPLACE TEMP TABLE cv_manager AS {_managers(today, capacity)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE cv_wanting AS {_wanting(rules, day)}")
    _familiar(con, rules, day)
    _claims(con, rules, day)
    _holders(con)
    con.execute(f"CREATE OR REPLACE TEMP TABLE cv_pool AS {_POOL}")
    seat(con)
    con.execute(f"CREATE OR REPLACE TABLE view_allocation AS {_allocated(today, first_contact_days)}")
    for step in _STEPS:
        con.execute(f"DROP TABLE {step}")


def _managers(today: str, capacity: int) -> str:
    """Every declared manager, and whether he is there today."""
    return f"""
        SELECT COALESCE(legal_entity, '') AS legal_entity, code AS manager, branch, serves,
               COALESCE(capacity, {capacity}) AS capacity,
               gone_since IS NULL AND COALESCE(from_date <= {today}, TRUE) AND COALESCE(left_on > {today}, TRUE)
               AS stays
        FROM std_manager WHERE code IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY COALESCE(legal_entity, ''), code
                                   ORDER BY gone_since DESC NULLS FIRST, feed, item, ordinal) = 1"""


def _wanting(rules: Rules, day: date) -> str:
    """Premium clients of each legal entity with managers: where their records or open holdings are; and their turn."""
    turn = fire_sql(TURN, rules["turn"], "view_client", "client_number", day)
    return f"""
        WITH known AS (
            SELECT client_number, COALESCE(legal_entity, '') AS legal_entity FROM crosswalk
            UNION SELECT client_number, COALESCE(legal_entity, '') FROM cv_priced WHERE open),
        home AS (
            SELECT client_number, COALESCE(legal_entity, '') AS legal_entity,
                   arg_max(branch, (COALESCE(worth, 0), branch)) AS branch
            FROM cv_priced WHERE open AND branch IS NOT NULL GROUP BY ALL)
        SELECT k.client_number, k.legal_entity, h.branch, t.served_by, o.priority, o.rule AS turn_rule,
               c.financial_assets AS assets
        FROM known k SEMI JOIN cv_manager m USING (legal_entity) JOIN view_client c USING (client_number)
        JOIN view_tier t ON t.client_number = k.client_number AND t.premium
        LEFT JOIN home h ON h.client_number = k.client_number AND h.legal_entity = k.legal_entity
        LEFT JOIN ({turn}) o ON o.client_number = k.client_number"""


def _familiar(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    known = """(SELECT c.*, a.* EXCLUDE (client_number) FROM view_assignment a JOIN view_client c USING (client_number)
                WHERE a.gone_since IS NULL AND a.manager IS NOT NULL)"""
    fired = fire_sql(FAMILIAR, rules["familiar"], known, _KEY, day)
    con.execute(f"""
        CREATE OR REPLACE TABLE view_familiar AS
        SELECT DISTINCT client_number, COALESCE(legal_entity, '') AS legal_entity, manager, rule, side
        FROM ({fired})""")


def _claims(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """`cv_claim`: managers who have a client by the owning systems' or the registry's last word, whichever is later;
    `cv_released`: those who lose it, by which rule.
    """
    today = dated(day)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_claim AS
        WITH told AS (
            SELECT client_number, COALESCE(legal_entity, '') AS legal_entity, manager, min(since) AS since,
                   max(since) AS latest, bool_or(COALESCE(chosen, FALSE)) AS chosen, max(relation) AS relation
            FROM view_assignment WHERE manager IS NOT NULL AND gone_since IS NULL GROUP BY ALL),
        given AS (
            FROM ({under_tonight("parent_view_allocation")}) WHERE manager IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY {_KEY} ORDER BY since, number_then) = 1),
        last AS (SELECT client_number, legal_entity, max(since) AS day FROM given GROUP BY ALL),
        familiar AS (SELECT {_KEY} FROM view_familiar GROUP BY ALL HAVING count(DISTINCT side) = 2)
        SELECT {_KEY}, COALESCE(t.relation, g.relation, 'managed') AS relation, least(t.since, g.since) AS since,
               greatest(t.latest, g.since) AS latest, COALESCE(t.chosen, FALSE) AS chosen, g.step, g.turn_rule,
               g.previous, g.released, g.credited_to, f.manager IS NOT NULL AS familiar,
               NOT COALESCE(m.stays, FALSE) AS manager_left,
               date_diff('day', least(t.since, g.since), {today}) AS assigned_days
        FROM told t FULL JOIN given g USING ({_KEY}) LEFT JOIN last l USING (client_number, legal_entity)
        LEFT JOIN cv_manager m USING (legal_entity, manager) LEFT JOIN familiar f USING ({_KEY})
        SEMI JOIN cv_wanting w USING (client_number, legal_entity)
        WHERE g.manager IS NOT NULL OR t.chosen OR l.day IS NULL OR t.latest >= l.day""")
    asked = "(SELECT c.*, k.* EXCLUDE (client_number) FROM cv_claim k JOIN view_client c USING (client_number))"
    con.execute(f"CREATE OR REPLACE TEMP TABLE cv_released AS {fire_sql(RELEASE, rules['release'], asked, _KEY, day)}")


def _holders(con: duckdb.DuckDBPyConnection) -> None:
    """`cv_best`: the claim that stands for each client; `cv_hold`: as many of them as the manager can look after."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_best AS
        SELECT k.* FROM cv_claim k ANTI JOIN cv_released r USING ({_KEY})
        QUALIFY row_number() OVER (
            PARTITION BY client_number, legal_entity
            ORDER BY chosen DESC, familiar DESC, latest DESC NULLS LAST, manager) = 1""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE cv_hold AS
        SELECT b.*, w.branch FROM cv_best b JOIN cv_wanting w USING (client_number, legal_entity)
        JOIN cv_manager m USING (legal_entity, manager)
        QUALIFY row_number() OVER (
            PARTITION BY b.legal_entity, b.manager
            ORDER BY b.chosen DESC, b.familiar DESC, w.priority NULLS LAST, w.assets DESC, b.since NULLS LAST,
                     b.client_number) <= m.capacity""")


_POOL = f"""
    WITH lost AS (
        SELECT client_number, legal_entity, list(k.manager) FILTER (r.rule IS NOT NULL) AS refused,
               arg_max(k.manager, (COALESCE(k.latest, DATE '0001-01-01'), k.manager)) AS previous,
               arg_max(COALESCE(r.rule, 'over_capacity'), (COALESCE(k.latest, DATE '0001-01-01'), k.manager))
                   AS released,
               arg_min(COALESCE(k.credited_to, k.manager), (COALESCE(k.since, DATE '9999-12-31'), k.manager))
                   AS credited_to
        FROM cv_claim k LEFT JOIN cv_released r USING ({_KEY}) GROUP BY client_number, legal_entity)
    SELECT w.*, COALESCE(l.refused, []) AS refused, l.previous, l.released, l.credited_to
    FROM cv_wanting w ANTI JOIN cv_hold h USING (client_number, legal_entity)
    LEFT JOIN lost l USING (client_number, legal_entity)"""
"""Clients without a manager, with who had them and must not have them again."""


def _allocated(today: str, first_contact_days: int) -> str:
    """Those held, those who found a place, and those who wait; a first contact is due until one is made."""
    return f"""
        WITH waiting AS (
            SELECT client_number, legal_entity, min(since) AS since
            FROM ({under_tonight("parent_view_allocation")}) WHERE manager IS NULL GROUP BY ALL),
        every AS (
            SELECT client_number, legal_entity, manager, branch, relation,
                   COALESCE(CASE WHEN chosen THEN 'chosen' WHEN familiar THEN 'familiar' ELSE step END, 'kept') AS step,
                   turn_rule, COALESCE(since, {today}) AS since, previous, released,
                   COALESCE(credited_to, manager) AS credited_to
            FROM cv_hold
            UNION ALL BY NAME
            SELECT p.client_number, p.legal_entity, s.manager, p.branch, 'managed' AS relation,
                   COALESCE(s.step, 'waits') AS step, p.turn_rule,
                   CASE WHEN s.manager IS NULL THEN COALESCE(w.since, {today}) ELSE {today} END AS since, p.previous,
                   p.released, COALESCE(p.credited_to, s.manager) AS credited_to
            FROM cv_pool p LEFT JOIN cv_seated s USING (client_number, legal_entity)
            LEFT JOIN waiting w USING (client_number, legal_entity))
        SELECT e.*, CASE WHEN e.step IN ('branch', 'centre')
                          AND COALESCE(c.last_contact_days > {today} - e.since, TRUE)
                         THEN e.since + {first_contact_days} END AS first_contact_due
        FROM every e JOIN view_client c USING (client_number)"""
