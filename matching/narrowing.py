"""Wide rules: those that make many pairs for every record of a large bank are narrowed when a model is trained.

Here: the narrower rules that take a wide one's place. Not here: rules over their cap on a night's records (refinement).
Pairs grow with the square of the records, true pairs do not: two of a million records that agree in the year of birth
and a given name alone are strangers. A narrower rule is a rule like any declared one: whether it finds a pair is a
matter of the two records alone, so nights stay incremental.
"""

from collections.abc import Mapping

import duckdb

from matching.blocking import Rule, count_pairs, usable
from rules.matching import ModelSettings, key

Counts = dict[Rule, int]
"""Pairs that each rule makes on its own."""


def narrowed(
    con: duckdb.DuckDBPyConnection, table: str, counts: Mapping[Rule, int], settings: ModelSettings, filled: set[str],
    records: int,
) -> tuple[Counts, Counts]:  # fmt: skip
    """The rules to use with their pairs, and the wide ones that are left out for narrower ones, with theirs.

    A wide rule that has every filled field of `narrow` already stays as it is; a narrower one is not looked at again.
    """
    most = max(settings.wide_pairs, settings.wide_pairs_per_record * records)
    instead = {rule: _narrower(rule, settings, filled) for rule, pairs in counts.items() if pairs > most}
    left_out = {rule: counts[rule] for rule, rules in instead.items() if rules}
    used = dict.fromkeys(new for rule in counts for new in (instead.get(rule) or [rule]))
    return {rule: counts[rule] if rule in counts else count_pairs(con, table, rule) for rule in used}, left_out


def _narrower(rule: Rule, settings: ModelSettings, filled: set[str]) -> list[Rule]:
    own = {key(part).field for part in rule}
    return usable([(*rule, part) for part in settings.narrow if key(part).field not in own], filled)
