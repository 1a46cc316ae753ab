"""The day of a manager, a head and compliance: lists over many clients, from the live version's tables.

Here: the lists. Not here: one client (tabs), how anything is computed (client_view). Of clients out of a user's sight
no list has a row; of managers and rates those of his legal entities and branches.
"""

from datetime import date
from typing import NamedTuple

import duckdb

from stages.lookup import Row
from stewardship.sight import Scope
from store.duck import quote, rows

MOST = 200
"""Rows of a list that are shown."""


class List(NamedTuple):
    """A list: its title, and a query over `{seen}` (clients in sight), `{today}`, `{manager}`, `{kept}`, `{neglected}`.

    Today is the day of those who work, not the business date. It may read `silent` (stages/tonight) and
    `waiting_change` (changing).
    """

    title: str
    sql: str


def lists(
    con: duckdb.DuckDBPyConnection, of: tuple[List, ...], scope: Scope, today: date, manager: str = "",
    neglected_days: int = 90, most: int = MOST,
) -> dict[str, list[Row]]:  # fmt: skip
    """The rows of each list by its title, at most `most`; `manager` is a code."""
    known = {
        "seen": f"client_number IN ({scope.numbers})",
        "today": f"DATE '{today}'",
        "manager": quote(manager),
        "kept": _kept(scope),
        "neglected": neglected_days,
    }
    return {each.title: rows(con, f"FROM ({each.sql.format_map(known)}) LIMIT {most}") for each in of}


def codes(con: duckdb.DuckDBPyConnection, scope: Scope) -> list[str]:
    """Codes of the managers whose day a head may open."""
    asked = f"SELECT DISTINCT manager FROM view_manager WHERE manager <> '' AND {_kept(scope)} ORDER BY 1"
    return [str(code) for (code,) in con.execute(asked).fetchall()]


def _kept(scope: Scope) -> str:
    """SQL over `legal_entity` and `branch` of managers; those of the centre have no branch."""
    parts = (("legal_entity", scope.entities), ("branch", scope.branches))
    asked = [f"{column} IN ({', '.join(map(quote, words))})" for column, words in parts if words]
    return " AND ".join(asked) or "true"


_MINE = "SELECT client_number FROM view_allocation WHERE manager = {manager}"

