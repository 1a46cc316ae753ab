"""The client view of one client, for people: what it holds, with whom it belongs, what the rules say and why.

Here: queries over one version's `view_` tables. Not here: how they are computed (stages/view) or shown (cli).
"""

import re
from collections.abc import Iterable
from typing import Any

import duckdb

from store.duck import rows, tables

Row = dict[str, Any]


BRIEF, MOST = 10, 500
"""Rows of the parts that grow with the years, and of any part, unless somebody asks for another number."""
_GROWING = ("requests", "documents", "latest operations", "activities", "notes", "gifts")


def view_of(
    con: duckdb.DuckDBPyConnection, number: str, parts: Iterable[str] = (), most: int = BRIEF
) -> dict[str, list[Row]]:
    """Parts of the client's view, all or those named, each a list of rows, but for those that the version's release
    did not compute; `most` rows of the parts that grow with the years.
    """
    known = tables(con)
    asked = {part: _PARTS[part] for part in parts or _PARTS}
    return {
        part: rows(con, f"{sql} LIMIT {most if part in _GROWING else MOST}", [number])
        for part, sql in asked.items() if _tables(sql) <= known
    }  # fmt: skip


def tables_of(parts: Iterable[str]) -> frozenset[str]:
    """The `view_` tables that parts are read from."""
    return frozenset(table for part in parts for table in _tables(_PARTS[part]))


def _tables(sql: str) -> set[str]:
    return set(re.findall(r"\bview_\w+", sql))


def _said(table: str, columns: str, order: str) -> str:
    """Rows of a pack with the reason and the source of the rule that fired."""
    return f"""
        SELECT {columns}, r.reason, t.rule, r.cites FROM view_{table} t
        JOIN view_rule r ON r.pack = '{table}' AND r.rule = t.rule WHERE client_number = ? ORDER BY {order}"""


