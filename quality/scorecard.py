"""The quality score: how complete and how valid each field of each source is.

Here: one table, computed by SQL from the standardised tables. Not here: blocking checks (`checks`), or how the score
is shown (`stages/report`).
"""

import duckdb

from rules.contracts.standard import SCALARS_ORGANISATION, SCALARS_PERSON

_UNITS = (
    ("name", "std_name", "kind"),
    ("identifier", "std_identifier", "type"),
    ("address", "std_address", "kind"),
    ("contact", "std_contact", "kind"),
)


def score(con: duckdb.DuckDBPyConnection) -> None:
    """Create `quality_score(source, field, rows, filled, valid)`, ordered by source and field.

    `rows` are the source's records that may have the field (persons or not persons; all for names, identifiers,
    addresses and contacts, whose field is `name.current`, `identifier.passport` …), `filled` those where the source
    gave a value, `valid` those with a usable one.
    """
    parts = [
        _scalar_query(SCALARS_PERSON, "party_type = 'person'"),
        _scalar_query(SCALARS_ORGANISATION, "party_type <> 'person'"),
        *(_unit_query(*unit) for unit in _UNITS),
    ]
    con.execute(f"""
        CREATE OR REPLACE TABLE quality_score AS
        SELECT source, field, rows::BIGINT AS rows, filled::BIGINT AS filled, valid::BIGINT AS valid
        FROM ({" UNION ALL ".join(parts)}) WHERE rows > 0 ORDER BY source, field
    """)


def _scalar_query(fields: tuple[str, ...], who: str) -> str:
    """One scan for all scalars; a flagged value lives in `std_value`, with or without a standard form."""
    counts = ", ".join(f"count({field}) AS {field}" for field in fields)
    names = ", ".join(f"'{field}'" for field in fields)
    empty = "CASE field " + " ".join(f"WHEN '{field}' THEN {field} IS NULL" for field in fields) + " END"
    return f"""
        SELECT source, field, rows, present + coalesce(lost, 0) AS filled, present - coalesce(doubtful, 0) AS valid
        FROM (
            UNPIVOT (SELECT source, count(*) AS rows, {counts} FROM std_record WHERE {who} GROUP BY source)
            ON {", ".join(fields)} INTO NAME field VALUE present
        ) LEFT JOIN (
            SELECT source, field,
                count(*) FILTER (WHERE raw IS NOT NULL AND {empty}) AS lost,
                count(*) FILTER (WHERE NOT valid AND NOT {empty}) AS doubtful
            FROM std_value JOIN std_record USING (record_key) WHERE field IN ({names}) AND {who} GROUP BY source, field
        ) USING (source, field)
    """


def _unit_query(unit: str, table: str, kind: str) -> str:
    """Every kind of the unit that any source has, for every source."""
    return f"""
        SELECT source, '{unit}.' || kind AS field, rows, coalesce(filled, 0) AS filled, coalesce(valid, 0) AS valid
        FROM (SELECT source, count(*) AS rows FROM std_record GROUP BY source)
        CROSS JOIN (SELECT DISTINCT {kind} AS kind FROM {table})
        LEFT JOIN (
            SELECT source, kind, count(*) AS filled, count(*) FILTER (WHERE usable) AS valid FROM (
                SELECT source, c.{kind} AS kind, bool_or(c.valid) AS usable
                FROM {table} c JOIN std_record r USING (record_key) GROUP BY source, c.{kind}, record_key
            ) GROUP BY source, kind
        ) USING (source, kind)
    """
