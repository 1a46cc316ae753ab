"""Forms of a tab, as a visitor may fill them for a client, and what was entered before.

Here: which forms, their fields as a page asks for them, what each can be about. Not here: what forms there are
(rules/forms), keeping what is entered (stages/entering).
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import duckdb

from rules.desk import ENTER, LEAD, MAY, PROPOSE
from rules.errors import NotFound
from rules.forms import Form
from rules.settings import Settings
from rules.sources import Source
from stages.entering import By, feed_of
from stages.lookup import Row
from stages.overriding_units import REPLACES
from stewardship.client_desk.masks import masked
from stewardship.desk import Desk
from stewardship.sessions import Visitor
from stewardship.sight import Scope
from store.duck import quote, rows
from store.entered import Entry

_KEY = secrets.token_bytes(32)
"""Of this process alone: whoever is shown a number's last letters, and knows his session's secrets, finds no others by
trying which ones give the token of his page."""


@dataclass(frozen=True)
class Field:
    """A field as a page asks for it; `kind` as rules/forms has it, `value` what it begins with."""

    name: str
    kind: str
    required: bool
    choices: tuple[str, ...]
    value: str


@dataclass(frozen=True)
class Pick:
    """Something that a form can be about: the token that a page sends, how it is shown, the fields that it fills, and
    the entry of the desk that it is, if it is one.
    """

    token: str
    shown: str
    fields: Mapping[str, str]
    entry: int | None = None


@dataclass(frozen=True)
class Offered:
    """A form of a tab with its fields and what it can be about; of one that `proposes` that may be nothing."""

    name: str
    title: str
    fields: list[Field]
    picks: list[Pick] | None
    proposes: bool


def sees_new(entry: Entry, source: Source, scope: Scope) -> bool:
    """Whether a client that was created and waits for the night is in sight."""
    parts = ((scope.entities, source.legal_entity), (scope.branches, entry.fields.get("branch")))
    return all(not words or own in words for words, own in parts)


def may_fill(form: Form, role: str) -> bool:
    """Whether a role may fill a form."""
    return {PROPOSE if form.proposes else ENTER, form.may} <= MAY[role]


def may_end(entry: Entry, visitor: Visitor) -> bool:
    """Whether the visitor may end an entry: his own, or anybody's where he leads."""
    return ENTER in MAY[visitor.role] and (entry.user == visitor.name or LEAD in MAY[visitor.role])


def offered(
    con: duckdb.DuckDBPyConnection, desk: Desk, number: str, tab: str, visitor: Visitor
) -> list[Offered]:  # fmt: skip
    """Forms of a tab that the visitor may fill; without those that there is nothing for."""
    found, settings = [], desk.settings
    for name, form in desk.forms.items():
        if form.tab == tab and may_fill(form, visitor.role):
            about = picks(con, form, settings, number, visitor.role)
            if about is None or about or form.proposes:
                fields = [_field(form, each, settings) for each in form.fields]
                found.append(Offered(name, form.title, fields, about, form.proposes))
    return found


def picks(
    con: duckdb.DuckDBPyConnection, form: Form, settings: Settings | None, number: str, role: str
) -> list[Pick] | None:
    """What the form can be about; None where it is about the client alone."""
    feed = feed_of(settings)
    if form.picks is None:
        return None
    asked = _PICKS[form.picks].format(feed=quote(feed.name if feed else ""))
    return [_pick(row, role) for row in rows(con, asked, [number])]


def picked(found: list[Pick] | None, token: str) -> tuple[dict[str, str], int | None]:
    """The fields, and the entry replaced, of what was picked; NotFound where it is not there."""
    if found is None:
        return {}, None
    pick = next((one for one in found if one.token == token), None)
    if pick is None:
        raise NotFound("what the form is about", "is not there any more", "reload the page")
    return dict(pick.fields), pick.entry


def by(visitor: Visitor, request: str, settings: Settings | None) -> By:
    """The visitor as who enters, with the bank's clock."""
    return By(visitor.name, request, f"{datetime.now(_zone(settings)):%Y-%m-%dT%H:%M:%S}", visitor.manager)


