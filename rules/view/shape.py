"""The typed shape of a rule pack, and how it is read: the shipped YAML, with the bank's YAML or Excel laid over it.

Here: loading and checking. Not here: which packs there are (packs), what a cell means (cells).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import dataframely as dy
from pydantic import Field

from rules.errors import ConfigError
from rules.load import DEFAULTS, Declared, Misfit, find_node, nearest, parse, read_yaml
from rules.view.cells import predicate

FOLDER = "view"
Value = bool | int | str
"""What a rule may give: a class, points, true or false."""


@dataclass(frozen=True)
class Pack:
    """One pack: the contracts of the tables whose columns its rules may ask, and what its rules give.

    `gives` names each result with what it may be: a tuple of words, or the type. With `first` the first rule that
    fits decides a row, else every rule that fits gives one.
    """

    name: str
    reads: tuple[type[dy.Schema], ...]
    gives: Mapping[str, type | tuple[str, ...]]
    first: bool = False
    optional: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def columns(self) -> dict[str, dy.Column]:
        """Columns that a condition may name."""
        return {name: column for schema in reversed(self.reads) for name, column in schema.columns().items()}


class Rule(Declared):
    """One row of a decision table; in effect from its first to its last day, both included."""

    when: dict[str, Any] = Field(default_factory=dict)
    then: dict[str, Any] = Field(default_factory=dict)
    reason: str = Field(min_length=1)
    cites: str = Field(min_length=1)
    valid_from: date | None = Field(default=None, alias="from")
    valid_to: date | None = Field(default=None, alias="to")


class RuleFile(Declared):
    """A pack's YAML: rules by id, in their order."""

    rules: dict[str, Rule]


@dataclass(frozen=True)
class Compiled:
    """A rule ready to run: its condition as SQL, what it gives, and the columns of texts and flags that it asks."""

    id: str
    condition: str
    gives: dict[str, Value | None]
    reason: str
    cites: str
    facts: tuple[str, ...] = ()


def load_pack(pack: Pack, day: date, bank: Path | None = None) -> tuple[Compiled, ...]:
    """The rules of `pack` in effect on `day`; ConfigError names the file, the line or the sheet and row, and the mend.

    `bank` is the bank's rules folder: `view/<pack>.yaml` there is laid over ours rule by rule (a rule is
    dropped by its `to`); `view/<pack>.xlsx` takes the place of both.
    """
    from rules.view.sheet import read_sheet

    book = bank / FOLDER / f"{pack.name}.xlsx" if bank else None
    if book and book.exists():
        placed = read_sheet(pack, book)
    else:
        placed = _from_yaml(pack, bank / FOLDER / f"{pack.name}.yaml" if bank else None)
    every = [(_compiled(pack, name, rule, place), rule) for name, rule, place in placed]
    return tuple(
        made
        for made, rule in every
        if (rule.valid_from is None or rule.valid_from <= day) and (rule.valid_to is None or day <= rule.valid_to)
    )


def shipped(pack: Pack) -> dict[str, Rule]:
    """The rules that come with the registry, also those not in effect."""
    return parse(RuleFile, DEFAULTS / FOLDER / f"{pack.name}.yaml").rules


Place = Callable[..., str]
"""Where a cell of a rule stands, e.g. `place("when", "age")`; `place()` is the rule itself. Asked only for an error."""
Placed = tuple[str, Rule, Place]


def _from_yaml(pack: Pack, own: Path | None) -> list[Placed]:
    shipped = DEFAULTS / FOLDER / f"{pack.name}.yaml"
    rules = parse(RuleFile, shipped, own).rules

    def place(*loc: str) -> str:
        """The bank's file where it has the cell, else ours."""
        files = [path for path in (own, shipped) if path is not None and path.exists()]
        found = [(path, *find_node(read_yaml(path)[1], ("rules", *loc))) for path in files]
        path, line, _ = next((one for one in found if one[2] is not None), found[-1])
        return f"{path}:{line}"

    return [(name, rule, partial(place, name)) for name, rule in rules.items()]


def _compiled(pack: Pack, name: str, rule: Rule, place: Place) -> Compiled:
    conditions = []
    for column, cell in rule.when.items():
        try:
            conditions.append(predicate(column, cell, pack.columns))
        except Misfit as misfit:
            raise ConfigError(place("when", column), f"rule {name}: {misfit.problem}", misfit.hint) from None
    for given in rule.then:
        if given not in pack.gives:
            hint = nearest(given, pack.gives)
            raise ConfigError(place("then", given), f"rule {name}: '{given}' is nothing that this pack gives", hint)
    gives = {given: _given(pack, name, rule, given, place) for given in pack.gives}
    condition = " AND ".join(filter(None, conditions)) or "TRUE"
    facts = tuple(column for column in rule.when if isinstance(pack.columns[column], dy.String | dy.Enum | dy.Bool))
    return Compiled(name, condition, gives, rule.reason, rule.cites, facts)


def _given(pack: Pack, name: str, rule: Rule, given: str, place: Place) -> Value | None:
    value: Value | None = rule.then.get(given)
    kind = pack.gives[given]
    if value is None or value == "":
        if given in pack.optional:
            return None
        raise ConfigError(place(), f"rule {name} gives no '{given}'", f"add {given}: under then")
    if isinstance(kind, tuple):
        if value not in kind:
            hint = nearest(str(value), kind, f"use one of {', '.join(kind)}")
            raise ConfigError(place("then", given), f"rule {name}: '{value}' is no {given}", hint)
    elif type(value) is not kind:
        wanted = {int: "a whole number", str: "a text", bool: "true or false"}[kind]
        raise ConfigError(place("then", given), f"rule {name}: '{given}' must be {wanted}", "correct the value")
    return value
