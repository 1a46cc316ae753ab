"""What a row of each declared table becomes when records are erased.

Here: SQL from the contracts: a table that a later release declares is covered by its columns. Not here: files. The
record's name becomes a keyed hash, its values go, membership and edges stay, so that nobody else's record changes.
"""

from collections.abc import Callable

import dataframely as dy

from golden_record.history import values
from rules.contracts import TABLES
from rules.contracts.golden import GOLDEN
from rules.contracts.matched import MATCHED
from rules.contracts.standard import SCALARS, STANDARD
from rules.contracts.view import COMPUTED
from stages.erasure.children import TABLES_OF_ROWS, erased_rows, mentions_rows

EMPTIED = ("std_record", "crosswalk", *(name for name in MATCHED if name.startswith("match_input_")))
"""Tables whose row of a record stays and is emptied: later nights see by it that the record is gone."""
_KEPT = ("legal_entity", "party_type", "client_number", "source", "record_id", "row_hash")
_GONE = "record_key IN (SELECT record_key FROM subject)"
_TOMBSTONE = "(SELECT s.tombstone FROM subject s WHERE s.source = t.source AND s.record_id = t.record_id)"
_AFFECTED = "(SELECT client_number FROM affected)"
_NUMBERS = ("client_number", "other_number", "owner_number")


def erased(name: str) -> str:
    """A query that gives table `name` without the subject, in the contract's columns.

    Reads the table, `subject(record_key, source, record_id, tombstone)`, `affected(client_number)`: the clients that
    carried its records; of what hangs on a record also `hung`; for golden_party also `golden_lineage` and
    `golden_name`, for history_value the golden tables as they are after the erasure.
    """
    if name in TABLES_OF_ROWS:
        return erased_rows(name)
    own = _OWN.get(name)
    return own() if own else _by_columns(name, TABLES[name])


def mentions(name: str) -> str | None:
    """A condition that holds for rows `t` of the table that name the subject; None where its columns cannot."""
    if name in TABLES_OF_ROWS:
        return mentions_rows(name)
    columns = TABLES[name].column_names()
    parts = [f"t.{column} IN (SELECT record_key FROM subject)" for column in _keys(TABLES[name])]
    if {"source", "record_id"} <= set(columns):
        parts.append("(t.source, t.record_id) IN (SELECT (source, record_id) FROM subject)")
    if "records" in columns and "source" in columns:
        parts.append("list_has_any(t.records, (SELECT list(record_id) FROM subject))")
    parts += [f"t.{column} IN {_AFFECTED}" for column in _NUMBERS if column in columns]
    return " OR ".join(parts) or None


def _keys(schema: type[dy.Schema]) -> list[str]:
    return [
        name for name, column in schema.columns().items() if (column.metadata or {}).get("key") in ("record", "pair")
    ]


def _by_columns(name: str, schema: type[dy.Schema]) -> str:
    """Rows of a record go, or are emptied; its name becomes the tombstone; values and view of its client go."""
    columns, keyed = schema.columns(), "record_key" in schema.column_names()
    shown = [_shown(column, declared, name) for column, declared in columns.items()]
    personal = [c for c, declared in columns.items() if (declared.metadata or {}).get("pii", "-") != "-"]
    where = ""
    if (keyed and name not in EMPTIED and personal) or name in ("golden_lineage",):
        where = f" WHERE NOT {_GONE}"
    elif name in COMPUTED and "client_number" in columns:
        where = " WHERE " + " AND ".join(f"{column} NOT IN {_AFFECTED}" for column in _NUMBERS if column in columns)
    elif "client_number" in columns and not keyed and personal:
        where = f" WHERE client_number NOT IN {_AFFECTED}"
    return f"SELECT {', '.join(shown)} FROM {name} t{where}"


def _shown(column: str, declared: dy.Column, table: str) -> str:
    if column == "record_id":
        return f"coalesce({_TOMBSTONE}, record_id) AS record_id"
    if column == "row_hash":
        return f"CASE WHEN {_GONE} THEN '' ELSE row_hash END AS row_hash"
    emptied = table in EMPTIED and column not in _KEPT and not declared.primary_key and declared.nullable
    return f'CASE WHEN {_GONE} THEN NULL ELSE "{column}" END AS "{column}"' if emptied else f'"{column}"'


def _golden_party() -> str:
    """A value that one of the records gave goes; the next night finds what the client's other records say."""
    gave = f"SELECT client_number, field FROM golden_lineage WHERE {_GONE}"
    named = f"SELECT client_number FROM golden_name WHERE position = 1 AND {_GONE}"
    lost = {name: f"(t.client_number, '{name}') IN ({gave})" for name in SCALARS}
    lost["display_name"] = f"t.client_number IN ({named}) OR (t.client_number, 'display_name') IN ({gave})"
    columns = TABLES["golden_party"].column_names()
    shown = (f"CASE WHEN {lost[c]} THEN NULL ELSE {c} END AS {c}" if c in lost else c for c in columns)
    return f"SELECT {', '.join(shown)} FROM golden_party t"


def _history_value() -> str:
    """Of a client that carried the records only what its golden record still says."""
    still = f"SELECT client_number, field, value FROM ({values()}) WHERE client_number IN {_AFFECTED}"
    return f"""
        SELECT * FROM history_value t WHERE client_number NOT IN {_AFFECTED}
           OR (valid_to IS NULL AND known_to IS NULL AND (client_number, field, value) IN ({still}))"""


def _change_event() -> str:
    """Of a client that carried the records events stay without their values."""
    columns = TABLES["change_event"].column_names()
    hit = f"(t.client_number IN {_AFFECTED} OR t.other_number IN {_AFFECTED})"
    moved = "(SELECT s.source || ':' || s.tombstone FROM subject s WHERE t.fields = s.source || ':' || s.record_id)"
    own = {
        "before": f"CASE WHEN {hit} THEN NULL ELSE before END AS before",
        "after": f"CASE WHEN {hit} THEN NULL ELSE after END AS after",
        "fields": f"coalesce({moved}, fields) AS fields",
    }
    return f"SELECT {', '.join(own.get(column, column) for column in columns)} FROM change_event t"


def _finding() -> str:
    return """
        SELECT * REPLACE ((SELECT list(coalesce(s.tombstone, one) ORDER BY coalesce(s.tombstone, one))
                           FROM unnest(t.records) u(one)
                           LEFT JOIN subject s ON s.source = t.source AND s.record_id = one) AS records)
        FROM finding t"""


_OWN: dict[str, Callable[[], str]] = {
    "golden_party": _golden_party, "history_value": _history_value, "change_event": _change_event, "finding": _finding,
}  # fmt: skip
ORDER = (
    *(name for name in TABLES if name in STANDARD), "golden_party",
    *(name for name in GOLDEN if name != "golden_party"),
    *(name for name in TABLES if name not in {**STANDARD, **GOLDEN, "history_value": None}), "history_value",
)  # fmt: skip
"""golden_party is judged by the lineage as it was, history_value by the golden tables as they become."""