_TODAY = "(SELECT max(business_date) FROM history_night)"
"""The business date of the version."""
_PARTS = {
    "indices": """
        SELECT financial_assets, deposits, investments, insurance, loans_owed, loans_issued_sum, interest_earned,
               interest_paid, days_past_due, worst_days_past_due, products, tenure_days, household_size, group_size
        FROM view_client WHERE client_number = ?""",
    "risk": """
        SELECT t.risk_class, t.points, t.held_since, t.rule, r.reason
        FROM view_risk t LEFT JOIN view_rule r ON r.rule = t.rule AND r.pack IN ('risk_class', 'risk')
        WHERE client_number = ? ORDER BY r.pack""",
    "watch lists": """
        SELECT t.subject, t.list, t.entry, t.outcome, t.since, t.cleared, r.reason, t.rule FROM view_screening t
        JOIN view_rule r ON r.pack = 'screening' AND r.rule = t.rule WHERE client_number = ? ORDER BY list, entry""",
    "risk factors": """
        SELECT t.points, r.reason, t.rule, r.cites FROM view_risk_factor t
        JOIN view_rule r ON r.pack = 'risk' AND r.rule = t.rule WHERE client_number = ?
        ORDER BY t.points DESC, t.rule""",
    "tier": _said("tier", "tier, premium, served_by, held", "tier"),
    "manager": """
        SELECT t.legal_entity, t.manager, t.step, t.since, t.previous, r.reason AS because, t.first_contact_due,
               t.credited_to, t.turn_rule
        FROM view_allocation t LEFT JOIN view_rule r ON r.pack = 'release' AND r.rule = t.released
        WHERE client_number = ? ORDER BY t.legal_entity""",
    "familiar to": """
        SELECT t.legal_entity, t.manager, t.side, r.reason, t.rule FROM view_familiar t
        JOIN view_rule r ON r.pack = 'familiar' AND r.rule = t.rule WHERE client_number = ?
        ORDER BY t.legal_entity, t.manager, t.side, t.rule""",
    "to be contacted": """
        SELECT legal_entity, manager, position, why, subject, due FROM view_contact_plan
        WHERE client_number = ? ORDER BY legal_entity, manager""",
    "profiles": _said("profile", "profile, review_on", "profile, t.rule"),
    "offers": """
        SELECT t.offer, t.kind, t.product, t.next_best, r.reason, t.rule, t.blocked_by,
               (SELECT string_agg(b.reason, '; ' ORDER BY b.rule) FROM view_rule b WHERE b.pack = 'offer_block'
                AND list_contains(string_split(t.blocked_by, ','), b.rule)) AS blocked
        FROM view_offer t JOIN view_rule r ON r.pack = 'offer' AND r.rule = t.rule
        WHERE client_number = ? ORDER BY t.next_best DESC, t.rank, t.offer""",
    "membership contracts": """
        SELECT t.level, t.verdict, t.missing, r.reason, m.agreement, m.signed_at FROM view_membership_verdict t
        JOIN view_membership m USING (client_number, feed, item, ordinal)
        LEFT JOIN view_rule r ON r.pack = 'membership' AND r.rule = t.rule
        WHERE client_number = ? ORDER BY m.signed_at, t.feed, t.item, t.ordinal""",
    "campaigns": """
        SELECT t.campaign, t.channel, r.reason FROM view_campaign t
        JOIN view_rule r ON r.pack = 'campaign' AND r.rule = t.campaign WHERE client_number = ? ORDER BY t.campaign""",
    "opportunities": """
        SELECT product, stage, manager, need, next_contact FROM view_opportunity
        WHERE client_number = ? AND gone_since IS NULL ORDER BY next_contact, feed, item""",
    "referrals": """
        SELECT referred_on, referred_by, receiver, product, outcome FROM view_referral
        WHERE client_number = ? ORDER BY referred_on DESC, feed, item""",
    "warnings": _said("warning", "since, severity, cleared", "severity, t.rule"),
    "findings about the client": _said("finding", "since, severity, cleared", "severity, t.rule"),
    "cleared": """
        SELECT cleared_on, list, entry, author, reason FROM view_clearing
        WHERE client_number = ? AND gone_since IS NULL ORDER BY cleared_on DESC, feed, item, ordinal""",
    "reminders": """
        SELECT due, kind, r.reason, subject, t.rule FROM view_reminder t
        JOIN view_rule r ON r.pack IN ('reminder', 'maturity') AND r.rule = t.rule
        WHERE client_number = ? ORDER BY due, kind, t.rule, subject""",
    "consents": """
        SELECT channel, purpose, legal_entity, given, since, rule FROM view_consent_effective
        WHERE client_number = ? ORDER BY ALL""",
    "holdings": """
        SELECT product, reference, legal_entity, status, opened, matures, currency, balance, days_past_due, source
        FROM view_holding WHERE client_number = ? ORDER BY product, reference, feed, item""",
    "insured deposits": """
        SELECT t.legal_entity, t.accounts, t.balance, t.protected, r.reason AS excluded FROM view_depositor t
        LEFT JOIN view_rule r ON r.pack = 'exclusion' AND r.rule = t.exclusion
        WHERE client_number = ? ORDER BY t.legal_entity""",
    "associated parties": """
        SELECT a.other_number, p.display_name, a.kind, a.share, a.since FROM view_association a
        JOIN golden_party p ON p.client_number = a.other_number WHERE a.client_number = ?
        ORDER BY a.kind, a.other_number""",
    "owners": """
        SELECT o.owner_number, p.display_name, o.share, o.chains, o.control, o.beneficial FROM view_owner o
        JOIN golden_party p ON p.client_number = o.owner_number
        WHERE o.client_number = ? ORDER BY o.share DESC, o.owner_number""",
    "groups": """
        SELECT g.layer, g.group_number, m.client_number, p.display_name, m.evidence
        FROM view_group g JOIN view_group m USING (layer, group_number)
        JOIN golden_party p ON p.client_number = m.client_number WHERE g.client_number = ?
        ORDER BY g.layer, g.group_number, m.client_number""",
    "requests": """
        SELECT kind, product, status, department, opened, closed FROM view_request
        WHERE client_number = ? ORDER BY opened DESC, feed, item""",
    "documents": f"""
        SELECT kind, number, made_on, expires_on,
               CASE WHEN gone_since IS NOT NULL THEN 'withdrawn' WHEN expires_on < {_TODAY} THEN 'expired'
                    WHEN expires_on < {_TODAY} + 90 THEN 'expires soon' ELSE 'in order' END AS state
        FROM view_document WHERE client_number = ? AND check_result IS NULL
        ORDER BY kind, made_on DESC, feed, item, ordinal""",
    "outside checks": """
        SELECT checked_at, checked_type, checked_number AS identifier, check_result FROM view_document
        WHERE client_number = ? AND check_result IS NOT NULL ORDER BY checked_at DESC, feed, item, ordinal""",
    "latest operations": """
        SELECT "at", kind, currency, amount, holding FROM view_operation
        WHERE client_number = ? ORDER BY "at" DESC, feed, item""",
    "citizenships": """
        SELECT DISTINCT country FROM view_citizenship
        WHERE client_number = ? AND gone_since IS NULL ORDER BY country""",
    "tax residences": """
        SELECT DISTINCT country, tax_number, no_number_reason FROM view_tax_residence
        WHERE client_number = ? AND gone_since IS NULL ORDER BY ALL""",
    "employment": """
        SELECT e.employer_name, e.employer_number, min(p.client_number) AS employer_client, e.position, e.from_date,
               e.to_date
        FROM view_employment e
        LEFT JOIN golden_identifier i ON i.number = e.employer_number
        LEFT JOIN golden_party p ON p.client_number = i.client_number AND p.party_type <> 'person'
        WHERE e.client_number = ? GROUP BY ALL
        ORDER BY e.to_date DESC NULLS FIRST, e.from_date DESC, e.employer_name, e.employer_number, e.position""",
    "questionnaires": """
        SELECT kind, filled_on, complete_percent FROM view_questionnaire
        WHERE client_number = ? AND gone_since IS NULL ORDER BY kind, filled_on DESC, feed, item, ordinal""",
    "next review": """
        SELECT t.next_review, r.reason, t.review_rule FROM view_risk t
        LEFT JOIN view_rule r ON r.pack = 'review' AND r.rule = t.review_rule WHERE t.client_number = ?""",
    "activities": """
        SELECT "at", kind, planned, outcome, manager, need FROM view_activity
        WHERE client_number = ? ORDER BY "at" DESC, feed, item, ordinal""",
    "gifts": """
        SELECT given_on, kind, given_by, currency, amount FROM view_gift
        WHERE client_number = ? ORDER BY given_on DESC, feed, item, ordinal""",
    "notes": """
        SELECT "at", author, text FROM view_note
        WHERE client_number = ? AND gone_since IS NULL ORDER BY "at" DESC, feed, item, ordinal""",
}
