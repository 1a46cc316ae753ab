"""Example clusters with why: members side by side, the golden record, the edges that hold them together.

Here: choosing a handful by declared interest and laying them out. Client values leave this module only when the
caller says so; otherwise equal letters stand for equal values. Not here: explaining one pair in depth
(`registry explain`).
"""

import re
from collections.abc import Sequence

import duckdb

from matching.model import MICRO
from stages.report.tables import Row
from store.duck import rows

MEMBERS, EDGES = 6, 5
"""Members and edges that a card shows at most; the rest is counted."""

PICKS = (
    ("Largest cluster", "true", "size DESC"),
    ("Seen by most sources", "true", "sources DESC, size DESC"),
    ("Weakest link", "true", "weakest"),
    ("Has an item for the steward", "reviews > 0", "reviews DESC, size DESC"),
    ("Largest organisation", "NOT person", "size DESC"),
    ("Names in several scripts", "scripts > 1", "scripts DESC, size DESC"),
    ("Names most unlike", "names > 1", "names DESC, size DESC"),
    ("A clear pair", "size = 2", "weakest DESC"),
)
"""Title, condition and order of each example; a cluster is shown once, under the first title that finds it."""

_STATISTICS = """
CREATE OR REPLACE TEMP TABLE _report_cluster AS
WITH member AS (
    SELECT cluster_key, count(*) AS size, count(DISTINCT source) AS sources, bool_and(party_type = 'person') AS person
    FROM clusters JOIN std_record USING (record_key) GROUP BY cluster_key HAVING count(*) > 1
), pair AS (
    SELECT record_key_l, record_key_r, weight FROM pairs_person
    UNION ALL SELECT record_key_l, record_key_r, weight FROM pairs_organisation
), edge AS (
    SELECT l.cluster_key, record_key_l, record_key_r, weight FROM pair
    JOIN clusters l ON l.record_key = record_key_l JOIN clusters r ON r.record_key = record_key_r
    WHERE l.cluster_key = r.cluster_key
), best AS (
    SELECT cluster_key, record_key, max(weight) AS weight FROM (
        SELECT cluster_key, record_key_l AS record_key, weight FROM edge
        UNION ALL SELECT cluster_key, record_key_r, weight FROM edge
    ) GROUP BY ALL
), link AS (SELECT cluster_key, min(weight) AS weakest FROM best GROUP BY cluster_key),
alarm AS (
    SELECT cluster_key, count(*) AS reviews FROM (
        SELECT cluster_key FROM review JOIN clusters ON record_key = record_key_l
        UNION ALL SELECT cluster_key FROM review JOIN clusters ON record_key = record_key_r
    ) GROUP BY cluster_key
), naming AS (
    SELECT cluster_key, count(DISTINCT script) AS scripts, count(DISTINCT ascii) AS names
    FROM std_name JOIN clusters USING (record_key) GROUP BY cluster_key
)
SELECT m.*, l.weakest, coalesce(a.reviews, 0) AS reviews, coalesce(n.scripts, 0) AS scripts,
    coalesce(n.names, 0) AS names, head.source AS head_source, head.record_id AS head_id
FROM member m JOIN std_record head ON head.record_key = m.cluster_key
LEFT JOIN link l USING (cluster_key) LEFT JOIN alarm a USING (cluster_key) LEFT JOIN naming n USING (cluster_key)
"""
_UNITS = """
{names} AS name,
(SELECT list(type || ' ' || number ORDER BY type, number, {order}) FILTER (number IS NOT NULL)
    FROM shown_{layer}_identifier u
    WHERE u.{key} = p.{key}) AS documents,
(SELECT list(value ORDER BY value, {order}) FILTER (value IS NOT NULL) FROM shown_{layer}_contact u
    WHERE u.{key} = p.{key}) AS contacts,
(SELECT list(u.full ORDER BY kind, {order}) FILTER (u.full IS NOT NULL) FROM shown_{layer}_address u
    WHERE u.{key} = p.{key}) AS address
"""
_ALL_NAMES = """(SELECT list(u.full ORDER BY ordinal) FILTER (u.full IS NOT NULL) FROM shown_std_name u
    WHERE u.record_key = p.record_key)"""
_SHOWN_NAME = "[p.display_name]"
_SCALARS = """
[CAST(coalesce(p.birth_date, p.registration_date) AS VARCHAR)] AS date, [p.sex] AS sex,
[coalesce(p.residence_country, p.country)] AS country
"""
_MEMBERS = f"""
SELECT p.record_key, p.source, p.record_id, x.client_number, {_SCALARS},
    {_UNITS.format(layer="std", key="record_key", order="ordinal", names=_ALL_NAMES)}
FROM shown_clusters c JOIN shown_std_record p USING (record_key) LEFT JOIN shown_crosswalk x USING (record_key)
WHERE c.cluster_key = ? ORDER BY p.source, p.record_id LIMIT ?
"""
_GOLDEN = f"""
SELECT {_SCALARS}, {_UNITS.format(layer="golden", key="client_number", order="position", names=_SHOWN_NAME)}
FROM shown_golden_party p WHERE client_number = ?
"""
_EDGES = """
SELECT * FROM (
    SELECT record_key_l, record_key_r, weight, levels FROM shown_pairs_person
    UNION ALL SELECT record_key_l, record_key_r, weight, levels FROM shown_pairs_organisation
) WHERE record_key_l IN (SELECT unnest(?)) AND record_key_r IN (SELECT unnest(?))
"""
_SHOWN = {
    **dict.fromkeys(("crosswalk", "std_record", "std_name", "std_identifier", "std_contact", "std_address"), """
        SEMI JOIN shown_clusters USING (record_key)"""),
    **dict.fromkeys(("golden_party", "golden_identifier", "golden_contact", "golden_address"), """
        SEMI JOIN shown_crosswalk USING (client_number)"""),
    **dict.fromkeys(("pairs_person", "pairs_organisation"), """
        WHERE record_key_l IN (SELECT record_key FROM shown_clusters)"""),
}  # fmt: skip
"""Tables that the cards read, and which of their rows."""
_FIELDS = ("name", "date", "sex", "country", "documents", "contacts", "address")


