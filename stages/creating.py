"""Creating a client at the desk: what was typed is checked by the night's own standardisation and waits for the night.

Here: the check, keeping a new client, finding one that no night has read yet. Not here: search before create
(stages/search), the store (store/entered). The client gets its number from the night, as every record does.
"""

from collections.abc import Mapping
from datetime import date

import duckdb
import polars as pl

from quality.mapping import map_snapshot
from quality.standardise.driver import Cache
from rules.desk_source import KIND
from rules.errors import ConfigError, DecisionRefused
from rules.placeholders import Placeholders
from rules.settings import Settings
from rules.sources import Source
from rules.typed import Typed
from stages.entering import By, created
from stages.lookup import Row, plain
from stages.standardise import standard_forms
from store.entered import CLIENT, Entered, Entry, as_rows
from store.home import Home

_FORM = "client"
_NAMES = ("family", "given", "patronymic", "org_name")


def source_of(settings: Settings | None) -> Source:
    """The source that carries created clients; ConfigError where the bank declares none."""
    found = carrier(settings)
    if found is None:
        raise ConfigError("registry.yaml", "declares no source of kind desk", "add one: `name: desk`, `kind: desk`")
    return found


def carrier(settings: Settings | None) -> Source | None:
    """The same; None where the bank declares none."""
    return next((one for one in settings.sources if one.kind == KIND), None) if settings else None


def typed(fields: Mapping[str, str]) -> Typed:
    """The filled fields as search before create takes them."""
    said = {name: value for name, value in fields.items() if value}
    name = {"full": said["org_name"]} if "org_name" in said else {part: said.get(part) for part in _NAMES[:3]}
    units = {
        "names": [name] if any(name.values()) else [],
        "identifiers": _unit(said, {"type": "identifier_type", "number": "identifier_number",
                                    "country": "identifier_country", "expires_on": "identifier_expires"}, "number"),
        "contacts": [{"kind": kind, "value": said[kind]} for kind in ("phone", "email") if kind in said],
        "addresses": _unit(said, {"full": "address", "country": "country"}, "full"),
    }  # fmt: skip
    own = {name: said[name] for name in ("party_type", "birth_date", "registration_date", "sex") if name in said}
    return Typed.model_validate({**own, **units})


def create(home: Home, source: Source, fields: Mapping[str, str], declared: Placeholders, by: By) -> Entry:
    """Keep a new client; DecisionRefused where the night would flag what was typed. Its record is `(source, row)`."""
    kept = {name: " ".join(value.split()) for name, value in fields.items() if value.strip()}
    if problems := flagged(home, source, kept, declared, date.fromisoformat(by.now[:10])):
        raise DecisionRefused("client", "; ".join(problems), "correct it")
    made = {**kept, "roles": "prospect", "created_at": by.now[:10]}
    return Entered(home).add(Entry(_FORM, CLIENT, source.name, "", by.user, by.request, made))


def flagged(home: Home, source: Source, fields: Mapping[str, str], declared: Placeholders, day: date) -> list[str]:
    """What the night's standard forms say is not usable, by kind of value; never the value."""
    entry = Entry(_FORM, CLIENT, source.name, "0", "", "", fields)
    frame = created(source, as_rows([entry])).rename({"entry": "record_id"})
    mapped = map_snapshot(source, frame.with_row_index("row").cast({"row": pl.Int64}))
    keys = pl.DataFrame({"row": [0], "record_key": [-1], "source": [""], "row_hash": [""]})
    forms = standard_forms(mapped, keys, Cache(home.prepare().cache), declared, day)
    told = mapped.quarantine["reason"].to_list()
    for name, form in forms.items():
        if {"valid", "reason"} <= set(form.columns):
            bad = form.filter(~pl.col("valid")).select("reason").unique().sort("reason")["reason"].to_list()
            told += [f"{name.removeprefix('std_')}: {reason}" for reason in bad]
    if forms["std_name"].is_empty():
        told.append("a name is needed")
    return told


def waiting(con: duckdb.DuckDBPyConnection, home: Home, settings: Settings | None) -> list[Entry]:
    """Created clients that the version does not have yet, the newest first."""
    source = carrier(settings)
    if source is None:
        return []
    asked = "SELECT coalesce(max(TRY_CAST(record_id AS BIGINT)), 0) FROM crosswalk WHERE source = ?"
    [(carried,)] = con.execute(asked, [source.name]).fetchall()
    return Entered(home).of_unit(CLIENT, after=carried)[::-1]


def is_of_document(entry: Entry, kind: str, number: str) -> bool:
    """Whether a created client showed the document, written as it may be."""
    known = entry.fields.get("identifier_number", "")
    return bool(known) and (entry.fields.get("identifier_type"), plain(known)) == (kind.lower(), plain(number))


def is_named(entry: Entry, words: str, born: date | None) -> bool:
    """Whether a created client has every word of a name, and the date of birth or registration."""
    dates = {entry.fields.get("birth_date"), entry.fields.get("registration_date")}
    name = name_of(entry).casefold()
    return born is not None and born.isoformat() in dates and all(word in name for word in words.casefold().split())


def name_of(entry: Entry) -> str:
    """The name as it was typed, family name first."""
    return " ".join(entry.fields[part] for part in _NAMES if part in entry.fields)


def _unit(said: Mapping[str, str], fields: Mapping[str, str], needed: str) -> list[Row]:
    found = {name: said.get(column) for name, column in fields.items()}
    return [found] if found[needed] else []
