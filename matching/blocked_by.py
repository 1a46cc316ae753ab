"""Which blocking rules find a given pair, and by which part the others miss it.

Here: the model's rules tried on two records, also those that were left out in training. Not here: making candidates
(blocking), or the pair's weight (explanation).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from matching.blocking import Rule, named, pairs_sql, parsed
from matching.model import Model
from rules.matching import key


@dataclass(frozen=True)
class RuleTried:
    """One blocking rule tried on a pair.

    `used` is false for a rule left out in training because it makes too many pairs. `differing` are the parts that both
    records have but not alike, `missing` the parts that a record lacks; a rule without either finds the pair.
    """

    rule: str
    used: bool
    differing: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def finds(self) -> bool:
        """Whether the two records agree on every part."""
        return not (self.differing or self.missing)

    @property
    def because(self) -> tuple[str, ...]:
        """What keeps the rule from finding the pair, part by part: `given[:3] differs`, `postcode is missing`."""
        told = [(part, "differs") for part in self.differing] + [(part, "is missing") for part in self.missing]
        return tuple(f"{part.removeprefix('each ').removeprefix('first ')} {state}" for part, state in told)

    @property
    def agreeing(self) -> float:
        """Share of the parts on which the two records agree."""
        return 1 - (len(self.differing) + len(self.missing)) / len(parsed(self.rule))


def tried(
    con: duckdb.DuckDBPyConnection, model: Model, projection: str, left: int, right: int
) -> tuple[RuleTried, ...]:
    """Every rule of the model on the records `left`, `right` of `projection`: in model order, those left out last."""
    left_out = [*model.refused, *model.narrowed]
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE pair_tried AS
        SELECT * FROM {projection} WHERE record_key IN ({int(left)}, {int(right)})""")
    rules = [(rule, True) for rule in model.blocking] + [(rule, False) for rule in left_out]
    agree = _agreeing(con, rules)
    sides = con.sql("SELECT * FROM pair_tried").pl().to_dicts()
    con.execute("DROP TABLE pair_tried")
    return tuple(_rule(rule, used, agree, sides) for rule, used in rules)


def _agreeing(con: duckdb.DuckDBPyConnection, rules: list[tuple[Rule, bool]]) -> dict[str, bool]:
    """Each part by itself: a rule holds where all its parts do, because no part reads another's column."""
    parts = sorted({part for rule, _ in rules for part in rule})
    asked = ", ".join(f"EXISTS ({pairs_sql('pair_tried', (part,))})" for part in parts)
    return dict(zip(parts, con.execute(f"SELECT {asked}").fetchall()[0], strict=True))


def _rule(rule: Rule, used: bool, agree: Mapping[str, bool], sides: list[dict[str, Any]]) -> RuleTried:
    wrong = [part for part in rule if not agree[part]]
    lacking = [part for part in wrong if not all(side[key(part).field] for side in sides)]
    return RuleTried(named(rule), used, tuple(part for part in wrong if part not in lacking), tuple(lacking))


def nearest(rules: tuple[RuleTried, ...]) -> RuleTried | None:
    """The rule in use that the pair misses by the least share of its parts, missing values before differing ones.

    None where the two agree on no part of any rule.
    """
    missed = [(rule.agreeing, -len(rule.differing), -place, rule) for place, rule in enumerate(rules) if rule.used]
    return max((found for found in missed if 0 < found[0] < 1), default=(None,))[-1]
