"""The client view of a night: child rows under clients, then consents, relations, facts, and what the packs say.

Here: composition. Every night computes all of it from standard and golden tables, the business date and the version
live before. Not here: any of the steps (client_view), the rules (rules/defaults/view).
"""

from datetime import date

import duckdb

from client_view import (
    allocation,
    children,
    clients,
    consents,
    contacts,
    judging,
    managers,
    offers,
    owners,
    prices,
    relations,
    screening,
)  # fmt: skip
from client_view.before import PARENT, before
from client_view.connected import connected
from client_view.deciding import Rules, note_rules
from client_view.depositors import depositors
from client_view.households import households
from client_view.layers import start
from rules.contracts.view import VIEW
from rules.view.packs import PACKS
from rules.view.settings import ViewSettings, load_settings
from rules.view.shape import load_pack
from stages.night import Night

READS = (
    *children.NEEDED, "ledger_number", "golden_party", "golden_name", "golden_identifier", "golden_address",
    "std_name", "std_address", "std_listed", "std_manager", "overridden",
)  # fmt: skip


def compute_view(night: Night) -> dict[str, int]:
    """Stage every `view_` table; return their row counts, the clients first."""
    bank, day = night.settings.rules_folder, night.business_date
    settings = load_settings(bank)
    rules = {pack.name: load_pack(pack, day, bank) for pack in PACKS}
    live = night.parent
    before_day = live.business_date if live else None
    with night.open(*READS, parent=PARENT) as con:
        tables(con, rules, settings, day, before_day)
        counts = night.save(con, *VIEW)
    return {"view_client": counts["view_client"], **{table: rows for table, rows in counts.items() if rows}}


def tables(
    con: duckdb.DuckDBPyConnection, rules: Rules, settings: ViewSettings, day: date, before_day: date | None
) -> None:
    """Write every `view_` table on the connection, which has what is named in `READS` and the parent's `PARENT`.

    `before_day` is the business date of the version live before.
    """
    before(con, before_day == day)
    managers.period(con, day, before_day)
    note_rules(con, rules)
    children.under_clients(con)
    consents.effective(con)
    relations.associate(con, day)
    owners.chains(con, settings.beneficial_owner_percent)
    start(con)
    households(con, settings.household_age_gap)
    connected(con)
    screening.screen(con, rules, day)
    prices.price(con, settings.rates_on(day))
    clients.clients(con, day)
    depositors(con, rules, day, settings.protected_limit)
    judging.judge(con, rules, day, settings.tier_margin_percent)
    allocation.allocate(con, rules, day, settings.first_contact_days, settings.manager_capacity)
    managers.managers(con, day, settings.core_products)
    contacts.plan(con, day, settings.contacts_per_day)
    contacts.work_log(con, day)
    offers.offers(con, rules, day)
    offers.memberships(con, rules, day)
    offers.campaigns(con, rules, day)
