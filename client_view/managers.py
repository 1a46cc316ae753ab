"""The manager report: what each manager looks after, and five rates against the end of the last period.

Here: the period that is compared with, figures, rates with numerator and denominator. A period is a calendar month.
Not here: who looks after whom (allocation), how the report looks (stages/reports).
"""

from datetime import date

import duckdb

from client_view.before import under_tonight
from client_view.literals import dated, listed

_STEPS = ("cv_now", "cv_then", "cv_both", "cv_manager")
RATES = {
    "retention": ("kept", "were", "clients of the last period that are still looked after here",
                  "clients at the end of the last period"),
    "upgrade": ("risen", "were", "of these, clients whose tier rose", "clients at the end of the last period"),
    "coverage": ("covered", "are", "clients that hold every core product", "clients now"),
    "growth": ("are - were", "were", "clients now less clients at the end of the last period",
               "clients at the end of the last period"),
    "asset_growth": ("assets - assets_before", "assets_before",
                     "financial assets now less those at the end of the last period",
                     "financial assets at the end of the last period"),
}  # fmt: skip
"""Rate → numerator, denominator, and what they count."""


def period(con: duckdb.DuckDBPyConnection, day: date, before_day: date | None) -> None:
    """Write `view_period`: what the last version of the month before said; within a month it is carried on."""
    new = before_day is not None and (before_day.year, before_day.month) != (day.year, day.month)
    ended = f"""
        SELECT a.client_number, a.legal_entity, a.manager, a.branch, {dated(before_day or day)} AS period_end,
               c.financial_assets, c.deposits, t.rank AS tier_rank
        FROM parent_view_allocation a JOIN parent_view_client c USING (client_number)
        LEFT JOIN parent_view_tier t USING (client_number)"""
    con.execute(f"CREATE OR REPLACE TABLE view_period AS {ended if new else 'FROM parent_view_period'}")


def managers(con: duckdb.DuckDBPyConnection, day: date, core_products: tuple[str, ...]) -> None:
    """Write `view_manager` and `view_manager_rate`. Reads `view_allocation`, `view_client`, `view_tier`, `view_period`,
    `ledger_number`, `cv_manager`; merged clients stand once, with the sum of their assets.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE cv_now AS {_now(core_products)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE cv_then AS {_THEN}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE cv_both AS {_both()}")
    con.execute(f"CREATE OR REPLACE TABLE view_manager AS {_figures(dated(day))}")
    con.execute(f"CREATE OR REPLACE TABLE view_manager_rate AS {_rates()}")
    for step in _STEPS:
        con.execute(f"DROP TABLE {step}")


def _now(core_products: tuple[str, ...]) -> str:
    return f"""
        SELECT a.client_number, a.legal_entity, COALESCE(a.manager, '') AS manager, m.branch,
               c.financial_assets AS assets, c.deposits, t.rank, a.first_contact_due,
               list_has_all(string_split(COALESCE(c.products_held, ''), ','), [{listed(core_products)}]) AS covered
        FROM view_allocation a JOIN view_client c USING (client_number) LEFT JOIN view_tier t USING (client_number)
        LEFT JOIN cv_manager m ON m.legal_entity = a.legal_entity AND m.manager = a.manager"""


_THEN = f"""
    SELECT p.client_number, p.legal_entity, COALESCE(arg_min(p.manager, p.number_then), '') AS manager,
           arg_min(m.branch, p.number_then) AS branch, CAST(sum(p.financial_assets) AS DECIMAL(24, 2)) AS assets,
           CAST(sum(p.deposits) AS DECIMAL(24, 2)) AS deposits, max(p.tier_rank) AS rank
    FROM ({under_tonight("view_period")}) p
    LEFT JOIN cv_manager m ON m.legal_entity = p.legal_entity AND m.manager = p.manager
    GROUP BY p.client_number, p.legal_entity"""


def _both() -> str:
    """Clients now and then beside each other, for the manager, the branch and the legal entity."""
    subject = """
        unnest([struct_pack(level := 'manager', subject := manager), struct_pack(level := 'branch', subject := branch),
                struct_pack(level := 'legal_entity', subject := legal_entity)], recursive := true)"""
    now, then = (f"(SELECT * FROM (SELECT *, {subject} FROM {t}) WHERE subject <> '')" for t in ("cv_now", "cv_then"))
    return f"""
        SELECT legal_entity, level, subject, count(n.client_number) AS are, count(t.client_number) AS were,
               count(*) FILTER (n.client_number IS NOT NULL AND t.client_number IS NOT NULL) AS kept,
               count(*) FILTER (n.rank > t.rank) AS risen, count(*) FILTER (n.covered) AS covered,
               COALESCE(sum(n.assets), 0) AS assets, COALESCE(sum(t.assets), 0) AS assets_before
        FROM {now} n FULL JOIN {then} t USING (client_number, legal_entity, level, subject)
        GROUP BY legal_entity, level, subject"""


def _figures(today: str) -> str:
    return f"""
        WITH now AS (
            SELECT legal_entity, manager, count(*) AS clients, sum(assets) AS assets, sum(deposits) AS deposits,
                   count(*) FILTER (covered) AS core_covered,
                   count(*) FILTER (first_contact_due < {today}) AS overdue_contacts
            FROM cv_now GROUP BY ALL),
        was AS (
            SELECT legal_entity, manager, count(*) AS clients, sum(assets) AS assets, sum(deposits) AS deposits
            FROM cv_then GROUP BY ALL)
        SELECT legal_entity, manager, m.branch, m.capacity, COALESCE(n.clients, 0) AS clients,
               COALESCE(w.clients, 0) AS clients_before, COALESCE(n.assets, 0) AS assets,
               COALESCE(w.assets, 0) AS assets_before, COALESCE(n.deposits, 0) AS deposits,
               COALESCE(w.deposits, 0) AS deposits_before, COALESCE(n.core_covered, 0) AS core_covered,
               COALESCE(n.overdue_contacts, 0) AS overdue_contacts
        FROM (FROM cv_manager WHERE stays) m FULL JOIN now n USING (legal_entity, manager)
        FULL JOIN was w USING (legal_entity, manager)"""


def _rates() -> str:
    each = " UNION ALL ".join(
        f"""SELECT legal_entity, level, subject, '{rate}' AS rate, {top} AS numerator, {bottom} AS denominator,
                   '{counted}' AS numerator_is, '{of}' AS denominator_is FROM cv_both"""
        for rate, (top, bottom, counted, of) in RATES.items()
    )
    return f"""
        SELECT *,
               CASE WHEN denominator <> 0 THEN CAST(numerator * 100.00 / denominator AS DECIMAL(18, 2)) END AS percent
        FROM ({each})"""
