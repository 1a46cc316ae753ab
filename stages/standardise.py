"""Raw snapshot of one source → its share of the `std_*` tables and of quarantine.

Here: which standardiser works on which frame. Not here: any standard form (quality/standardise), the mapping
(quality/mapping).
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import polars as pl

from quality.mapping import Mapped, map_snapshot
from quality.standardise import addresses, emails, identifiers, names, phones
from quality.standardise.dates import standardise_dates
from quality.standardise.driver import Cache, Compute, remembered
from rules.contracts.standard import STANDARD
from rules.documents import load_documents
from rules.fingerprint import fingerprint
from rules.placeholders import Placeholders, load_placeholders
from rules.settings import Settings
from rules.sources import Source
from stages import spread, staged
from stages.changed import unchanged_records
from stages.night import Night
from stages.scalars import is_blank, standardise_scalars
from store import keymap, snapshots, tables
from store.code import forms_version
from store.duck import quote

Progress = Callable[[str], None]
ROWS = 500_000
"""Rows of which all standard forms are in memory at once: those of a large source are not."""
LOST = "not_carried"
"""Folder with the parent's records of each source whose standard forms are not carried on."""
FORMS = tuple(name for name in STANDARD if name != "quarantine")
_NAME_KEY = ["full", "given", "middle", "patronymic", "family", "suffix", "title", "order", "script", "party_type"]
_ADDRESS_KEY = ["full", "street", "house", "unit", "city", "district", "region", "postcode", "country"]


def standardise(night: Night, source: Source) -> dict[str, int]:
    """Standardise the rows of one source that the parent has not, note what it loses; row counts of the new ones."""
    with night.open(parent=STANDARD) as con:
        rows = _new_rows(con, night, source)
        refused = snapshots.read_refused(night.home, source.series, night.business_date)
        for name in STANDARD:
            con.execute(f"CREATE TEMP TABLE {name} AS {tables.empty_sql(STANDARD[name])}")
        _add(con, {"quarantine": refused})
        for some in rows.iter_slices(ROWS):
            mapped, frames = _forms_of(con, night, source, some, night.home.cache)
            _add(con, {**frames, "quarantine": _quarantine(source, mapped, some)})
        _note_lost(con, night, source)
        return night.save_part(con, source.name, *STANDARD)


def _new_rows(con: duckdb.DuckDBPyConnection, night: Night, source: Source) -> pl.DataFrame:
    """The night's usable rows, but for records that are `unchanged`: a table that is made here."""
    rows = snapshots.scan(night.home, source.series, night.business_date)
    con.register("delivered", rows.select("record_id").collect().to_arrow())
    unchanged_records(con, night, source)
    return snapshots.of_records(rows, con.sql("FROM delivered ANTI JOIN unchanged USING (record_id)").pl())


def _note_lost(con: duckdb.DuckDBPyConnection, night: Night, source: Source) -> None:
    path = night.folder / LOST / f"{source.name}.parquet"
    path.parent.mkdir(exist_ok=True)
    lost = f"FROM parent_std_record ANTI JOIN unchanged USING (record_key) WHERE source = {quote(source.name)}"
    con.execute(f"COPY (SELECT record_key {lost} ORDER BY 1) TO {quote(str(path))} (FORMAT parquet)")


def carry_on(night: Night) -> None:
    """Keep the parent's standard forms of all unchanged records, once for all sources: it loses the others'.

    Those of a source that is no longer declared are lost too.
    """
    if night.plan.standard:
        return
    names = [source.name for source in night.settings.sources]
    noted = ", ".join(quote(str((night.folder / LOST / f"{name}.parquet").resolve())) for name in names)
    with night.open(parent=["std_record"]) as con:
        con.execute(f"""
            CREATE TEMP TABLE not_carried AS SELECT record_key FROM read_parquet([{noted}])
            UNION ALL SELECT record_key FROM parent_std_record WHERE source NOT IN ({", ".join(map(quote, names))})""")
        for name in FORMS:
            staged.write_lost(con, night, name, "not_carried")


