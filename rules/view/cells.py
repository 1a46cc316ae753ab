"""One cell of a decision table → an SQL predicate over one declared column.

A cell is a value (`gold`, 3, true), a comparison (`>= 50000`, `<> closed`), two of them (`>= 10 and < 60`), a list
(`in ('IR', 'KP')`), `like '01.%'`, `between 1 and 5`, `is null`. Text beside other words stands in quotes. The right
side may name other columns and the business date. Here: cells. Not here: which columns there are (packs).
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import dataframely as dy
import sqlglot
from sqlglot import exp

from rules.load import Misfit, nearest

TODAY = "business_date"
_BEGINS = re.compile(r"^\s*(<=|>=|<>|!=|=|<|>|(not\s+)?(in|like|between)\b|is\b)", re.IGNORECASE)
_WORD = re.compile(r"^\s*(<>|!=|=)\s*([^\W\d]\w*)\s*$")
_TWO = re.compile(r"\s+and\s+(?=[<>=!])", re.IGNORECASE)
_ALLOWED = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Like, exp.Between, exp.Is, exp.Not, exp.Null,
    exp.Literal, exp.Boolean, exp.Neg, exp.Column, exp.Identifier, exp.Paren, exp.Add, exp.Sub, exp.Mul, exp.Tuple,
)  # fmt: skip
"""What a cell may be made of: comparisons, sums and products of columns and values."""


def predicate(column: str, cell: Any, columns: Mapping[str, dy.Column]) -> str | None:
    """SQL of the condition that `cell` puts on `column`; None for an empty cell, which any value fulfils.

    Raises Misfit for a column that is not declared and for a cell that is no condition.
    """
    if column not in columns:
        raise Misfit(f"'{column}' is no column that this pack reads", nearest(column, columns))
    if cell is None or cell == "":
        return None
    if not isinstance(cell, str):
        return _equals(column, cell, columns)
    if not _BEGINS.match(cell):
        return _equals(column, cell.strip(), columns)
    parts = [cell] if re.search(r"\bbetween\b", cell, re.IGNORECASE) else _TWO.split(cell)
    return " AND ".join(_parsed(column, part, columns) for part in parts)


def literal(value: Any) -> str:
    """A value as SQL."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        return str(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return "'" + text.replace("'", "''") + "'"


def _equals(column: str, value: Any, columns: Mapping[str, dy.Column]) -> str:
    if _number(columns[column]) and not isinstance(value, bool) and isinstance(value, str):
        value = _as_number(column, value)
    if isinstance(columns[column], dy.Bool) and str(value).lower() in ("true", "false"):
        value = str(value).lower() == "true"
    return _checked(column, f'"{column}" = {literal(value)}', columns)


def _parsed(column: str, part: str, columns: Mapping[str, dy.Column]) -> str:
    word = _WORD.match(part)
    if word and word[2] not in columns and word[2].lower() not in ("true", "false", TODAY):
        part = f"{word[1]} {literal(word[2])}"
    return _checked(column, f'"{column}" {part.strip()}', columns)


def _checked(column: str, text: str, columns: Mapping[str, dy.Column]) -> str:
    """The predicate as the parser understands it, made only of what is allowed."""
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        raise Misfit(
            f"'{column}' has a condition that cannot be read", "write e.g. '>= 50000' or \"in ('a', 'b')\""
        ) from None
    for node in tree.walk():
        if not isinstance(node, _ALLOWED):
            problem = f"'{column}' has a condition with more than comparisons, sums and lists"
            raise Misfit(problem, "split it into several rules or columns")
        if isinstance(node, exp.Column):
            _known(node.name, columns)
    _fitting(column, tree, columns)
    return f"({tree.sql(dialect='duckdb')})"


def _known(name: str, columns: Mapping[str, dy.Column]) -> None:
    if name not in columns and name != TODAY:
        raise Misfit(f"'{name}' is no column that this pack reads", f"{nearest(name, columns)} Text stands in quotes.")


def _fitting(column: str, tree: exp.Expr, columns: Mapping[str, dy.Column]) -> None:
    """Numbers are compared with numbers and texts with texts."""
    kind = columns[column]
    for found in tree.find_all(exp.Literal):
        if _number(kind) and found.is_string:
            raise Misfit(f"'{column}' is a number and is compared with a text", "write a number, without quotes")
        if isinstance(kind, dy.String | dy.Enum) and not found.is_string:
            raise Misfit(f"'{column}' is a text and is compared with a number", "put the value in quotes")
        if isinstance(kind, dy.Enum) and found.this not in kind.categories and not tree.find(exp.Like):
            raise Misfit(f"'{column}' never is '{found.this}'", nearest(found.this, [str(w) for w in kind.categories]))


def _number(column: dy.Column) -> bool:
    return column.dtype.is_numeric()


def _as_number(column: str, text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise Misfit(f"'{column}' is a number and is compared with a text", "write a number") from None