def examples(con: duckdb.DuckDBPyConnection, show_values: bool) -> list[Row]:
    """Up to eight cards: title, number, size, members, comparison rows, edges."""
    con.execute(_STATISTICS)
    chosen = _choose(con)
    _fetch(con, [cluster["cluster_key"] for _, cluster in chosen])
    cards = [_card(con, title, cluster, show_values) for title, cluster in chosen]
    for table in ("_report_cluster", "shown_clusters", *(f"shown_{name}" for name in _SHOWN)):
        con.execute(f"DROP TABLE {table}")
    return cards


def _fetch(con: duckdb.DuckDBPyConnection, clusters: list[int]) -> None:
    """Tables `shown_*`: what the cards read, taken once from the whole tables."""
    made = "CREATE OR REPLACE TEMP TABLE shown_{} AS FROM {}"
    con.execute(f"{made.format('clusters', 'clusters')} WHERE cluster_key IN (SELECT unnest(?))", [clusters])
    for table, which in _SHOWN.items():
        con.execute(f"{made.format(table, table)} {which}")


def _choose(con: duckdb.DuckDBPyConnection) -> list[tuple[str, Row]]:
    """One cluster per pick, none twice; ties go to the least (source, record_id)."""
    chosen: dict[int, tuple[str, Row]] = {}
    for title, condition, order in PICKS:
        found = rows(con, f"""
            SELECT * FROM _report_cluster WHERE {condition}
            ORDER BY {order} NULLS LAST, head_source, head_id LIMIT {len(PICKS)}
        """)  # fmt: skip
        fresh = next((cluster for cluster in found if cluster["cluster_key"] not in chosen), None)
        if fresh:
            chosen[fresh["cluster_key"]] = (title, fresh)
    return list(chosen.values())


def _card(con: duckdb.DuckDBPyConnection, title: str, cluster: Row, show_values: bool) -> Row:
    members = rows(con, _MEMBERS, [cluster["cluster_key"], MEMBERS])
    number = members[0]["client_number"]
    golden = next(iter(rows(con, _GOLDEN, [number])), dict.fromkeys(_FIELDS))
    edges = _edges(con, [member["record_key"] for member in members])
    compared = [_compare(field, [golden, *members], show_values) for field in _FIELDS]
    return {
        "title": title, "number": number, "size": cluster["size"], "sources": cluster["sources"],
        "person": cluster["person"], "weakest": _bits(cluster["weakest"]),
        "members": [{"source": m["source"], "record_id": m["record_id"]} for m in members],
        "compared": [row for row in compared if any(row["cells"])],
        "edges": edges[:EDGES], "more_edges": max(0, len(edges) - EDGES),
    }  # fmt: skip


def _compare(field: str, parties: Sequence[Row], show_values: bool) -> Row:
    """One line of the table: golden first, then members; hidden values become letters, equal for equal values.

    `verdict` compares the members that have the field: empty when fewer than two have it.
    """
    golden, *members = [[str(item) for item in party[field] or () if item is not None] for party in parties]
    letters = _letters([item for items in members for item in items])
    cells = [
        " · ".join(items if show_values else [letters.get(item.casefold(), "✱") for item in items])
        for items in (golden, *members)
    ]
    sets = [{item.casefold() for item in items} for items in members if items]
    verdict = "" if len(sets) < 2 else "agrees" if all(items == sets[0] for items in sets) else "differs"
    return {"field": field, "cells": cells, "verdict": verdict}


def _letters(items: Sequence[str]) -> dict[str, str]:
    """A letter per distinct value, in the order of the members; after Z with a number."""
    distinct = list(dict.fromkeys(item.casefold() for item in items))
    return {item: chr(ord("A") + n % 26) + (str(n // 26) if n >= 26 else "") for n, item in enumerate(distinct)}


def _edges(con: duckdb.DuckDBPyConnection, keys: list[int]) -> list[Row]:
    """Edges among the shown members by their number on the card, strongest first."""
    place = {key: number for number, key in enumerate(keys, start=1)}
    found = [
        {"ends": sorted((place[edge["record_key_l"]], place[edge["record_key_r"]])), "weight": edge["weight"],
         "bits": _bits(edge["weight"]), "levels": _levels(edge["levels"])}
        for edge in rows(con, _EDGES, [keys, keys])
    ]  # fmt: skip
    return sorted(found, key=lambda edge: (-edge["weight"], edge["ends"]))


def _levels(text: str) -> list[tuple[str, str]]:
    """`name=level` parts of an edge, in model order."""
    parts = [part.strip() for part in re.split(r"[;,|\n]", text)]
    return [(name, level) for name, _, level in (part.partition("=") for part in parts if part)]


def _bits(weight: int | None) -> str:
    return "–" if weight is None else f"{weight / MICRO:+.1f}"
