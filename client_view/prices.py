"""Holdings in the reporting currency, each rounded to cents.

Here: the rates of the day and the priced holdings. Not here: what is added up (clients, depositors).
"""

from collections.abc import Mapping
from decimal import Decimal

import duckdb

MONEY = "DECIMAL(24, 2)"


def price(con: duckdb.DuckDBPyConnection, rates: Mapping[str, Decimal]) -> None:
    """Write `cv_rate(currency, rate)`."""
    rows = ", ".join(f"('{currency}', CAST({rate} AS DECIMAL(12, 6)))" for currency, rate in sorted(rates.items()))
    con.execute(f"CREATE OR REPLACE TEMP TABLE cv_rate AS SELECT * FROM (VALUES {rows}) AS rates(currency, rate)")


def priced_sql(*columns: str) -> str:
    """A query of the holdings: `columns`, product, whether it is open, and its sums; without a rate `worth` is null."""
    own = "".join(f"h.{column}, " for column in columns)
    sums = {"worth": "balance", "issued": "amount", "earned": "interest_earned", "paid": "interest_paid"}
    amounts = ", ".join(
        f"CAST(round(COALESCE(h.{column}, 0) * r.rate, 2) AS {MONEY}) AS {name}" for name, column in sums.items()
    )
    return f"""
        SELECT h.client_number, h.product, {own}h.status IS DISTINCT FROM 'closed' AS open, {amounts}
        FROM view_holding h LEFT JOIN cv_rate r USING (currency)"""
