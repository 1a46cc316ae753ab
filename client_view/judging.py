"""What the packs say of every client: risk class and review date, tier, profiles, warnings, findings, reminders.

Here: which pack runs over which rows, and what happens where an earlier answer still holds. Not here: the rules
(rules/defaults/view), how a pack becomes a query (deciding).
"""

from datetime import date

import duckdb

from client_view import clearing
from client_view.asked import RISKY, TIERED
from client_view.before import under_tonight
from client_view.deciding import Rules, fire_sql
from client_view.literals import dated, listed
from rules.view.packs import (
    BY_HAND,
    CLASSES,
    FINDING,
    MATURITY,
    PROFILE,
    REMINDER,
    REVIEW,
    RISK,
    RISK_CLASS,
    TIER,
    WARNING,
)

_CLIENT = "client_number"
_EASED = ("financial_assets", "deposits", "investments", "insurance", "loans_issued_sum", "total_assets",
          "registered_capital")  # fmt: skip
"""Figures that are raised by the margin before a tier is taken away."""


def judge(con: duckdb.DuckDBPyConnection, rules: Rules, day: date, tier_margin: int) -> None:
    """Write `view_risk_factor`, `view_risk`, `view_tier`, `view_profile`, `view_warning`, `view_finding`,
    `view_reminder`. Reads `view_client`, `view_holding`, `view_questionnaire`, `view_given_profile`, `view_clearing`,
    `view_before`, `parent_view_warning`, `parent_view_finding`, `ledger_number`.
    """
    _risk(con, rules, day)
    _tiers(con, rules, day, tier_margin)
    for pack in (WARNING, FINDING):
        clearing.judged(con, pack, rules, RISKY, day)
    _profiles(con, rules, day)
    _reminders(con, rules, day)


def _rank(column: str) -> str:
    return f"list_position([{listed(CLASSES)}], {column})"


def _risk(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """The class of the points, or of a decisive factor if that is higher; after a merge the highest class holds on."""
    con.execute(
        f"CREATE OR REPLACE TABLE view_risk_factor AS {fire_sql(RISK, rules['risk'], 'view_client', _CLIENT, day)}"
    )
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_points AS
        SELECT c.client_number, CAST(COALESCE(sum(f.points), 0) AS BIGINT) AS points, count(f.rule) AS factors,
               max({_rank("f.decisive")}) AS decisive, arg_max(f.rule, ({_rank("f.decisive")}, f.rule)) AS decisive_rule
        FROM view_client c LEFT JOIN view_risk_factor f USING (client_number) GROUP BY c.client_number""")
    fired = fire_sql(RISK_CLASS, rules["risk_class"], "cv_points", f"{_CLIENT}, points, decisive, decisive_rule", day)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_class AS
        SELECT client_number, points, greatest({_rank("risk_class")}, decisive) AS rank,
               CASE WHEN decisive > {_rank("risk_class")} THEN decisive_rule ELSE rule END AS rule
        FROM ({fired})""")
    _held_classes(con, day)
    _reviews(con, rules, day)
    for step in ("cv_points", "cv_class", "cv_held"):
        con.execute(f"DROP TABLE {step}")


