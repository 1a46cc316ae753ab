"""The day of a manager: whom to contact today and why, and what was done.

Here: the daily contact plan and the work log. Not here: reminders (judging), who looks after whom (allocation).
"""

from datetime import date

import duckdb

from client_view.consents import SILENT
from client_view.literals import dated, listed
from rules.contracts.service import CONTACTS

_AHEAD_DAYS, _LOG_DAYS = 7, 31


def plan(con: duckdb.DuckDBPyConnection, day: date, fewest: int) -> None:
    """Write `view_contact_plan`. Reads `view_allocation`, `view_client`, `view_activity`, `view_opportunity`,
    `view_reminder`, `view_consent_effective`. Whatever is due today is in it; where that is less than `fewest`, those
    not reached for longest. The order of reasons is that of `CONTACTS`; of a client the most pressing is told. Whoever
    is not to be disturbed is not in it.
    """
    today = dated(day)
    con.execute(f"""
        CREATE OR REPLACE TABLE view_contact_plan AS
        WITH due AS ({_due(today)}),
        first AS (
            SELECT a.legal_entity, a.manager, d.client_number, d.place, d.due, d.subject, c.financial_assets AS assets,
                   c.last_contact_days AS silent
            FROM due d JOIN view_allocation a USING (client_number) JOIN view_client c USING (client_number)
            WHERE a.manager IS NOT NULL AND (d.legal_entity IS NULL OR d.legal_entity = a.legal_entity)
              AND NOT EXISTS (SELECT 1 FROM ({SILENT}) s WHERE s.client_number = a.client_number
                              AND s.legal_entity IN ('', a.legal_entity))
            QUALIFY row_number() OVER (
                PARTITION BY a.legal_entity, d.client_number ORDER BY d.place, d.due NULLS LAST, d.subject) = 1)
        SELECT legal_entity, manager, client_number, [{listed(CONTACTS)}][place] AS why, subject,
               due, row_number() OVER (
                   PARTITION BY legal_entity, manager
                   ORDER BY place, due NULLS LAST, silent DESC NULLS FIRST, assets DESC, client_number) AS position
        FROM first
        QUALIFY position <= {fewest} OR due <= {today}""")


def _due(today: str) -> str:
    return f"""
        SELECT client_number, legal_entity, 1 AS place, first_contact_due AS due, '' AS subject FROM view_allocation
        WHERE first_contact_due IS NOT NULL
        UNION ALL BY NAME
        SELECT client_number, 2 AS place, CAST("at" AS DATE) AS due, COALESCE(kind, '') AS subject FROM view_activity
        WHERE planned AND CAST("at" AS DATE) <= {today} AND gone_since IS NULL
        UNION ALL BY NAME
        SELECT client_number, 3 AS place, next_contact AS due, COALESCE(product, '') AS subject FROM view_opportunity
        WHERE next_contact <= {today} AND gone_since IS NULL AND COALESCE(stage, '') NOT IN ('won', 'lost')
        UNION ALL BY NAME
        SELECT client_number, 4 AS place, due, rule AS subject FROM view_reminder WHERE due <= {today} + {_AHEAD_DAYS}
        UNION ALL BY NAME
        SELECT client_number, 5 AS place, CAST(NULL AS DATE) AS due, '' AS subject FROM view_allocation"""


def work_log(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """Write `view_work_log`: contacts made, per manager and day of the last month. Reads `view_activity`."""
    today = dated(day)
    con.execute(f"""
        CREATE OR REPLACE TABLE view_work_log AS
        SELECT manager, CAST("at" AS DATE) AS day, count(*) AS contacts, count(DISTINCT client_number) AS clients,
               count(*) FILTER (outcome IN ('reached', 'interested', 'refused')) AS reached,
               count(*) FILTER (outcome = 'interested') AS interested
        FROM view_activity
        WHERE manager IS NOT NULL AND NOT COALESCE(planned, FALSE)
          AND CAST("at" AS DATE) BETWEEN {today} - {_LOG_DAYS} AND {today}
        GROUP BY ALL""")
