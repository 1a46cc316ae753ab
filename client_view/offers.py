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
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_offered AS
        SELECT client_number, offer,
               unnest(min(struct_pack(rank := rank, rule := rule, kind := kind, product := product)))
        FROM ({fired})
        WHERE kind = 'up' OR NOT list_contains(COALESCE(string_split(products_held, ','), []), product)
        GROUP BY client_number, offer""")
    asked = f"(FROM {RISKY} SEMI JOIN cv_offered USING (client_number))"
    con.execute(f"""
        CREATE OR REPLACE TABLE view_offer AS
        WITH blocked AS (
            SELECT o.client_number, o.offer, string_agg(b.rule, ',' ORDER BY b.rule) AS blocked_by
            FROM cv_offered o JOIN ({fire_sql(OFFER_BLOCK, rules["offer_block"], asked, "client_number", day)}) b
              ON b.client_number = o.client_number AND (b.blocks = 'every' OR o.product IN ({listed(CREDIT)}))
            GROUP BY ALL),
        best AS (
            SELECT client_number, min(struct_pack(rank := rank, offer := offer)) AS best
            FROM cv_offered ANTI JOIN blocked USING (client_number, offer) GROUP BY client_number)
        SELECT o.*, k.blocked_by, COALESCE(b.best.offer = o.offer, FALSE) AS next_best
        FROM cv_offered o LEFT JOIN blocked k USING (client_number, offer) LEFT JOIN best b USING (client_number)""")
    con.execute("DROP TABLE cv_offered")


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


REFUSED = """EXISTS (
    SELECT 1 FROM view_consent_effective e
    WHERE e.client_number = s.client_number AND e.channel = s.channel AND e.purpose IN ('', s.purpose) AND NOT e.given
      AND (s.legal_entity IS NULL OR e.legal_entity IN ('', s.legal_entity)))"""
"""SQL: whether the client `s` of a campaign refused its channel, for its purpose or for none by name, to its legal
entity or to none by name; of a campaign without legal entity, to any."""


def campaigns(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """Write `view_campaign` and `view_campaign_count`. Reads `view_client`, `view_tier`, `view_consent_effective`.

    A refusal of the channel leaves a client out (`REFUSED`); so does a life status other than alive.
    """
    fired = fire_sql(CAMPAIGN, rules["campaign"], TIERED, "client_number, life_status", day)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_selected AS
        SELECT client_number, rule AS campaign, channel,
               COALESCE(life_status, 'alive') <> 'alive' OR {REFUSED} AS left_out
        FROM ({fired}) s""")
    con.execute("""
        CREATE OR REPLACE TABLE view_campaign AS
        SELECT campaign, client_number, channel FROM cv_selected WHERE NOT left_out""")
    con.execute("""
        CREATE OR REPLACE TABLE view_campaign_count AS
        SELECT r.rule AS campaign, count(s.campaign) AS selected, count(s.campaign) FILTER (s.left_out) AS left_out,
               count(s.campaign) FILTER (NOT s.left_out) AS listed
        FROM view_rule r LEFT JOIN cv_selected s ON s.campaign = r.rule WHERE r.pack = 'campaign' GROUP BY r.rule""")
    con.execute("DROP TABLE cv_selected")