def shown(entered: list[tuple[Entry, bool]], desk: Desk, tab: str, visitor: Visitor) -> list[Row]:
    """What was entered with the forms of a tab, newest first, as the visitor may see it, by the bank's clock."""
    known, zone = desk.forms, _zone(desk.settings)
    return [
        {
            "id": one.id, "form": known[one.form].title, "user": one.user, "waits": waits,
            "at": f"{datetime.fromisoformat(one.at).astimezone(zone):%Y-%m-%d %H:%M}",
            "fields": _seen(_typed(one, known), visitor.role),
            "may_end": may_end(one, visitor),
        }
        for one, waits in reversed(entered) if one.form in known and known[one.form].tab == tab
    ]  # fmt: skip


def _zone(settings: Settings | None) -> ZoneInfo:
    return ZoneInfo(settings.registry.time_zone if settings else "UTC")


def _field(form: Form, name: str, settings: Settings | None) -> Field:
    asked, kind = form.fields[name], form.asked_as(name)
    now = {"date": "%Y-%m-%d", "datetime-local": "%Y-%m-%dT%H:%M"}.get(kind, "")
    entities = tuple(each.id for each in settings.registry.legal_entities) if settings else ()
    choices = entities if name == "legal_entity" else form.choices(name)
    return Field(
        name, kind, asked.required, choices, f"{datetime.now(_zone(settings)):{now}}" if asked.now and now else ""
    )


def _pick(row: Row, role: str) -> Pick:
    entry, shown = row.pop("entry_of_desk", None), row.pop("shown", "")
    fields = {name: str(value) for name, value in row.items() if value is not None}
    told = "\x1f".join(f"{name}={value}" for name, value in sorted(fields.items()))
    token = hmac.digest(_KEY, told.encode(), "sha256").hex()[:16]
    return Pick(token, shown or " · ".join(_seen(fields, role).values()), fields, entry)


def _typed(one: Entry, known: Mapping[str, Form]) -> dict[str, str]:
    """What a person typed or chose, without what the form filled."""
    return {name: value for name, value in one.fields.items() if name not in known[one.form].sets}


def _seen(fields: Mapping[str, str], role: str) -> dict[str, str]:
    """The fields as the role may see them, without the digest of a meeting with a watch list."""
    hidden = ("evidence",) if "entry" in fields else ()
    told = {name: value for name, value in fields.items() if name not in hidden}
    if REPLACES in told:
        kind = "identifier" if "document_type" in told else "contact"
        told[REPLACES] = masked(role, [{kind: told[REPLACES]}])[0][kind]
    return dict(masked(role, [told])[0])


_PICKS = {
    "contacts": f"""
        SELECT kind AS contact_kind, value AS {REPLACES} FROM golden_contact WHERE client_number = ?
        ORDER BY position""",
    "numbers": f"""
        SELECT type AS document_type, number AS {REPLACES} FROM golden_identifier WHERE client_number = ?
        ORDER BY position""",
    "hits": """
        WITH found AS (
            SELECT client_number, cleared_by, cleared, list, entry, evidence, list || ' · ' || entry AS shown
            FROM view_screening
            UNION ALL
            SELECT client_number, cleared_by, cleared, 'pack ' || pack, rule, evidence, reason
            FROM (SELECT 'finding' AS pack, * FROM view_finding
                  UNION ALL BY NAME SELECT 'warning' AS pack, * FROM view_warning)
            JOIN view_rule USING (pack, rule)),
        said AS (
            SELECT client_number, list, entry, evidence, string_agg(DISTINCT author, ', ' ORDER BY author) AS cleared_by
            FROM view_clearing GROUP BY ALL)
        SELECT f.list, f.entry, f.evidence, concat_ws(' · ', f.shown, s.cleared_by) AS shown
        FROM found f LEFT JOIN said s USING (client_number, list, entry, evidence)
        WHERE client_number = ? AND NOT f.cleared AND f.cleared_by <> 'nobody' ORDER BY ALL""",
    "identifiers": """
        SELECT type AS checked_type, number AS checked_number FROM golden_identifier
        WHERE client_number = ? ORDER BY position""",
    "planned": """
        SELECT kind, CAST("at" AS VARCHAR) AS "at",
               CASE WHEN feed = {feed} THEN CAST(item AS INTEGER) END AS entry_of_desk
        FROM view_activity WHERE client_number = ? AND planned AND gone_since IS NULL
        ORDER BY "at", feed, item, ordinal""",
}
