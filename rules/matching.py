"""Matching settings a bank can read: comparisons by field kind and blocking rules, per model.

Here: the typed shape of `matching.yaml`. Not here: the SQL that a comparison or a blocking rule becomes.
"""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import dataframely as dy
from pydantic import Field, field_validator, model_validator

from rules.contracts.matched import MatchInput
from rules.load import DEFAULTS, Declared, Misfit, nearest, parse

Rule = tuple[str, ...]
"""Parts of a blocking rule, all of which must agree."""
Kind = Literal[
    "given_name", "family_name", "other_name", "organisation_name", "date", "place", "category", "identifier",
    "phone", "email", "address",
]  # fmt: skip
_KEY = re.compile(r"(each |first )?([a-z_]+)(?:\[:([1-9]\d?)\]|\[-([1-9]\d?):\])?")
LIST_KINDS = ("identifier", "phone", "email")
"""Kinds that compare list fields; all others compare text."""
NAME_KINDS = ("given_name", "family_name", "other_name", "organisation_name")
Cost = Annotated[Decimal, Field(ge=Decimal("0.001"), le=1_000_000_000)]
"""In units of a missed match; beyond these bounds a threshold is no longer a probability apart from 0 and 1."""


class Comparison(Declared):
    """One piece of evidence: a field of the match projection and how it is compared."""

    field: str
    kind: Kind

    @field_validator("field")
    @classmethod
    def _known(cls, value: str) -> str:
        return known_field(value)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if is_list(self.field) != (self.kind in LIST_KINDS):
            raise Misfit(f"{self.field} cannot be compared as {self.kind}", f"lists are for {', '.join(LIST_KINDS)}")
        return self


class Relatives(Declared):
    """Different clients who share evidence for other reasons than identity: a household, twins, a father and his son.

    `shares`: how often at most such a pair shares a field as one client's records do; else it agrees as strangers
    do. How often indeed, and how many such pairs there are, is learned in training: data without them lose nothing.
    A small table teaches little of this: it is taken to hold at least the `typical` number of such pairs.
    """

    name: str = Field(pattern="[a-z_]+")
    shares: dict[str, Annotated[Decimal, Field(gt=0, le=1)]] = Field(min_length=1)
    typical: Decimal = Field(default=Decimal("0.01"), ge=0, le=100, description="such pairs per pair of one client")


class Key(Declared):
    """One part of a blocking rule: a field, its beginning or its end, or each element or the first of a list field."""

    field: str
    each: bool = False
    first: bool = False
    prefix: int | None = None
    suffix: int | None = None

    def of(self, value: str) -> str:
        """SQL of the part of `value` that counts."""
        if self.suffix:
            return f"right({value}, {self.suffix})"
        return f"substr({value}, 1, {self.prefix})" if self.prefix else value


class Costs(Declared):
    """What a wrong decision costs, in units of a missed match; thresholds follow from it.

    `breach` takes the place of `wrong_merge` where the home declares legal entities: their records are clients, and a
    wrong merge shows one client's affairs to another.
    """

    wrong_merge: Cost = Decimal(8)
    breach: Cost = Decimal(2500)
    look_in_vain: Cost = Decimal(1)

    def of_clients(self) -> Self:
        """The costs of a home whose records are clients of legal entities."""
        return self.model_copy(update={"wrong_merge": self.breach})

    def match_probability(self) -> float:
        """Merge when the expected cost of merging is below that of not merging: p ≥ c / (c + 1)."""
        return float(self.wrong_merge / (self.wrong_merge + 1))

    def review_probability(self) -> float:
        """Below this a person is not asked: p ≥ s / (s + 1) with s = the cost of a look in vain."""
        return float(self.look_in_vain / (self.look_in_vain + 1))


class Review(Declared):
    """How much stewards can look at: the strongest pairs below the match threshold, so many per record.

    Several pairs may join the same two clusters and make one item. `least_pairs` they can always look at.
    """

    pairs_per_record: Decimal = Field(default=Decimal("0.004"), ge=0, le=1)
    least_pairs: int = Field(default=20, ge=0)


class Firewall(Declared):
    """What keeps records of one connected component apart: constraints against merging two clients.

    Not declared because always kept: cannot-links, and two different lifelong identifiers of one type.
    `contradictions`: in what two records may contradict (matching/contradictions says how). A union is refused if
    more than `outvoted_share` of the pairs of records across it, of those that could, contradict in one of them,
    so that one record with a mistake does not break its cluster; an edge `overwhelming_bits` above the match threshold
    is not asked.
    An edge less than `weak_bits` above the match threshold is weak: it may not alone hold two groups of two or more
    records together, nor make a cluster larger than `records_per_source` per source (with two sources or more).
    A record that lacks what two namesakes contradict in, and whose edges to them differ by less than `weak_bits`, joins
    neither.
    """

    contradictions: tuple[Literal["birth_date", "names", "generation"], ...] = ()
    outvoted_share: Decimal = Field(default=Decimal("0.5"), ge=0, lt=1)
    overwhelming_bits: Decimal = Field(default=Decimal(4), ge=0, le=100)
    weak_bits: Decimal = Field(default=Decimal(4), ge=0, le=100)
    records_per_source: int = Field(default=3, ge=2)