def _held_classes(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """`cv_held`: classes of merged numbers that hold on, until a questionnaire is filled later or the number parts."""
    today = dated(day)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_held AS
        WITH was AS (
            SELECT client_number, {_rank("risk_class")} AS rank, risk_rule AS rule,
                   count(*) OVER (PARTITION BY client_number) > 1 AS merged,
                   COALESCE(held_since, {today}) AS since, COALESCE(held_from, number_then) AS held_from
            FROM ({under_tonight("view_before")})),
        form AS (
            SELECT client_number, max(filled_on) AS filled_on FROM view_questionnaire
            WHERE kind = 'anti_money_laundering' GROUP BY client_number)
        SELECT w.client_number, w.rank, w.rule, w.since, w.held_from
        FROM was w JOIN cv_class c USING (client_number) LEFT JOIN form f USING (client_number)
        JOIN ledger_number o ON o.client_number = w.held_from AND o.resolves_to = w.client_number
        WHERE (w.merged OR w.since < {today}) AND w.rank > c.rank AND NOT COALESCE(f.filled_on > w.since, FALSE)
        QUALIFY row_number() OVER (PARTITION BY w.client_number ORDER BY w.rank DESC, w.since, w.held_from) = 1""")


def _reviews(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """`view_risk`: the class and the next review, so many months after the questionnaire; without one it is due now."""
    today = dated(day)
    con.execute(f"""
        CREATE OR REPLACE TABLE view_risk AS
        SELECT c.client_number, [{listed(CLASSES)}][COALESCE(h.rank, c.rank)] AS risk_class, c.points,
               COALESCE(h.rule, c.rule) AS rule, h.since AS held_since, h.held_from, {today} AS next_review,
               '' AS review_rule
        FROM cv_class c LEFT JOIN cv_held h USING (client_number)""")
    fired = fire_sql(REVIEW, rules["review"], RISKY, f"{_CLIENT}, aml_filled_days", day)
    con.execute(f"""
        CREATE OR REPLACE TABLE view_risk AS
        SELECT r.* EXCLUDE (next_review, review_rule),
               COALESCE(CAST({today} - CAST(f.aml_filled_days AS INTEGER) + to_months(f.months) AS DATE), {today})
                   AS next_review,
               COALESCE(f.rule, '') AS review_rule
        FROM view_risk r LEFT JOIN ({fired}) f USING (client_number)""")


def _tiers(con: duckdb.DuckDBPyConnection, rules: Rules, day: date, margin: int) -> None:
    """`view_tier`; a lower tier than before is taken only where the figures, raised by the margin, give it too."""
    raised = ", ".join(f"CAST({name} * {100 + margin} * 0.01 AS DECIMAL(24, 2)) AS {name}" for name in _EASED)
    eased = f"(SELECT * REPLACE ({raised}) FROM view_client)"
    for name, relation in (("cv_tier", "view_client"), ("cv_eased", eased)):
        fired = fire_sql(TIER, rules["tier"], relation, _CLIENT, day)
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {fired}")
    con.execute(f"""
        CREATE OR REPLACE TABLE view_tier AS
        WITH was AS (
            SELECT client_number, max(tier_rank) AS rank FROM ({under_tonight("view_before")}) GROUP BY client_number),
        held AS (
            SELECT k.* FROM cv_eased k JOIN was w USING (client_number) LEFT JOIN cv_tier n USING (client_number)
            WHERE k.rank > COALESCE(n.rank, 0) AND k.rank <= w.rank)
        SELECT client_number, tier, rank, premium, served_by, rule, TRUE AS held FROM held
        UNION ALL
        SELECT client_number, tier, rank, premium, served_by, rule, FALSE
        FROM cv_tier ANTI JOIN held USING (client_number)""")
    for step in ("cv_tier", "cv_eased"):
        con.execute(f"DROP TABLE {step}")


def _profiles(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """`view_profile`: by the pack, and those given by hand whose review is still to come."""
    con.execute(f"""
        CREATE OR REPLACE TABLE view_profile AS
        SELECT *, CAST(NULL AS DATE) AS review_on
        FROM ({fire_sql(PROFILE, rules["profile"], "view_client", _CLIENT, day)})
        UNION ALL
        SELECT client_number, '{BY_HAND.id}' AS rule, profile, max(review_on) FROM view_given_profile
        WHERE profile IS NOT NULL AND gone_since IS NULL AND review_on > {dated(day)} GROUP BY ALL""")


def _reminders(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """`view_reminder`: of clients, due so many days from today, and of holdings, due when they mature."""
    today = dated(day)
    of_clients = fire_sql(REMINDER, rules["reminder"], TIERED, _CLIENT, day)
    keys = f"{_CLIENT}, feed, item, ordinal, matures"
    of_holdings = fire_sql(MATURITY, rules["maturity"], "view_holding", keys, day)
    con.execute(f"""
        CREATE OR REPLACE TABLE view_reminder AS
        SELECT client_number, rule, '' AS subject, kind, {today} + due_in_days AS due FROM ({of_clients})
        UNION ALL
        SELECT client_number, rule, concat_ws('/', feed, item, ordinal), kind, COALESCE(matures, {today})
        FROM ({of_holdings})""")