MANAGER = (
    List("Plan for today", """
        SELECT c.position, c.client_number, p.display_name, c.why, COALESCE(r.reason, c.subject) AS subject, c.due
        FROM view_contact_plan c JOIN golden_party p USING (client_number)
        LEFT JOIN view_rule r ON r.pack IN ('reminder', 'maturity') AND r.rule = c.subject
        WHERE c.manager = {manager} AND {seen} AND NOT EXISTS (
            SELECT 1 FROM silent s
            WHERE s.client_number = c.client_number AND s.legal_entity IN ('', c.legal_entity))
        ORDER BY c.position, c.legal_entity, c.client_number"""),
    List("Not to be disturbed", f"""
        SELECT s.since, s.client_number, p.display_name, s.legal_entity FROM silent s
        JOIN golden_party p USING (client_number) WHERE client_number IN ({_MINE}) AND {{seen}}
        ORDER BY s.since DESC, s.client_number, s.legal_entity"""),
    List("Maturing products", f"""
        SELECT t.due, t.client_number, p.display_name, r.reason, t.subject
        FROM view_reminder t JOIN golden_party p USING (client_number)
        JOIN view_rule r ON r.pack = 'maturity' AND r.rule = t.rule
        WHERE client_number IN ({_MINE}) AND {{seen}} ORDER BY t.due, t.client_number, t.subject, t.rule"""),
    List("Reminders", f"""
        SELECT t.due, t.client_number, p.display_name, t.kind, r.reason
        FROM view_reminder t JOIN golden_party p USING (client_number)
        JOIN view_rule r ON r.pack = 'reminder' AND r.rule = t.rule
        WHERE client_number IN ({_MINE}) AND {{seen}} ORDER BY t.due, t.client_number, t.rule, t.subject"""),
    List("Neglected", f"""
        SELECT v.client_number, p.display_name, v.last_contact_days, v.financial_assets
        FROM view_client v JOIN golden_party p USING (client_number)
        WHERE client_number IN ({_MINE}) AND {{seen}} AND COALESCE(v.last_contact_days > {{neglected}}, true)
        ORDER BY v.last_contact_days DESC NULLS FIRST, v.financial_assets DESC, v.client_number"""),
    List("Opportunities", """
        SELECT o.next_contact, o.client_number, p.display_name, o.product, o.stage, o.need
        FROM view_opportunity o JOIN golden_party p USING (client_number)
        WHERE o.manager = {manager} AND o.gone_since IS NULL AND {seen}
        ORDER BY o.next_contact, o.feed, o.item, o.client_number"""),
    List("Referrals", """
        SELECT f.referred_on, f.client_number, p.display_name, f.product, f.referred_by, f.receiver, f.outcome
        FROM view_referral f JOIN golden_party p USING (client_number)
        WHERE {manager} IN (f.referred_by, f.receiver) AND {seen}
        ORDER BY f.referred_on DESC, f.feed, f.item, f.client_number"""),
    List("My clients", """
        SELECT a.client_number, p.display_name, a.legal_entity, t.tier, v.financial_assets, v.last_contact_days,
               a.since, a.first_contact_due
        FROM view_allocation a JOIN golden_party p USING (client_number) JOIN view_client v USING (client_number)
        LEFT JOIN view_tier t USING (client_number)
        WHERE a.manager = {manager} AND {seen} ORDER BY v.financial_assets DESC, a.client_number, a.legal_entity"""),
    List("Work log", """
        SELECT day, contacts, clients, reached, interested FROM view_work_log WHERE manager = {manager}
        ORDER BY day DESC"""),
)  # fmt: skip
HEAD = (
    List("Changes to approve", """
        SELECT c.proposed_on, c.client_number, p.display_name, c.field, c.author
        FROM waiting_change c JOIN golden_party p USING (client_number)
        WHERE {seen} ORDER BY c.proposed_on, c.client_number, c.field, c.author"""),
    List("Clients without a manager", """
        SELECT a.client_number, p.display_name, a.legal_entity, a.branch, t.tier, v.financial_assets, a.since,
               a.previous, r.reason
        FROM view_allocation a JOIN golden_party p USING (client_number) JOIN view_client v USING (client_number)
        LEFT JOIN view_tier t USING (client_number)
        LEFT JOIN view_rule r ON r.pack = 'release' AND r.rule = a.released
        WHERE a.manager IS NULL AND {seen} ORDER BY v.financial_assets DESC, a.client_number, a.legal_entity"""),
    List("Contested clients", """
        SELECT s.client_number, p.display_name, s.legal_entity, s.claimed_by, a.manager, a.step
        FROM (SELECT client_number, legal_entity, string_agg(DISTINCT manager, ', ' ORDER BY manager) AS claimed_by
              FROM view_assignment WHERE gone_since IS NULL GROUP BY ALL HAVING count(DISTINCT manager) > 1) s
        JOIN golden_party p USING (client_number)
        LEFT JOIN view_allocation a USING (client_number, legal_entity)
        WHERE {seen} ORDER BY s.client_number, s.legal_entity"""),
    List("Spot checks", """
        SELECT f.client_number, p.display_name, f.legal_entity, f.manager, f.reason
        FROM (SELECT client_number, legal_entity, manager, string_agg(r.reason, '; ' ORDER BY side, rule) AS reason
              FROM view_familiar JOIN view_rule r USING (rule) WHERE r.pack = 'familiar' GROUP BY ALL) f
        JOIN golden_party p USING (client_number)
        WHERE {seen}
        ORDER BY md5(concat(f.client_number, date_trunc('month', {today}))), f.client_number, f.legal_entity, f.manager
        LIMIT 10"""),
    List("Capacity", """
        SELECT legal_entity, CASE manager WHEN '' THEN 'waiting' ELSE manager END AS manager, branch, capacity, clients,
               capacity - clients AS free_places, assets, deposits, core_covered, overdue_contacts
        FROM view_manager WHERE {kept} ORDER BY legal_entity, manager"""),
    List("Team report", """
        SELECT e.legal_entity, e.level, e.subject, e.rate, e.percent, e.numerator, e.numerator_is, e.denominator,
               e.denominator_is
        FROM (SELECT r.*, CASE r.level WHEN 'branch' THEN r.subject WHEN 'manager' THEN m.branch END AS branch
              FROM view_manager_rate r
              LEFT JOIN view_manager m ON m.legal_entity = r.legal_entity AND m.manager = r.subject) e
        WHERE {kept} ORDER BY e.legal_entity, e.level, e.subject, e.rate"""),
)  # fmt: skip
COMPLIANCE = (
    List("Reviews due", """
        SELECT t.next_review, t.client_number, p.display_name, t.risk_class, r.reason
        FROM view_risk t JOIN golden_party p USING (client_number)
        LEFT JOIN view_rule r ON r.pack = 'review' AND r.rule = t.review_rule
        WHERE t.next_review <= {today} + 30 AND {seen} ORDER BY t.next_review, t.client_number"""),
    List("Hits on watch lists", """
        SELECT t.since, t.client_number, p.display_name, t.subject, t.list, t.entry, t.outcome, t.name_score, r.reason
        FROM view_screening t JOIN golden_party p USING (client_number)
        JOIN view_rule r ON r.pack = 'screening' AND r.rule = t.rule
        WHERE NOT t.cleared AND {seen} ORDER BY t.since DESC, t.client_number, t.subject, t.list, t.entry"""),
    List("Early warnings", """
        SELECT w.since, w.severity, w.client_number, p.display_name, r.reason, w.rule, r.cites
        FROM view_warning w JOIN golden_party p USING (client_number)
        JOIN view_rule r ON r.pack = 'warning' AND r.rule = w.rule
        WHERE NOT COALESCE(w.cleared, FALSE) AND {seen}
        ORDER BY list_position(['high', 'medium', 'low'], w.severity), w.rule, w.client_number"""),
    List("Tax self-certification (CRS, FATCA)", """
        SELECT w.since, w.severity, w.client_number, p.display_name, r.reason, w.rule, r.cites
        FROM view_finding w JOIN golden_party p USING (client_number)
        JOIN view_rule r ON r.pack = 'finding' AND r.rule = w.rule
        WHERE w.topic = 'tax' AND NOT COALESCE(w.cleared, FALSE) AND {seen}
        ORDER BY list_position(['high', 'medium', 'low'], w.severity), w.rule, w.client_number"""),
)  # fmt: skip
