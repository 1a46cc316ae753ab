"""The `map:` part of a source YAML: which columns become which canonical fields.

Here: the entry model and its parsing from the YAML short forms. Not here: applying it to rows (quality.mapping) and
the rest of a source (rules.sources).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import dataframely as dy

from rules.contracts import children
from rules.contracts.columns import PARTY_TYPES
from rules.contracts.standard import SCALARS
from rules.load import Declared, Misfit, nearest

RECORD_FIELDS = ("legal_entity", "branch", "party_type", "roles", "status", "created_at", "updated_at", *SCALARS)
PARTY_UNITS: dict[str, tuple[str, ...]] = {
    "name": (
        "kind", "full", "given", "middle", "patronymic", "family", "suffix", "title", "order", "script",
    ),
    "identifier": (
        "type", "number", "issuer", "country", "issued_on", "expires_on", "verified_result", "verified_on",
    ),
    "address": (
        "kind", "full", "street", "house", "unit", "city", "district", "region", "postcode", "country",
        "from_date", "to_date",
    ),
    "contact": ("kind", "value", "country", "preferred", "from_date", "to_date"),
}  # fmt: skip
CHILD_UNITS: dict[str, tuple[str, ...]] = {
    unit: tuple(children.fields(unit)) for unit in (*children.UNITS, *children.NOBODYS)
}
UNITS = {**PARTY_UNITS, **CHILD_UNITS}
"""Fields of each repeating unit; its frame in a mapped snapshot has the same columns."""
FRAME_OF = {"name": "names", "identifier": "identifiers", "address": "addresses", "contact": "contacts"}
KINDS = {
    "name": ("current", "former", "birth", "alias", "native", "trade"),
    "address": ("registered", "actual", "work", "mailing"),
    "contact": ("mobile", "phone", "email", "messenger"),
}
DEFAULT_KIND = {"name": "current", "address": "actual"}
NEEDED = {
    "identifier": ("type", "number"),
    "contact": ("kind", "value"),
    "citizenship": ("country",),
    "tax_residence": ("country",),
    "consent": ("channel", "purpose", "given"),
    "relationship": ("kind",),
    "holding": ("product", "reference"),
    "operation": ("kind", "at", "amount"),
    "clearing": ("list", "entry", "evidence"),
    "assignment": ("manager",),
    "given_profile": ("profile",),
    "membership": ("level",),
    "opportunity": ("product", "stage"),
    "referral": ("referred_on",),
    "listed": ("name",),
    "manager": ("code",),
}
"""Fields without which an entry says nothing."""
NAME_PARTS = ("given", "middle", "patronymic", "family", "suffix", "title")
DATE_FIELDS = frozenset(
    {
        "birth_date", "death_date", "registration_date", "dissolution_date", "statement_date", "created_at",
        "updated_at", "issued_on", "expires_on", "verified_on", "from_date", "to_date",
        *(name for unit in CHILD_UNITS for name, column in children.fields(unit).items()
          if isinstance(column, dy.Date | dy.Datetime)),
    }
)  # fmt: skip
_LITERAL = {"kind", "type", "order", "script"}
_ALIASES = {"from": "from_date", "to": "to_date"}
_TERM_KEYS = ("column", "columns", "constant", "join", "values", "default", "split")
_TYPE = re.compile(r"^[a-z][a-z0-9_]*$|^other:.+$")
_COUNTRY = re.compile(r"^[A-Z]{2}$")


class DateFormat(Declared):
    """strptime formats in the order to try; `pivot` is the last year that a two-digit year may mean.

    With 2030, 30 is 2030 and 31 is 1931.
    """

    formats: tuple[str, ...]
    pivot: int | None = None


class Term(Declared):
    """Where one field's value comes from: columns (joined), or a constant; then a value map, then a split."""

    columns: tuple[str, ...] = ()
    constant: str | None = None
    join: str = " "
    values: dict[str, str] | None = None
    default: str | None = None
    split: str | None = None


class MapEntry(Declared):
    """One canonical field or unit: `target` is a record field, or name, identifier, address, contact."""

    target: str
    fields: dict[str, Term]
    date: DateFormat | None = None

    @property
    def frame(self) -> str:
        """Name of the mapped frame that this entry feeds."""
        return self.target if self.target in CHILD_UNITS else FRAME_OF.get(self.target, "records")


