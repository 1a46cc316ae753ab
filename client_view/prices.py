"""Holdings in the reporting currency, each rounded to cents.

Here: the rates of the day and the priced holdings. Not here: what is added up (clients, depositors).
"""

from collections.abc import Mapping
from decimal import Decimal

import duckdb

MONEY = "DECIMAL(24, 2)"
_SUMS = {"worth": "balance", "issued": "amount", "earned": "interest_earned", "paid": "interest_paid"}


def price(con: duckdb.DuckDBPyConnection, rates: Mapping[str, Decimal]) -> None:
    """Write `cv_rate(currency, rate)` and `cv_priced`: every holding, whether it is open, and its sums.

    Without a rate `worth` and the others are null.
    """
    rows = ", ".join(f"('{currency}', CAST({rate} AS DECIMAL(12, 6)))" for currency, rate in sorted(rates.items()))
    con.execute(f"CREATE OR REPLACE TEMP TABLE cv_rate AS SELECT * FROM (VALUES {rows}) AS rates(currency, rate)")
    amounts = ", ".join(
        f"CAST(round(COALESCE(h.{column}, 0) * r.rate, 2) AS {MONEY}) AS {name}" for name, column in _SUMS.items()
    )
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_priced AS
        SELECT h.client_number, h.product, h.legal_entity, h.branch, h.card_level, h.opened, h.days_past_due,
               h.status IS DISTINCT FROM 'closed' AS open, {amounts}
        FROM view_holding h LEFT JOIN cv_rate r USING (currency)""")
