"""What was entered at the desk and no night has read yet, laid over a version: it counts at once where people look.

Here: the version's tables of one client, or of whoever asked not to be disturbed, as the next night would have them,
made by the night's own steps in temporary tables that hide those of the version. Not here: entering (stages/entering),
and what only a night can compute. What restricts counts at once; what a new consent allows, from the night on.
"""

from datetime import date

import duckdb
import polars as pl

from client_view import consents
from client_view.clearing import CLEARED, is_cleared, list_of
from client_view.offers import REFUSED
from rules.feeds import Feed
from rules.settings import Settings
from rules.view.packs import CAMPAIGN, FINDING, WARNING
from rules.view.shape import load_pack
from stages.entering import feed_of, records, standard
from store.duck import exists, quote, scalar
from store.entered import CLIENT, Entered, Entry, as_rows
from store.home import Home

_CONSENT, _CLEARING = "consent", "clearing"
_CLEARABLE = {
    "view_screening": "(s.list, s.entry)",
    **{f"view_{pack}": f"('{list_of(pack)}', s.rule)" for pack in (FINDING.name, WARNING.name)},
}
"""Tables of what may be cleared, each with what a clearing calls its rows."""
CLEARED_TABLES = frozenset(_CLEARABLE)
_FOLLOW = {_CONSENT: ("view_consent_effective", "view_campaign"), _CLEARING: tuple(_CLEARABLE)}
"""Tables that follow from a unit at once."""


def lay_over(
    con: duckdb.DuckDBPyConnection, home: Home, settings: Settings | None, number: str, tables: frozenset[str]
) -> list[tuple[Entry, bool]]:
    """Hide those of `tables` behind what a client has tonight; its entries, and whether each waits for the night.

    They are `view_<unit>`, `view_consent_effective`, what may be cleared and, as consents restrict it, `view_campaign`.
    """
    feed = feed_of(settings)
    if feed is None or settings is None:
        return []
    every = [(one, holds) for one, holds in Entered(home).about(records(con, number)) if one.unit != CLIENT]
    held, units = [one for one, holds in every if holds], {one.unit for one, _ in every}
    units = {unit for unit in units if tables & {f"view_{unit}", *_FOLLOW.get(unit, ())}}
    made = standard(feed, as_rows(held), units) if units else {}
    for unit in sorted(units):
        con.register("entered_now", made[f"std_{unit}"].to_arrow())
        _hide(con, unit, f"client_number = {quote(number)} AND feed <> {quote(feed.name)}")
        con.unregister("entered_now")
    if _CONSENT in units:
        _consent(con, settings, number)
    if _CLEARING in units:
        _cleared(con)
    carried = _carried(con, feed, number) if held else set()
    return [(one, one.id not in carried) for one in held]


def silent(con: duckdb.DuckDBPyConnection, home: Home, settings: Settings | None) -> None:
    """Create `silent(client_number, legal_entity, since)`: who is not to be disturbed, also if it was said just now."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE silent AS {consents.SILENT}")
    if _new(con, home, settings, _CONSENT):
        consents.effective(con, temporary=True)
        con.execute(f"""
            DELETE FROM silent WHERE client_number IN (SELECT client_number FROM view_consent_effective);
            INSERT INTO silent {consents.SILENT}""")


def cleared(con: duckdb.DuckDBPyConnection, home: Home, settings: Settings | None) -> None:
    """Hide meetings with watch lists, findings and warnings behind what compliance cleared just now."""
    if _new(con, home, settings, _CLEARING):
        _cleared(con)


def _new(con: duckdb.DuckDBPyConnection, home: Home, settings: Settings | None, unit: str) -> bool:
    """Hide `view_<unit>` behind the rows of every client of whom one was entered since the version; whether any was."""
    feed = feed_of(settings)
    if feed is None:
        return False
    asked = f"SELECT coalesce(max(TRY_CAST(item AS BIGINT)), 0) FROM std_feed WHERE feed = {quote(feed.name)}"
    upto = scalar(con, asked) if exists(con, "std_feed") else 0
    rows = Entered(home).delivered(unit=unit, after=upto)
    if rows.is_empty():
        return False
    con.register("entered_now", standard(feed, rows, {unit})[f"std_{unit}"].to_arrow())
    _hide(
        con, unit, "client_number IN (SELECT client_number FROM entered_now JOIN crosswalk USING (source, record_id))"
    )
    con.unregister("entered_now")
    return True


def _carried(con: duckdb.DuckDBPyConnection, feed: Feed, number: str) -> set[int]:
    """Entries about the client that the version has."""
    if not exists(con, "std_feed"):
        return set()
    asked = """
        SELECT TRY_CAST(item AS BIGINT) FROM std_feed SEMI JOIN (FROM crosswalk WHERE client_number = ?)
        USING (source, record_id) WHERE feed = ?"""
    return {int(item) for (item,) in con.execute(asked, [number, feed.name]).fetchall() if item is not None}


def _version(con: duckdb.DuckDBPyConnection) -> str:
    """Where the version's own tables are, which temporary ones hide."""
    [(database,)] = con.execute("SELECT current_database()").fetchall()
    return f"{database}.main"


def _hide(con: duckdb.DuckDBPyConnection, unit: str, kept: str) -> None:
    """A temporary `view_<unit>`: the version's rows that are `kept`, and those of `entered_now` under their clients."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE view_{unit} AS
        SELECT * FROM {_version(con)}.view_{unit} WHERE {kept}
        UNION ALL BY NAME
        SELECT x.client_number, s.* FROM entered_now s JOIN crosswalk x USING (source, record_id)""")


def _cleared(con: duckdb.DuckDBPyConnection) -> None:
    """Hide meetings with watch lists, findings and warnings behind what persons cleared, if enough of them did."""
    for table, keys in _CLEARABLE.items():
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE {table} AS
            SELECT s.* REPLACE (s.cleared OR {is_cleared("s.cleared_by", "c.persons")} AS cleared)
            FROM {_version(con)}.{table} s LEFT JOIN ({CLEARED}) c
              ON (c.client_number, c.evidence) = (s.client_number, s.evidence) AND (c.list, c.entry) = {keys}""")


def _consent(con: duckdb.DuckDBPyConnection, settings: Settings, number: str) -> None:
    """What the client allows now, and the campaigns that it still is in."""
    consents.effective(con, temporary=True)
    rules = load_pack(CAMPAIGN, date.today(), settings.rules_folder)
    names = ("channel", "purpose", "legal_entity")
    told = pl.DataFrame([{"campaign": rule.id, **{name: rule.gives[name] for name in names}} for rule in rules],
                        schema=dict.fromkeys(("campaign", *names), pl.String))  # fmt: skip
    version = _version(con)
    con.register("campaign_rule", told.to_arrow())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE view_campaign AS
        SELECT c.* FROM {version}.view_campaign c
        JOIN (SELECT c.client_number, r.* FROM {version}.view_campaign c JOIN campaign_rule r USING (campaign)
              WHERE c.client_number = {quote(number)}) s USING (client_number, campaign)
        WHERE NOT {REFUSED}""")
    con.unregister("campaign_rule")
