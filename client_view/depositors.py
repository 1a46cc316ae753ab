"""The single customer view for deposit insurance: one row per depositor and legal entity.

Here: what is insured and what is left out, with the rule that says so. Source of the rule: Directive 2014/49/EU art.
5-7. A joint account is its holders' as their records tell it: a holding on each. Not here: a file for the scheme.
"""

from datetime import date
from decimal import Decimal

import duckdb

from client_view.deciding import Rules, fire_sql
from client_view.literals import listed
from rules.view.packs import EXCLUSION

INSURED = ("account", "deposit")


def depositors(con: duckdb.DuckDBPyConnection, rules: Rules, day: date, limit: Decimal) -> None:
    """Write `view_depositor`. Reads `cv_priced`, `view_client`; a balance below zero insures nothing."""
    excluded = fire_sql(EXCLUSION, rules["exclusion"], "view_client", "client_number", day)
    con.execute(f"""
        CREATE OR REPLACE TABLE view_depositor AS
        WITH held AS (
            SELECT client_number, COALESCE(legal_entity, '') AS legal_entity, count(*) AS accounts,
                   COALESCE(sum(greatest(worth, 0)), 0) AS balance, count(*) FILTER (worth IS NULL) AS unpriced
            FROM cv_priced WHERE open AND product IN ({listed(INSURED)})
            GROUP BY client_number, legal_entity)
        SELECT h.client_number, h.legal_entity, h.accounts, h.balance, h.unpriced,
               CASE WHEN x.rule IS NULL THEN least(h.balance, {limit}) ELSE 0 END AS protected, x.rule AS exclusion
        FROM held h LEFT JOIN ({excluded}) x USING (client_number)""")
