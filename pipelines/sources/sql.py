"""The SELECT that a database source is read with, built from declared words only.

Here: identifiers, the declared query, the condition of a partial read. Not here: connections (one module each).
"""

import re

from pipelines.sources.base import Request
from pipelines.sources.marks import iso_mark, mark_column
from rules.errors import ConfigError
from store.duck import identifier, quote

_NAME = re.compile(r"^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*){0,2}$")
_QUERY = re.compile(r"^\s*(select|with)\b", re.IGNORECASE)


def from_clause(request: Request) -> str:
    """The declared table, or the declared query as a derived table.

    Raises ConfigError for anything else than one name or one SELECT.
    """
    table = (request.source.read.table or "").strip()
    if _NAME.match(table):
        return table
    if _QUERY.match(table) and ";" not in table:
        return f"({table}) AS declared"
    raise ConfigError(
        request.place, "read.table must be one table name or one SELECT without ';'", "correct read.table"
    )


def condition(request: Request, quote_names: bool = True) -> str:
    """WHERE of a partial read: at or after the watermark, after the key; empty for a full read."""
    column = mark_column(request.source)
    if column is None or request.since is None:
        return ""
    name = identifier(column) if quote_names else column
    sign = ">=" if request.source.read.mode == "watermark" else ">"
    return f" WHERE {name} {sign} {quote(iso_mark(request.source, request.since))}"


def order(request: Request) -> str:
    """ORDER BY of the declared columns; empty without."""
    names = ", ".join(identifier(name) for name in request.source.read.order_by)
    return f" ORDER BY {names}" if names else ""
