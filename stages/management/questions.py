"""What the management reports say: every table as a title and a query over one version.

Here: the queries. Not here: how they look (write). A query's columns are the table's; it ends in a total order.
"""

from typing import NamedTuple


class Question(NamedTuple):
    """One table of a report; the page shows so many rows of it, the workbook all."""

    title: str
    sql: str
    shown: int = 40


class Report(NamedTuple):
    """One report: a section of the page, a few sheets of the workbook."""

    name: str
    title: str
    lead: str
    tables: tuple[Question, ...]


_RESULT = "interest_earned - interest_paid"
_CLIENTS = """
    SELECT c.party_type AS kind, COALESCE(t.tier, '–') AS tier, count(*) AS clients,
           count(*) FILTER (t.premium) AS premium, sum(c.financial_assets) AS financial_assets,
           sum(c.deposits) AS deposits, sum(c.loans_owed) AS owed,
           count(*) FILTER (r.risk_class IN ('high', 'prohibited')) AS higher_risk,
           count(*) FILTER (c.do_not_disturb) AS do_not_disturb
    FROM view_client c LEFT JOIN view_tier t USING (client_number) LEFT JOIN view_risk r USING (client_number)
    GROUP BY ALL ORDER BY kind, max(t.rank) DESC, tier"""
_PROFILES = """
    SELECT profile, count(*) AS clients, sum(financial_assets) AS financial_assets
    FROM view_profile JOIN view_client USING (client_number) GROUP BY ALL ORDER BY clients DESC, profile"""
_BY_TIER = f"""
    SELECT COALESCE(t.tier, '–') AS tier, count(*) AS clients, sum(interest_earned) AS interest_earned,
           sum(interest_paid) AS interest_paid, sum({_RESULT}) AS result
    FROM view_client LEFT JOIN view_tier t USING (client_number) GROUP BY ALL ORDER BY result DESC, tier"""
_BY_CLIENT = f"""
    SELECT client_number AS client, COALESCE(t.tier, '–') AS tier, interest_earned, interest_paid, {_RESULT} AS result,
           financial_assets, loans_owed AS owed
    FROM view_client LEFT JOIN view_tier t USING (client_number) ORDER BY result DESC, client"""
_MANAGERS = """
    SELECT legal_entity, CASE manager WHEN '' THEN 'waiting' ELSE manager END AS manager, branch, capacity, clients,
           clients_before, assets, assets_before, deposits, deposits_before, core_covered, overdue_contacts
    FROM view_manager ORDER BY legal_entity, manager"""
_RATES = """
    SELECT legal_entity, CAST(level AS VARCHAR) AS level, subject, CAST(rate AS VARCHAR) AS rate, percent, numerator,
           denominator, numerator_is, denominator_is
    FROM view_manager_rate
    ORDER BY legal_entity, list_position(['legal_entity', 'branch', 'manager'], view_manager_rate.level), subject,
             view_manager_rate.rate"""
_PORTFOLIO = """
    SELECT a.legal_entity, COALESCE(a.manager, 'waiting') AS manager, a.client_number AS client, a.branch,
           CAST(a.step AS VARCHAR) AS step, a.since, a.previous, r.reason AS taken_because, a.first_contact_due, t.tier,
           c.financial_assets
    FROM view_allocation a JOIN view_client c USING (client_number) LEFT JOIN view_tier t USING (client_number)
    LEFT JOIN view_rule r ON r.pack = 'release' AND r.rule = a.released
    ORDER BY a.legal_entity, manager, c.financial_assets DESC, client"""
_OWNERS = """
    SELECT COALESCE(owner, '–') AS owner, source, CAST(kind AS VARCHAR) AS kind, count(*) AS findings,
           count(*) FILTER (CAST(state AS VARCHAR) = 'open') AS open, min(first_seen) AS first_seen
    FROM finding GROUP BY ALL ORDER BY owner, source, kind"""
_ISSUES = """
    SELECT COALESCE(owner, '–') AS owner, source, field, CAST(rule AS VARCHAR) AS rule, checked, failed, first_seen,
           resolved
    FROM quality_issue ORDER BY resolved IS NOT NULL, owner, source, field, rule"""
_ABOUT_CLIENTS = """
    FROM (SELECT f.rule, r.reason, f.severity, count(*) AS clients, r.cites FROM view_finding f
          JOIN view_rule r ON r.pack = 'finding' AND r.rule = f.rule WHERE NOT COALESCE(f.cleared, FALSE) GROUP BY ALL)
    ORDER BY list_position(['high', 'medium', 'low'], severity), clients DESC, rule"""

REPORTS = (
    Report("clients", "Clients", "Who the bank's clients are, by kind, tier and profile.", (
        Question("Clients by kind and tier", _CLIENTS), Question("Clients by profile", _PROFILES),
    )),
    Report("result", "Financial result", "Interest earned from clients less interest paid to them.", (
        Question("Result by tier", _BY_TIER), Question("Result per client", _BY_CLIENT, 20),
    )),
    Report("portfolio", "Portfolio per manager",
           "What each manager looks after, beside the end of the last month, with five rates.", (
        Question("Managers", _MANAGERS), Question("Rates", _RATES), Question("Clients of each manager", _PORTFOLIO, 20),
    )),
    Report("findings", "Findings per owner", "What the owners of source systems and of clients should mend.", (
        Question("Source systems", _OWNERS), Question("Fields below their target", _ISSUES),
        Question("Clients", _ABOUT_CLIENTS),
    )),
)  # fmt: skip
TABLES = (
    "view_client", "view_tier", "view_risk", "view_profile", "view_manager", "view_manager_rate", "view_allocation",
    "view_rule", "view_finding", "finding", "quality_issue",
)  # fmt: skip
"""What the queries read."""