def from_scratch(con: duckdb.DuckDBPyConnection, night: Night, source: Source, wanted: pl.DataFrame) -> None:
    """Add the standard forms of the records `wanted` (record_id) to tables `std_*`, without cache or parent."""
    some = snapshots.of_records(snapshots.scan(night.home, source.series, night.business_date), wanted)
    _add(con, _forms_of(con, night, source, some, night.folder / "certified" / source.name)[1])


def _forms_of(
    con: duckdb.DuckDBPyConnection, night: Night, source: Source, rows: pl.DataFrame, folder: Path
) -> tuple[Mapped, dict[str, pl.DataFrame]]:
    _hash_rows(con, source, rows)
    mapped = map_snapshot(source, rows)
    return mapped, _frames(night, mapped, _keys(con, night, source, mapped), folder)


def _add(con: duckdb.DuckDBPyConnection, frames: dict[str, pl.DataFrame]) -> None:
    """Add the rows of frames to the tables of their names."""
    for name, frame in frames.items():
        con.register("new_rows", frame.to_arrow())
        con.execute(f"INSERT INTO {name} {tables.cast_sql(STANDARD[name], 'new_rows')}")
        con.unregister("new_rows")


def _hash_rows(con: duckdb.DuckDBPyConnection, source: Source, rows: pl.DataFrame) -> None:
    """Table `row_hash(row, record_id, row_hash)`: a hash over the texts of each raw row."""
    con.register("raw_rows", rows.to_arrow())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE row_hash AS
        SELECT "row", record_id, md5(concat_ws(chr(31), {_hashed(source, rows.columns)})) AS row_hash FROM raw_rows""")


def _keys(con: duckdb.DuckDBPyConnection, night: Night, source: Source, mapped: Mapped) -> pl.DataFrame:
    """`row`, `record_key`, `source`, `row_hash` of every mapped record; unknown records get their key here."""
    con.register("mapped_records", mapped.records.select("row", "record_id").to_arrow())
    keymap.register(con, night.home, source.name, "mapped_records")
    keys: pl.DataFrame = con.sql(f"""
        SELECT m."row", k.record_key, k.source, h.row_hash FROM mapped_records m
        JOIN key_map k ON k.source = '{source.name}' AND k.record_id = m.record_id
        JOIN row_hash h ON h."row" = m."row" ORDER BY m."row" """).pl()
    return keys


def _hashed(source: Source, columns: list[str]) -> str:
    """The texts that a row's hash is made of: it changes exactly when the standard form may.

    A gone record that is closed gets another form, whatever the date; one that is kept looks as before.
    """
    own = [name for name in columns if name not in ("row", snapshots.GONE)]
    texts = [f'coalesce(CAST("{name}" AS VARCHAR), chr(30))' for name in own]
    if source.when_gone == "close" and snapshots.GONE in columns:
        texts.append(f"CASE WHEN {snapshots.GONE} IS NOT NULL THEN 'closed' END")
    return ", ".join(texts)


def _frames(night: Night, mapped: Mapped, keys: pl.DataFrame, folder: Path) -> dict[str, pl.DataFrame]:
    """The standard tables of one source as frames; `folder` keeps the standard forms of distinct values."""
    cache = Cache(folder, elsewhere=partial(spread.compute_all, night) if spread.is_spread(night) else None)
    return standard_forms(mapped, keys, cache, placeholders_of(night.settings), night.business_date)


def placeholders_of(settings: Settings) -> Placeholders:
    """The declared placeholders, the bank's own over the shipped ones."""
    overlay = settings.overlay("placeholders.yaml")
    return load_placeholders(overlay if overlay and overlay.exists() else None)


def standard_forms(
    mapped: Mapped, keys: pl.DataFrame, cache: Cache, declared: Placeholders, business_date: date
) -> dict[str, pl.DataFrame]:
    """The standard tables FORMS of mapped records as frames; `keys` has row, record_key, source and row_hash."""
    record, value = standardise_scalars(mapped.records, mapped.date_formats, cache, declared, business_date)
    link = keys.select("row", "record_key")
    frames = {
        "std_record": keys.join(record, on="row", how="inner", maintain_order="left"),
        "std_value": value.join(link, on="row", how="inner", maintain_order="left"),
        "std_name": _forms(mapped.names, _NAME_KEY, names.standardise_names, cache, "name", names.VERSION),
        "std_identifier": _identifiers(mapped, cache, declared),
        "std_address": _addresses(mapped, cache, declared),
        "std_contact": _contacts(mapped, cache, declared),
    }
    return {
        name: frame if "record_key" in frame.columns else frame.join(link, on="row", how="inner", maintain_order="left")
        for name, frame in frames.items()
    }


