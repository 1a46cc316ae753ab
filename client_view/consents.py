"""What a client allows: one answer for each channel, purpose and legal entity, of everything its records say.

Here: the rule between statements. A later evidenced consent prevails over an earlier refusal; otherwise the strictest
holds: also where a consent has no evidence, or where dates cannot decide. And who is silent: whoever refused every
channel for no purpose by name, which is what "do not disturb" means. Not here: lists that leave clients out.
"""

import duckdb

from client_view.literals import listed
from rules.contracts.children import CHANNELS

SILENT = f"""
    SELECT client_number, legal_entity, max(since) AS since FROM view_consent_effective
    WHERE purpose = '' AND NOT given GROUP BY client_number, legal_entity
    HAVING count(DISTINCT channel) = {len(CHANNELS)}"""
"""Clients that want to hear nothing of a legal entity; where it is empty, of none."""


def effective(con: duckdb.DuckDBPyConnection, temporary: bool = False) -> None:
    """Write `view_consent_effective`. Reads `view_consent`; statements for any channel count for each."""
    con.execute(f"""
        CREATE OR REPLACE {"TEMP " if temporary else ""}TABLE view_consent_effective AS
        WITH said AS (
            SELECT client_number,
                   unnest(CASE WHEN channel = 'any' THEN [{listed(CHANNELS)}] ELSE [channel] END) AS channel,
                   COALESCE(purpose, '') AS purpose, COALESCE(legal_entity, '') AS legal_entity, given, "at", evidence
            FROM view_consent WHERE channel IS NOT NULL AND given IS NOT NULL),
        weighed AS (
            SELECT client_number, channel, purpose, legal_entity, count(*) AS statements,
                   bool_or(NOT given) AS refuses, bool_or(NOT given AND "at" IS NULL) AS undated,
                   max("at") FILTER (NOT given) AS refused_at, max("at") FILTER (given) AS consented_at,
                   max("at") FILTER (given AND evidence IS NOT NULL) AS proved_at
            FROM said GROUP BY client_number, channel, purpose, legal_entity),
        decided AS (
            SELECT *, CASE WHEN NOT refuses THEN 'consent_only'
                           WHEN NOT undated AND proved_at > refused_at THEN 'later_evidenced_consent'
                           WHEN consented_at = refused_at THEN 'refused_dates_equal'
                           WHEN consented_at > refused_at THEN 'refused_consent_without_evidence'
                           ELSE 'refused' END AS rule
            FROM weighed)
        SELECT client_number, channel, purpose, legal_entity,
               rule IN ('consent_only', 'later_evidenced_consent') AS given,
               CASE rule WHEN 'consent_only' THEN consented_at WHEN 'later_evidenced_consent' THEN proved_at
                    ELSE refused_at END AS since, statements, rule
        FROM decided""")
