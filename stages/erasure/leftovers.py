"""Copies of a client's values beside the tables: caches, reports, published extracts, what was said with decisions,
values that a model learned.

Here: removing or rewriting each. Not here: tables, snapshots and keys (rewrite).
"""

import shutil
from html import escape

import duckdb
import polars as pl

from matching.model import forget_values
from store.decisions import Log
from store.home import Home

_SINGLE = ("given", "middle", "family", "name", "birth_date", "city", "street", "postcode", "address", "birth_place",
           "occupation", "given_key", "middle_key", "family_key", "native_key")  # fmt: skip
_LISTS = ("names", "name_words", "own_words", "numbers", "phones", "emails")
"""Columns of the match projection whose values, or words, a model counts."""


def remove_copies(home: Home, needles: list[bytes]) -> None:
    """Remove disposable copies: caches, staging, replays, extracts, and the pages and requests that hold one of
    `needles`.
    """
    for folder in (home.cache, home.staging, home.root / ".replay", home.published):
        shutil.rmtree(folder, ignore_errors=True)
    for page in (*home.reports.glob("*.html"), *home.outbox.glob("*/*.json")):
        text = page.read_bytes()
        if any(needle in text for needle in needles):
            page.unlink()
    home.prepare()


def needles(con: duckdb.DuckDBPyConnection) -> list[bytes]:
    """Texts by which a page about the subject is known: keys, names, numbers, contacts and addresses."""
    texts = " UNION ALL ".join(
        f"SELECT unnest([{columns}]) AS text, record_key FROM {table}"
        for table, columns in (("std_name", '"full", latin, ascii'), ("std_identifier", "number"),
                               ("std_contact", "value"), ("std_address", '"full"'))
    )  # fmt: skip
    found = con.execute(f"""
        SELECT DISTINCT text FROM ({texts}) SEMI JOIN subject USING (record_key) WHERE length(text) > 3
        UNION SELECT source || ':' || record_id FROM subject""").fetchall()
    return [form.encode() for (text,) in found for form in {text, escape(text)}]


def forget_words(log: Log, records: list[tuple[str, str]]) -> int:
    """Delete reason and value of every decision that names one of the records; its effect stays."""
    named = set(records)
    decided = [one.id for one in log.entries() if named & {*one.left, *one.right}]
    for decision in decided:
        log.forget(decision)
    return len(decided)


def forget_learned(con: duckdb.DuckDBPyConnection, home: Home) -> int:
    """Take values out of the models' tables that only the subject has; no record is left that would look them up.

    Reads the live version's `match_input_*`; returns how many files changed.
    """
    single, lists = ", ".join(_SINGLE), ", ".join(_LISTS)
    texts = " UNION ALL ".join(
        f"SELECT record_key, unnest(list_concat([{single}], {lists})) AS text FROM match_input_{party}"
        for party in ("person", "organisation")
    )
    words = f"SELECT record_key, unnest(list_append(string_split(text, ' '), text)) AS word FROM ({texts})"
    only: pl.DataFrame = con.sql(f"""
        SELECT word FROM ({words}) WHERE word <> '' GROUP BY word
        HAVING bool_and(record_key IN (SELECT record_key FROM subject)) ORDER BY word""").pl()
    return forget_values(home.models, only["word"])