def _forms(
    frame: pl.DataFrame, key: list[str], compute: Compute, cache: Cache, kind: str, version: str
) -> pl.DataFrame:
    """`frame` with the columns of the standard form in place of its raw ones."""
    forms = remembered(frame, key, compute, cache, kind, f"{version}-{forms_version()}")
    kept = [column for column in frame.columns if column not in forms.columns]
    return pl.concat([frame.select(kept), forms], how="horizontal")


def _identifiers(mapped: Mapped, cache: Cache, declared: Placeholders) -> pl.DataFrame:
    documents = load_documents()

    def compute(distinct: pl.DataFrame) -> pl.DataFrame:
        return identifiers.standardise_identifiers(distinct, documents, declared)

    version = f"{identifiers.VERSION}-{fingerprint(declared, documents)}"
    frame = _forms(mapped.identifiers, ["type", "number", "country"], compute, cache, "identifier", version)
    return _dated(frame, mapped, "identifiers", ("issued_on", "expires_on", "verified_on"), declared)


def _addresses(mapped: Mapped, cache: Cache, declared: Placeholders) -> pl.DataFrame:
    frame = _forms(mapped.addresses, _ADDRESS_KEY, addresses.standardise_addresses, cache, "address", addresses.VERSION)
    return _dated(frame, mapped, "addresses", ("from_date", "to_date"), declared)


def _contacts(mapped: Mapped, cache: Cache, declared: Placeholders) -> pl.DataFrame:
    """E-mails and messengers by their text, everything else as a phone."""
    written = pl.col("kind").is_in(["email", "messenger"])
    mail, phone = mapped.contacts.filter(written), mapped.contacts.filter(~written)
    mail_version, phone_version = (f"{v}-{fingerprint(declared)}" for v in (emails.VERSION, phones.VERSION))

    def as_mail(distinct: pl.DataFrame) -> pl.DataFrame:
        return emails.standardise_emails(distinct, declared)

    def as_phone(distinct: pl.DataFrame) -> pl.DataFrame:
        return phones.standardise_phones(distinct, declared)

    parts = [
        _forms(mail, ["value"], as_mail, cache, "email", mail_version),
        _forms(phone, ["value", "country"], as_phone, cache, "phone", phone_version),
    ]
    columns = ["row", "ordinal", "kind", "raw", "value", "valid", "reason", "preferred", "from_date", "to_date"]
    both = pl.concat([part.select(columns) for part in parts]).sort("row", "ordinal")
    preferred = pl.col("preferred").str.to_lowercase().is_in(["true", "1", "y", "yes"]).fill_null(False)
    dated = _dated(both.with_columns(preferred), mapped, "contacts", ("from_date", "to_date"), declared)
    return dated.with_columns(pl.col("valid").fill_null(False))


def _dated(
    frame: pl.DataFrame, mapped: Mapped, place: str, fields: tuple[str, ...], declared: Placeholders
) -> pl.DataFrame:
    """Date columns of a child table parsed by their declared formats; what cannot be read is left empty."""
    parsed = {}
    for field in fields:
        if is_blank(frame[field]):
            parsed[field] = frame[field].cast(pl.Date)
            continue
        shape = mapped.date_formats.get(f"{place}.{field}")
        formats, pivot = (shape.formats, shape.pivot) if shape else ((), None)
        parsed[field] = standardise_dates(frame[field], formats, pivot, "event", None, declared)["standard"]
    return frame.with_columns(**parsed)


def _quarantine(source: Source, mapped: Mapped, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows refused by the mapping."""
    keyed = mapped.quarantine.join(rows.select("row", "record_id"), on="row", how="left")
    return keyed.with_columns(pl.lit(source.name).alias("source"))
