"""What tonight is compared with: assets, tiers and risk classes as the last version of an earlier business date said.

Here: `view_before`, kept with every version so that a date computed again is compared with the same, and rows of
earlier numbers under those of tonight. Not here: what follows from it (clients, judging, screening).
"""

import duckdb

PARENT = (
    "view_client", "view_risk", "view_tier", "view_before", "view_screening", "view_allocation", "view_period",
    "view_warning", "view_finding",
)  # fmt: skip


def before(con: duckdb.DuckDBPyConnection, same_date: bool) -> None:
    """Write `view_before` under the numbers of then; with `same_date` the parent's own, which is of tonight's date."""
    earlier = """
        SELECT c.client_number, c.financial_assets, c.worst_days_past_due, t.rank AS tier_rank, r.risk_class,
               r.rule AS risk_rule, r.held_from, r.held_since
        FROM parent_view_client c LEFT JOIN parent_view_tier t USING (client_number)
        LEFT JOIN parent_view_risk r USING (client_number)"""
    con.execute(f"CREATE OR REPLACE TABLE view_before AS {'FROM parent_view_before' if same_date else earlier}")


def under_tonight(table: str) -> str:
    """A query: rows of `table` under the client number that theirs stands for tonight; theirs is `number_then`."""
    return f"""
        SELECT l.resolves_to AS client_number, b.client_number AS number_then, b.* EXCLUDE (client_number)
        FROM {table} b JOIN ledger_number l ON l.client_number = b.client_number WHERE l.resolves_to IS NOT NULL"""