def parse_map(raw: Any, columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Normalise the YAML list to MapEntry shapes; a list of columns in a unit becomes one entry each.

    Raises Misfit with the place inside the list.
    """
    if not isinstance(raw, list):
        raise Misfit("'map' must be a list of entries", "start each entry with '- {'", ("map",))
    return [entry for index, item in enumerate(raw) for entry in _Parser(columns, index).entries(item)]


class _Parser:
    """Parses one entry; holds what every error needs: the columns and the place."""

    def __init__(self, columns: Mapping[str, Any], index: int) -> None:
        self.columns, self.loc = columns, ("map", index)

    def entries(self, item: Any) -> Iterator[dict[str, Any]]:
        if not isinstance(item, dict) or not item:
            self.fail("a map entry must be one {target: column, option: …}", "see the source YAML reference")
        target = str(next(iter(item))).split(".")[0]
        if target in UNITS:
            return self.unit(target, item)
        if target not in RECORD_FIELDS:
            valid = [*RECORD_FIELDS, *UNITS, *(f"name.{part}" for part in ("full", *NAME_PARTS))]
            self.fail(f"unknown map target '{target}'", nearest(target, valid), target)
        return iter([self.scalar(target, item)])

    def scalar(self, target: str, item: dict[Any, Any]) -> dict[str, Any]:
        options = {str(key): value for key, value in item.items() if key != target}
        value = item[target]
        date = options.pop("date", None)
        if isinstance(value, dict):
            value = dict(value)
            date = value.pop("date", date)
        term = self.term(target, target, value, options)
        return {"target": target, "fields": {target: term}, "date": self.date(date)}

    def unit(self, target: str, item: dict[Any, Any]) -> Iterator[dict[str, Any]]:
        raw = self.flat(target, item)
        date = raw.pop("date", None)
        split = raw.pop("split", None)
        self.check_fields(target, raw)
        if target in DEFAULT_KIND:
            raw.setdefault("kind", DEFAULT_KIND[target])
        for needed in NEEDED.get(target, ()):
            if needed not in raw:
                self.fail(f"'{target}' needs '{needed}'", f"add {needed}: to the entry", target)
        lists = [field for field, value in raw.items() if isinstance(value, list)]
        if len(lists) > 1:
            self.fail(f"'{target}' has two lists of columns", "write one entry for each", target)
        main = {"identifier": "number", "contact": "value"}.get(target, "full")
        for value in raw[lists[0]] if lists else [None]:
            one = {**raw, **({lists[0]: value} if lists else {})}
            fields = {
                field: self.term(target, field, part, {"split": split} if split and field == main else {})
                for field, part in one.items()
            }
            yield {"target": target, "fields": fields, "date": self.date(date)}

    def flat(self, target: str, item: dict[Any, Any]) -> dict[str, Any]:
        """`{name.given: a, name.family: b, kind: c}` and `{name: {given: a, …}, …}` to one flat mapping."""
        flat: dict[str, Any] = {}
        for key, value in item.items():
            if key == target:
                if not isinstance(value, dict):
                    self.fail(f"'{target}' needs its fields", f"write {target}: {{field: column, …}}", target)
                flat.update({str(field): part for field, part in value.items()})
            else:
                flat[str(key).removeprefix(f"{target}.")] = value
        return {_ALIASES.get(key, key): value for key, value in flat.items()}

    def check_fields(self, target: str, raw: Mapping[str, Any]) -> None:
        for field in raw:
            if field not in UNITS[target]:
                valid = [*UNITS[target], "date", "split"]
                self.fail(f"unknown field '{field}' of '{target}'", nearest(field, valid), target, field)

    def term(self, target: str, field: str, value: Any, options: Mapping[str, Any]) -> dict[str, Any]:
        where = (target,) if target == field else (target, field)
        if isinstance(value, dict):
            return self.full_term(target, field, {**value, **options}, where)
        self.known_options(options, where)
        text = self.text(value, where)
        if self.is_literal(target, field, text, where):
            return {"constant": text}
        self.column(text, where)
        return {"columns": (text,), **options}

    def full_term(
        self, target: str, field: str, value: dict[str, Any], where: tuple[str, ...]
    ) -> dict[str, Any]:  # fmt: skip
        self.known_options(value, where)
        if "constant" in value:
            text = self.text(value["constant"], where)
            if target not in CHILD_UNITS and (field in _LITERAL or field == "party_type"):
                self.is_literal(target, field, text, where)
            self.known_word(target, field, text, where)
            return {"constant": text}
        names = value.get("columns", [value["column"]] if "column" in value else [])
        if not names or not isinstance(names, list):
            self.fail(f"'{field}' names no column", "write {column: c}, {columns: [a, b]} or {constant: x}", *where)
        for name in names:
            self.column(self.text(name, where), where)
        term = {key: value[key] for key in ("join", "split", "default") if value.get(key) is not None}
        if "values" in value:
            term["values"] = self.value_map(target, field, value["values"], where)
        return {"columns": tuple(str(name) for name in names), **term}

    def value_map(self, target: str, field: str, values: Any, where: tuple[str, ...]) -> dict[str, str]:
        if not isinstance(values, dict):
            self.fail(f"'values' of '{field}' must map the source's values", "write values: {P: person}", *where)
        mapped = {self.text(key, where): self.text(value, where) for key, value in values.items()}
        for value in mapped.values() if field == "party_type" else ():
            if value not in PARTY_TYPES:
                self.fail(f"'{value}' is no party type", nearest(value, PARTY_TYPES, _list(PARTY_TYPES)), *where)
        for value in mapped.values():
            self.known_word(target, field, value, where)
        return mapped

    def known_word(self, target: str, field: str, text: str, where: tuple[str, ...]) -> None:
        """A constant of a child unit, or what a value map gives, is one of the field's declared words, if any."""
        words = children.words(target).get(field) if target in CHILD_UNITS else None
        if words and text not in words:
            self.fail(f"'{text}' is no {field} of '{target}'", nearest(text, words, _list(words)), *where)

    def is_literal(self, target: str, field: str, text: str, where: tuple[str, ...]) -> bool:
        """True when a bare word is meant as itself; a word that may not be used so is an error.

        In a child unit a bare word is always a column, but for a country's code: `kind: kind` is common there.
        """
        allowed = PARTY_TYPES if field == "party_type" else KINDS.get(target, ()) if field == "kind" else ()
        if allowed:
            if text not in allowed and not (field == "party_type" and text in self.columns):
                self.fail(f"'{text}' is no {field}", nearest(text, allowed, _list(allowed)), *where)
            return text in allowed
        if field == "type" and not _TYPE.match(text):
            self.fail(f"'{text}' is no identifier type", "use lower case, or other:<name>", *where)
        bare_country = field.endswith("country") and bool(_COUNTRY.match(text)) and text not in self.columns
        return bare_country or (field in _LITERAL and target not in CHILD_UNITS)

    def column(self, name: str, where: tuple[str, ...]) -> None:
        if name not in self.columns:
            hint = nearest(name, self.columns, "declare it under contract.columns, or write {constant: …}")
            self.fail(f"'{name}' is not a column of the contract", hint, *where)

    def known_options(self, options: Mapping[str, Any], where: tuple[str, ...]) -> None:
        for key in options:
            if key not in _TERM_KEYS:
                self.fail(f"unknown option '{key}'", nearest(str(key), [*_TERM_KEYS, "date"]), *where)

    def date(self, value: Any) -> dict[str, Any] | None:
        return None if value is None else date_format(value)

    def text(self, value: Any, where: tuple[str, ...]) -> str:
        """A YAML scalar as text; YAML reads NO, yes, on as truth values, which is never meant here."""
        if isinstance(value, bool) or value is None or isinstance(value, (dict, list)):
            self.fail("a word was expected", "put it in quotes (YAML reads NO, yes, on as true or false)", *where)
        return str(value)

    def fail(self, problem: str, hint: str, *where: str) -> NoReturn:
        raise Misfit(problem, hint, (*self.loc, *where))


def date_format(value: Any) -> dict[str, Any]:
    """`["%d.%m.%Y"]`, `"%d.%m.%Y"` or `{formats: […], pivot: 2030}` to the DateFormat shape."""
    if isinstance(value, dict):
        return value
    return {"formats": (value,) if isinstance(value, str) else tuple(value)}


def _list(words: tuple[str, ...]) -> str:
    return f"use one of {', '.join(words)}"
