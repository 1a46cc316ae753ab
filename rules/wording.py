"""What is wrong with a declared value, in words: pydantic's findings as a problem and a next step.

Here: sentences. Not here: places (rules.load), what a file may hold (its own module). A message quotes words of the
bank's own declaration, never data.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import yaml

YAML_BOOL = "put it in quotes: YAML reads a bare yes, no, on, off, true, false as a truth value, in any case"
_QUOTES = "put it in quotes"
_READ: dict[type, str] = {int: "a number", float: "a number", date: "a date", datetime: "a moment"}
_BOUNDS = {
    "greater_than_equal": "ge", "greater_than": "gt", "less_than_equal": "le", "less_than": "lt",
    "too_short": "min_length", "string_too_short": "min_length", "too_long": "max_length",
    "string_too_long": "max_length",
}  # fmt: skip
_SAID = {
    "ge": "must be at least {}", "gt": "must be more than {}", "le": "must be at most {}", "lt": "must be less than {}",
    "min_length": "must hold at least {}", "max_length": "must hold at most {}",
}  # fmt: skip


def nearest(word: str, valid: Iterable[str], otherwise: str = "see the documentation for the valid keys") -> str:
    """The next step for a misspelled word: the nearest valid one, else the list when it is short."""
    choices = [str(choice) for choice in valid]
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else otherwise


def said(detail: Mapping[str, Any], dotted: str, node: yaml.Node | None) -> tuple[str, str]:
    """Problem and next step of one pydantic finding; `node` is the YAML behind it, if there is one."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail.get("input")
    if isinstance(value, bool) and (kind.endswith("_type") or kind == "literal_error"):
        written = getattr(node, "value", str(value).lower())
        return f"'{dotted}' is a bare {written}, which YAML reads as {str(value).lower()}", YAML_BOOL
    if kind == "literal_error":
        valid = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return _choice(dotted, value, valid)
    if kind == "missing":
        return f"'{dotted}' is missing", f"add {dotted.rsplit('.', 1)[-1]}:"
    if kind in _BOUNDS:
        bound = _BOUNDS[kind]
        return f"'{dotted}' {_SAID[bound].format(context.get(bound, 'less'))}", "correct the value"
    if kind == "string_pattern_mismatch":
        return f"'{dotted}' must match {context.get('pattern')}", "correct the value"
    return _typed(kind, dotted, value, str(detail["msg"]))


def _choice(dotted: str, value: Any, valid: list[str]) -> tuple[str, str]:
    listed = f"use one of {', '.join(valid)}"
    return f"'{dotted}: {value}' is none of {', '.join(valid)}", nearest(str(value), valid, listed)


def _typed(kind: str, dotted: str, value: Any, message: str) -> tuple[str, str]:
    """A value of another type than wanted; a number or date where words belong only lacks its quotes."""
    scalar = not isinstance(value, (dict, list, tuple)) and value is not None
    if kind in ("string_type", "tuple_type") and scalar:
        wanted = "text" if kind == "string_type" else "text, or a list of them"
        return f"'{dotted}' must be {wanted}, and YAML reads {_READ.get(type(value), 'something else')} here", _QUOTES
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"'{dotted}' must hold keys of its own", "write them below it, indented, or as {key: value}"
    if kind == "tuple_type":
        return f"'{dotted}' must be a list", "write [a, b]"
    return f"'{dotted}' {message[:1].lower()}{message[1:]}".replace("input should", "should"), "correct the value"