class Training(Declared):
    """How a model is trained without labels."""

    seed: int = 7
    max_pairs: int = Field(default=2_000_000, ge=1, description="random pairs that chance agreement is estimated from")
    session_pairs: int = Field(default=400_000, ge=1, description="pairs that a training session looks at")
    min_filled: Decimal = Field(default=Decimal("0.01"), ge=0, le=1)
    certain: tuple[Rule, ...] = Field(description="rules that hold almost only for true pairs")
    certain_recall: Decimal = Field(default=Decimal("0.7"), gt=0, le=1)
    least_pairs: int = Field(default=100, ge=1)
    sessions: tuple[Rule, ...] = Field(description="blocking of the training sessions, surest first")

    @field_validator("certain", "sessions")
    @classmethod
    def _parts(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return _checked(rules)


class ModelSettings(Declared):
    """Settings of one model (persons, or organisations)."""

    comparisons: tuple[Comparison, ...]
    blocking: tuple[Rule, ...] = Field(min_length=1)
    loose: tuple[Rule, ...] = Field(default=(), description="rules used only where they make `loose_pairs` at most")
    loose_pairs: int = Field(default=20_000, ge=0)
    max_pairs_per_rule: int = Field(default=40_000_000, ge=1)
    max_block: int = Field(default=1_000, ge=2, description="records a block may hold once its rule exceeds the cap")
    refine: Rule = ()
    narrow: Rule = Field(default=(), description="parts that a wide rule is joined with, a rule for each")
    wide_pairs: int = Field(default=5_000_000, ge=1, description="pairs up to which no rule is wide")
    wide_pairs_per_record: int = Field(default=5, ge=1, description="pairs a record up to which no rule is wide")
    relatives: tuple[Relatives, ...] = ()
    associated: tuple[tuple[str, ...], ...] = Field(default=(), description="fields that agree together by chance")
    within: dict[str, tuple[str, ...]] = Field(default={}, description="by field, those counted within its values")
    costs: Costs = Costs()
    review: Review = Review()
    firewall: Firewall = Firewall()
    training: Training

    @field_validator("comparisons")
    @classmethod
    def _once(cls, declared: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
        fields = [comparison.field for comparison in declared]
        twice = sorted({field for field in fields if fields.count(field) > 1})
        if twice:
            raise Misfit(f"compared more than once: {', '.join(twice)}", "keep one comparison per field")
        return declared

    @field_validator("blocking", "loose")
    @classmethod
    def _parts(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return _checked(rules)

    @field_validator("refine", "narrow")
    @classmethod
    def _one_value_each(cls, parts: Rule) -> Rule:
        for place, part in enumerate(parts):
            if key(part).each:
                raise Misfit(f"'{part}' has several values a record", "use a field or 'first field'", (place,))
        return parts

    @model_validator(mode="after")
    def _shared_is_compared(self) -> Self:
        compared = [comparison.field for comparison in self.comparisons]
        for field in (field for kind in self.relatives for field in kind.shares):
            if field not in compared:
                raise Misfit(f"'{field}' is shared but not compared", nearest(field, compared), ("relatives",))
        return self

    @model_validator(mode="after")
    def _associated_are_compared_names(self) -> Self:
        names = [comparison.field for comparison in self.comparisons if comparison.kind in NAME_KINDS]
        for place, fields in enumerate(self.associated):
            where = ("associated", place)
            for field in fields:
                if field not in names:
                    raise Misfit(f"'{field}' is no compared name", nearest(field, names), where)
            if len(set(fields)) < max(len(fields), 2):
                raise Misfit("fields are associated in twos or more, each once", "name two different fields", where)
        return self

    @model_validator(mode="after")
    def _within_are_compared(self) -> Self:
        """A value is counted within the values of another field, and both are compared by what their texts say."""
        kinds = {comparison.field: comparison.kind for comparison in self.comparisons}
        texts = [field for field, kind in kinds.items() if kind in ("given_name", "family_name", "category", "place")]
        for group, fields in self.within.items():
            for field in (group, *fields):
                if field not in texts:
                    raise Misfit(f"'{field}' is no compared name or category", nearest(field, texts), ("within", group))
        return self


class Matching(Declared):
    """`matching.yaml`."""

    person: ModelSettings
    organisation: ModelSettings

    def of(self, model: str) -> ModelSettings:
        """Settings of `person` or `organisation`."""
        return self.person if model == "person" else self.organisation


@cache
def key(text: str) -> Key:
    """Parse `family`, `family[:4]`, `birth_date[-5:]`, `each phones` or `first phones`.

    Anything else is refused: no SQL gets in.
    """
    found = _KEY.fullmatch(text.strip())
    if not found:
        raise Misfit(
            f"'{text}' is not a field, field[:n], field[-n:] or 'each field'", "write a field of the match projection"
        )
    which, field, prefix, suffix = found.groups()
    if is_list(known_field(field)) != bool(which):
        raise Misfit(f"'{text}': 'each' or 'first' belongs before list fields, and only there", "correct the rule")
    size = {"prefix": int(prefix) if prefix else None, "suffix": int(suffix) if suffix else None}
    return Key(field=field, each=which == "each ", first=which == "first ", **size)


def known_field(name: str) -> str:
    """`name` if the match projection has it."""
    fields = [field for field in MatchInput.columns() if field != "record_key"]  # it names a record, and says nothing
    if name not in fields:
        raise Misfit(f"'{name}' is no field of the match projection", nearest(name, fields))
    return name


def is_list(field: str) -> bool:
    """Whether the field of the match projection holds a list."""
    return isinstance(MatchInput.columns()[field], dy.List)


def _checked(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    for place, rule in enumerate(rules):
        if not rule:
            raise Misfit("an empty rule would pair every record with every other", "name a field", (place,))
        for part in rule:
            key(part)
    return rules


def load_matching(overlay: Path | None = None) -> Matching:
    """The shipped settings, overlaid by the bank's own `matching.yaml`."""
    return parse(Matching, DEFAULTS / "matching.yaml", overlay / "matching.yaml" if overlay else None)
