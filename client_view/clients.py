"""One row per client of what rules may ask: golden facts, indices, counts of what hangs on it.

Here: `view_client`, from tables made before. Amounts are decimals in the reporting currency, each holding rounded to
cents. Not here: any judgement (packs).
"""

from datetime import date

import duckdb

from client_view.before import under_tonight
from client_view.literals import dated, listed
from client_view.prices import MONEY
from rules.contracts.children import CARD_LEVELS

_STEPS = ("cv_index", "cv_flow", "cv_identity", "cv_said", "cv_tie", "cv_before")
ASSETS = ("deposits", "investments", "insurance")
"""Parts of the financial assets."""


def clients(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """Write `view_client`. Reads the golden tables, `view_*` of children, consents and relations, `cv_priced`,
    `cv_rate`, `view_before`, `ledger_number`; a merged client takes the worst days and the sum of its numbers' assets.
    """
    today = dated(day)
    for name, query in _queries(today).items():
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
    con.execute(f"CREATE OR REPLACE TABLE view_client AS {_whole(today)}")
    for step in _STEPS:
        con.execute(f"DROP TABLE {step}")


def _queries(today: str) -> dict[str, str]:
    return {
        "cv_index": _index(today), "cv_flow": _flow(today), "cv_identity": _identity(today),
        "cv_said": _said(today), "cv_tie": _TIE, "cv_before": _BEFORE,
    }  # fmt: skip


def _index(today: str) -> str:
    """Indices of the holdings; a blocked or dormant one is held, a closed one counts only for what was earned."""

    def held(products: str) -> str:
        return f"COALESCE(sum(worth) FILTER (open AND product IN ({products})), 0)"

    levels = " ".join(f"WHEN '{level}' THEN {place}" for place, level in enumerate(CARD_LEVELS, 1))
    return f"""
        SELECT client_number, count(DISTINCT product) FILTER (open) AS products,
               string_agg(DISTINCT product, ',' ORDER BY product) FILTER (open) AS products_held,
               count(*) FILTER (open) AS holdings,
               {held("'account', 'deposit'")} AS deposits, {held("'investment'")} AS investments,
               {held("'insurance'")} AS insurance,
               count(*) FILTER (product IN ('loan', 'leasing')) AS loans_issued,
               COALESCE(sum(issued) FILTER (product IN ('loan', 'leasing')), 0) AS loans_issued_sum,
               {held("'loan', 'leasing', 'card'")} AS loans_owed,
               COALESCE(sum(earned), 0) AS interest_earned, COALESCE(sum(paid), 0) AS interest_paid,
               max(days_past_due) FILTER (open) AS days_past_due,
               [{listed(CARD_LEVELS)}][max(CASE card_level {levels} END) FILTER (open)] AS card_level,
               date_diff('day', min(opened), {today}) AS tenure_days,
               count(*) FILTER (open AND worth IS NULL) AS unpriced
        FROM cv_priced GROUP BY client_number"""


def _flow(today: str) -> str:
    def moved(direction: str) -> str:
        return f"COALESCE(sum(CAST(round(amount * rate, 2) AS {MONEY})) FILTER (kind LIKE '%{direction}'), 0)"

    return f"""
        SELECT client_number, {moved("_in")} AS inflow, {moved("_out")} AS outflow
        FROM view_operation JOIN cv_rate USING (currency) WHERE CAST("at" AS DATE) = {today} GROUP BY client_number"""


def _identity(today: str) -> str:
    return f"""
        SELECT client_number, count(*) FILTER ("primary" AND well_formed) AS primary_documents,
               date_diff('day', {today}, max(expires_on) FILTER ("primary")) AS document_expires_in,
               bool_or(COALESCE(v.result, lower(verified_result)) IN ('mismatch', 'not_confirmed', 'rejected'))
                   AS document_mismatch
        FROM golden_identifier i LEFT JOIN (
            SELECT client_number, checked_type AS type, checked_number AS number,
                   arg_max(check_result, (checked_at, feed, item, ordinal)) AS result
            FROM view_document WHERE check_result <> 'unavailable' GROUP BY ALL) v USING (client_number, type, number)
        GROUP BY client_number"""


def _said(today: str) -> str:
    """What was said and asked: contacts, complaints, questionnaires, citizenships, tax residences, consents."""
    return f"""
        WITH form AS (
            SELECT client_number, source, record_id, max(filled_on) AS filled_on,
                   arg_max(complete_percent, (filled_on, -complete_percent)) AS complete
            FROM view_questionnaire WHERE kind = 'anti_money_laundering' AND filled_on IS NOT NULL
            GROUP BY client_number, source, record_id)
        SELECT client_number, min(reached) AS last_contact_days, sum(complaint) AS open_complaints,
               max(waiting) AS oldest_complaint_days, max(aml_age) AS aml_filled_days, min(aml_share) AS aml_complete,
               bool_or(refuses) AS do_not_disturb, bool_or(no_number) AS tax_number_missing,
               min(unwilling) AS refused_days, max(referred) AS referral_waits_days, max(citizens) AS citizenship,
               max(taxed) AS tax_country
        FROM (
            SELECT client_number, date_diff('day', CAST(max("at") AS DATE), {today}) AS reached FROM view_activity
            WHERE outcome IN ('reached', 'interested', 'refused') AND CAST("at" AS DATE) <= {today}
            GROUP BY client_number
            UNION ALL BY NAME
            SELECT client_number, date_diff('day', CAST(max("at") AS DATE), {today}) AS unwilling FROM view_activity
            WHERE outcome = 'refused' AND CAST("at" AS DATE) <= {today} GROUP BY client_number
            UNION ALL BY NAME
            SELECT client_number, date_diff('day', min(referred_on), {today}) AS referred FROM view_referral
            WHERE COALESCE(outcome, 'open') = 'open' AND gone_since IS NULL AND referred_on <= {today}
            GROUP BY client_number
            UNION ALL BY NAME
            SELECT client_number, 1 AS complaint, date_diff('day', opened, {today}) AS waiting FROM view_request
            WHERE kind = 'complaint' AND closed IS NULL AND status IN ('new', 'in_work')
            UNION ALL BY NAME
            SELECT client_number, date_diff('day', min(filled_on), {today}) AS aml_age, min(complete) AS aml_share
            FROM form GROUP BY client_number
            UNION ALL BY NAME
            SELECT client_number, bool_or(NOT given) AS refuses FROM view_consent_effective
            WHERE purpose IN ('', 'marketing') GROUP BY client_number
            UNION ALL BY NAME
            SELECT client_number, string_agg(DISTINCT country, ',' ORDER BY country) AS taxed,
                   bool_or(tax_number IS NULL AND no_number_reason IS NULL) AS no_number
            FROM view_tax_residence GROUP BY client_number
            UNION ALL BY NAME
            SELECT client_number, string_agg(DISTINCT country, ',' ORDER BY country) AS citizens
            FROM view_citizenship GROUP BY client_number)
        GROUP BY client_number"""


_TIE = """
    SELECT client_number, sum(associations) AS associations, max(household) AS household_size,
           max(connected) AS group_size, sum(hits) AS screening_hits,
           sum(beneficial) AS beneficial_owners, max(known) AS owners_known
    FROM (
        SELECT client_number, count(*) AS associations FROM view_association GROUP BY client_number
        UNION ALL BY NAME
        SELECT client_number, count(*) AS hits FROM view_screening
        WHERE outcome = 'hit' AND NOT cleared GROUP BY client_number
        UNION ALL BY NAME
        SELECT client_number, max(n) FILTER (layer = 'household') AS household,
               max(n) FILTER (layer = 'connected') AS connected
        FROM (SELECT *, count(*) OVER (PARTITION BY layer, group_number) AS n FROM view_group) GROUP BY client_number
        UNION ALL BY NAME
        SELECT client_number, count(*) FILTER (beneficial) AS beneficial,
               CAST(least(sum(share), 100) AS DECIMAL(9, 4)) AS known
        FROM view_owner GROUP BY client_number)
    GROUP BY client_number"""
_BEFORE = f"""
    SELECT client_number, max(worst_days_past_due) AS worst, CAST(sum(financial_assets) AS {MONEY}) AS assets
    FROM ({under_tonight("view_before")}) GROUP BY client_number"""


def _whole(today: str) -> str:
    def zero(*names: str) -> str:
        return ", ".join(f"COALESCE({name}, 0) AS {name}" for name in names)

    birthday = f"make_date(year({today}) + y, month(birth_date), least(day(birth_date), 28))"
    return f"""
        SELECT p.client_number, p.party_type, p.roles, date_sub('year', p.birth_date, {today}) AS age, p.life_status,
               p.sex, p.residence_country, p.country, s.citizenship, s.tax_country,
               COALESCE(s.tax_number_missing, FALSE) AS tax_number_missing, p.pep, p.occupation, p.legal_form,
               p.activity_code, p.registered_capital, p.total_assets, p.admin_level,
               date_diff('day', {today}, list_min(list_filter(
                   [{birthday.replace("+ y", "")}, {birthday.replace("+ y", "+ 1")}], lambda d: d >= {today})))
                   AS days_to_birthday,
               {zero("primary_documents")}, d.document_expires_in,
               COALESCE(d.document_mismatch, FALSE) AS document_mismatch, i.products_held,
               {zero("products", "holdings", *ASSETS)},
               {" + ".join(f"COALESCE({part}, 0)" for part in ASSETS)} AS financial_assets, b.assets AS assets_before,
               {zero("loans_issued", "loans_issued_sum", "loans_owed", "interest_earned", "interest_paid")},
               i.days_past_due, greatest(i.days_past_due, b.worst) AS worst_days_past_due, i.card_level,
               i.tenure_days, {zero("inflow", "outflow", "unpriced")}, s.last_contact_days, s.refused_days,
               s.referral_waits_days, {zero("open_complaints")},
               s.oldest_complaint_days, s.aml_filled_days, s.aml_complete,
               COALESCE(s.do_not_disturb, FALSE) AS do_not_disturb, t.owners_known,
               {zero("beneficial_owners", "associations", "screening_hits")},
               COALESCE(t.household_size, 1) AS household_size,
               COALESCE(t.group_size, 1) AS group_size
        FROM golden_party p LEFT JOIN cv_index i USING (client_number) LEFT JOIN cv_flow f USING (client_number)
        LEFT JOIN cv_identity d USING (client_number) LEFT JOIN cv_said s USING (client_number)
        LEFT JOIN cv_tie t USING (client_number) LEFT JOIN cv_before b USING (client_number)"""
