"""What a client may be offered, membership contracts, and lists for campaigns, each with what stands against it.

Here: baskets less what is held, blocks, vouchers, do-not-disturb. Not here: the rules (packs offer, offer_block,
membership, campaign).
"""

from datetime import date

import duckdb

from client_view.asked import RISKY, SEGMENT, TIERED
from client_view.deciding import Rules, fire_sql
from client_view.literals import listed
from rules.view.packs import CAMPAIGN, MEMBERSHIP, OFFER, OFFER_BLOCK

CREDIT = ("loan", "leasing", "card")
"""Products by which a client would owe."""
_VOUCHER = ("agreement", "name", "levels_allowed", "level", "signed_at")


def offers(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """Write `view_offer`. Reads `view_client`, `view_tier`, `view_profile`, `view_risk`.

    An offer of a product that is held is none, but for an up-sale. Blocked ones stay, with every reason.
    """
    fired = fire_sql(OFFER, rules["offer"], SEGMENT, "client_number, products_held", day)
    blocks = fire_sql(OFFER_BLOCK, rules["offer_block"], RISKY, "client_number", day)
    con.execute(f"""
        CREATE OR REPLACE TABLE view_offer AS
        WITH offered AS (
            SELECT client_number, offer, rule, kind, product, rank FROM ({fired})
            WHERE kind = 'up' OR NOT list_contains(COALESCE(string_split(products_held, ','), []), product)
            QUALIFY row_number() OVER (PARTITION BY client_number, offer ORDER BY rank, rule) = 1),
        blocked AS (
            SELECT o.client_number, o.offer, string_agg(b.rule, ',' ORDER BY b.rule) AS blocked_by
            FROM offered o JOIN ({blocks}) b
              ON b.client_number = o.client_number AND (b.blocks = 'every' OR o.product IN ({listed(CREDIT)}))
            GROUP BY ALL)
        SELECT o.*, b.blocked_by,
               b.blocked_by IS NULL AND row_number() OVER (
                   PARTITION BY o.client_number, b.blocked_by IS NULL ORDER BY o.rank, o.offer) = 1 AS next_best
        FROM offered o LEFT JOIN blocked b USING (client_number, offer)""")


def memberships(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """Write `view_membership_verdict`. Reads `view_membership`, `view_client`, `view_tier`.

    A voucher that lacks something, or asks for a level that it does not allow, is refused.
    """
    met = fire_sql(MEMBERSHIP, rules["membership"], TIERED, "client_number", day)
    lacks = [f"""CASE WHEN m.{field} IS NULL THEN '{field}' END""" for field in _VOUCHER]
    allowed = "list_contains(string_split(replace(lower(m.levels_allowed), ' ', ''), ','), m.level)"
    lacks.append(f"CASE WHEN m.level IS NOT NULL AND NOT {allowed} THEN 'level_not_allowed' END")
    con.execute(f"""
        CREATE OR REPLACE TABLE view_membership_verdict AS
        WITH met AS (SELECT client_number, level, min(rule) AS rule FROM ({met}) GROUP BY ALL),
        checked AS (
            SELECT m.*, e.rule,
                   array_to_string(list_sort(list_filter([{", ".join(lacks)}], lambda l: l <> '')), ',') AS lacking
            FROM view_membership m LEFT JOIN met e ON e.client_number = m.client_number AND e.level = m.level
            WHERE m.gone_since IS NULL)
        SELECT client_number, feed, item, ordinal, CASE WHEN problems LIKE '%level%' THEN NULL ELSE level END AS level,
               CASE WHEN lacking <> '' THEN 'refused' WHEN rule IS NOT NULL THEN 'automatic'
                    WHEN approved_by IS NOT NULL THEN 'approved' ELSE 'awaits_approval' END AS verdict,
               rule, nullif(lacking, '') AS missing
        FROM checked""")


def campaigns(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """Write `view_campaign` and `view_campaign_count`. Reads `view_client`, `view_tier`, `view_consent_effective`.

    A refusal of the channel for the purpose leaves a client out: one to the campaign's legal entity, or to none by
    name; of a campaign without legal entity, any.
    """
    fired = fire_sql(CAMPAIGN, rules["campaign"], TIERED, "client_number", day)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_selected AS
        SELECT s.client_number, s.rule AS campaign, s.channel, n.client_number IS NOT NULL AS refuses FROM ({fired}) s
        LEFT JOIN (
            SELECT DISTINCT f.client_number, f.rule FROM ({fired}) f JOIN view_consent_effective e
              ON e.client_number = f.client_number AND e.channel = f.channel AND e.purpose = f.purpose AND NOT e.given
             AND (f.legal_entity IS NULL OR e.legal_entity IN ('', f.legal_entity))) n
          ON n.client_number = s.client_number AND n.rule = s.rule""")
    con.execute("""
        CREATE OR REPLACE TABLE view_campaign AS
        SELECT campaign, client_number, channel FROM cv_selected WHERE NOT refuses""")
    con.execute("""
        CREATE OR REPLACE TABLE view_campaign_count AS
        SELECT r.rule AS campaign, count(s.campaign) AS selected, count(s.campaign) FILTER (s.refuses) AS left_out,
               count(s.campaign) FILTER (NOT s.refuses) AS listed
        FROM view_rule r LEFT JOIN cv_selected s ON s.campaign = r.rule WHERE r.pack = 'campaign' GROUP BY r.rule""")
    con.execute("DROP TABLE cv_selected")
