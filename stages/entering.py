"""Entering at the client desk: a filled form becomes a row of the store, held to what a night would make of it.

Here: who a row hangs on, its check by the night's own steps, and the rows as a delivery. Not here: forms
(rules/forms), the store (store/entered), what is shown before the night (stages/tonight). A row hangs on a record of
the client, so that it goes with that record through merges and splits, as every row of a feed does.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import IO

import duckdb
import polars as pl

from quality.children import standard_units
from rules.contracts import children
from rules.desk import LARGEST_FILE
from rules.desk_source import CLIENT as FIELDS_OF_CLIENT
from rules.desk_source import KIND, column
from rules.errors import ConfigError, DecisionRefused, NotFound
from rules.feeds import Feed
from rules.forms import Form
from rules.load import nearest
from rules.settings import Settings
from rules.sources import Source
from store import uploads
from store.entered import CLIENT, Entered, Entry, Record
from store.home import Home

_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
"""How a browser writes a time."""


@dataclass(frozen=True)
class By:
    """Who enters, when by the bank's clock (`2026-03-03T10:00:00`); a `request` key makes sending twice harmless."""

    user: str
    request: str
    now: str
    manager: str = ""


def feed_of(settings: Settings | None) -> Feed | None:
    """The feed that carries what is entered; None where the bank declares none."""
    return next((feed for feed in settings.feeds if feed.kind == KIND), None) if settings else None


def needed_feed(settings: Settings | None) -> Feed:
    """The same; ConfigError where there is none, since nothing would ever carry what is entered."""
    found = feed_of(settings)
    if found is None:
        raise ConfigError(
            "registry.yaml", "declares no feed of kind desk", "add one: `name: desk_entries`, `kind: desk`"
        )
    return found


def records(con: duckdb.DuckDBPyConnection, number: str) -> list[Record]:
    """Source keys of a live client, in their order; what is entered hangs on the first."""
    found = con.execute("SELECT source, record_id FROM crosswalk WHERE client_number = ? ORDER BY ALL", [number])
    return [(str(source), str(key)) for source, key in found.fetchall()]


def enter(
    home: Home, feed: Feed, of: tuple[str, Form], record: Record, values: Mapping[str, str], by: By,
    about: tuple[Mapping[str, str], int | None] = ({}, None),
) -> Entry:  # fmt: skip
    """Keep what a form named and given in `of` says of a record; `about`: fields of what was picked, the row replaced.

    Raises DecisionRefused naming the field where a night could not use it.
    """
    name, form = of
    picked, replaces = about
    filled = {field: _clean(value) for field, value in values.items() if value.strip()}
    _asked_for(form, filled)
    said = {field: _set(form, field, by) for field in form.sets} | dict(picked) | filled
    kept = {field: value for field, value in said.items() if value}
    assert_readable(feed, form.unit, kept)
    return Entered(home).add(Entry(name, form.unit, *record, by.user, by.request, kept, replaces))


def taken_in(home: Home, form: Form, files: Mapping[str, IO[bytes]]) -> dict[str, str]:
    """Keep the files that were chosen for a form, as the fields of the document that they are copies of.

    Raises DecisionRefused for a field that asks for no file, and for what is no PNG, JPEG or PDF or too large.
    """
    for field in files:
        if field not in form.fields or form.asked_as(field) != "file":
            raise DecisionRefused(form.title, f"takes no file as '{field}'", "choose it in its own field")
    kept: dict[str, str] = {}
    for field, content in files.items():
        digest = uploads.keep(home, content, LARGEST_FILE)
        kept |= {field: digest, "file_ref": f"{uploads.PREFIX}{digest}"}
    return kept


def end(home: Home, known: Iterable[Entry], entry: int, by: By) -> Entry:
    """End a row among those `known` of a client: a night no longer gets it; NotFound where there is none."""
    found = next((one for one in known if one.id == entry), None)
    if found is None:
        raise NotFound("entry", "is none of this client's that holds", "reload the page")
    return Entered(home).add(
        Entry(found.form, found.unit, found.source, found.record_id, by.user, by.request, replaces=entry)
    )


def assert_readable(feed: Feed, unit: str, fields: Mapping[str, str]) -> None:
    """Raise DecisionRefused where the night's own standard form of the row has problems, or there would be no row."""
    row = {"id": 0, "unit": unit, "source": "", "record_id": "", "fields": json.dumps(dict(fields))}
    made = standard(feed, pl.DataFrame([row]), {unit})[f"std_{unit}"]
    if made.is_empty():
        raise DecisionRefused(unit, "says nothing", "fill its fields")
    if problems := made["problems"][0]:
        raise DecisionRefused(unit, f"a night could not read: {problems}", "correct it")


def standard(feed: Feed, rows: pl.DataFrame, units: Collection[str]) -> dict[str, pl.DataFrame]:
    """Rows of the store as a night would have them: by `std_` table those of `units`."""
    feed = feed.model_copy(update={"map": tuple(entry for entry in feed.map if entry.target in units)})
    wide = about_clients(feed, rows).rename({"entry": "record_id"}).with_row_index("row").cast({"row": pl.Int64})
    return dict(standard_units(feed, wide))


def about_clients(feed: Feed, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the store in the columns of a feed of `kind: desk`."""
    parts = [_spread(rows.filter(unit=unit), tuple(children.fields(unit)), unit) for unit in children.UNITS]
    return _in_columns(feed, pl.concat(parts, how="diagonal").sort(pl.col("entry").cast(pl.Int64)))


def created(source: Source, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the store that make clients, in the columns of a source of `kind: desk`."""
    return _in_columns(source, _spread(rows.filter(unit=CLIENT), FIELDS_OF_CLIENT, ""))


def _spread(rows: pl.DataFrame, fields: Iterable[str], unit: str) -> pl.DataFrame:
    """One column per field of a unit."""
    names = {name: column(unit, name) if unit else name for name in fields}
    decoded = pl.col("fields").str.json_decode(pl.Struct(dict.fromkeys(names, pl.String)))
    said = decoded.struct.rename_fields(list(names.values())).alias("_said")
    owner = {"of_source": "source", "of_record": "record_id"} if unit else {}
    key = pl.col("id").cast(pl.String) if unit else pl.col("record_id")
    owners = (pl.col(old).alias(new) for new, old in owner.items())
    return rows.select(key.alias("entry"), *owners, said).unnest("_said")


def _in_columns(source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    declared = source.contract.columns
    missing = [pl.lit(None, pl.String).alias(name) for name in declared if name not in frame.columns]
    return frame.with_columns(missing).select(list(declared))


def _asked_for(form: Form, filled: Mapping[str, str]) -> None:
    """Everything that the form requires, nothing that it has not."""
    for name, asked in form.fields.items():
        if asked.required and name not in filled:
            raise DecisionRefused(form.title, f"needs {name}", "fill it")
    for name, value in filled.items():
        if name not in form.fields:
            raise DecisionRefused(form.title, f"has no field '{name}'", nearest(name, form.fields))
        choices = form.choices(name)
        if choices and value not in choices:
            raise DecisionRefused(form.title, f"{name} is one of {', '.join(choices)}", "choose one")


def _clean(value: str) -> str:
    text = " ".join(value.split())
    return f"{text}:00" if _MINUTE.fullmatch(text) else text


def _set(form: Form, name: str, by: By) -> str:
    """What a form fills for whoever enters."""
    now = by.now[:10] if form.asked_as(name) == "date" else by.now
    value = form.sets[name]
    return {"$user": by.user, "$manager": by.manager or by.user, "$now": now}.get(value, value)
