"""Small SQL expressions that several steps of this room build.

Here: text of expressions only. Not here: whole queries.
"""

from collections.abc import Iterable

from store.duck import quote


def case(column: str, results: Iterable[tuple[str, str]], otherwise: str = "NULL") -> str:
    """`CASE column WHEN 'value' THEN result … END` of (value, result expression) pairs."""
    branches = " ".join(f"WHEN {quote(value)} THEN {result}" for value, result in results)
    return f"CASE {column} {branches} ELSE {otherwise} END"


def rank_of(column: str, values: tuple[str, ...]) -> str:
    """Place of the value in a declared order; unknown values come last."""
    return case(column, ((value, str(place)) for place, value in enumerate(values)), str(len(values)))
