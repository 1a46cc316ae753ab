"""What the bank declares about survivorship: one strategy for every scalar field and every kind of unit.

Here: the typed shape of `survivorship.yaml`. Not here: how a strategy is computed (golden_record.survivorship), how
much a source is trusted (its own YAML).
"""

from pathlib import Path
from typing import Literal

from pydantic import field_validator

from rules.load import DEFAULTS, Declared, parse

Strategy = Literal["trusted", "recent", "verified", "frequent"]


class FieldStrategies(Declared):
    """A strategy for each scalar of `std_record`; the YAML explains each."""

    sex: Strategy
    birth_date: Strategy
    birth_place: Strategy
    death_date: Strategy
    life_status: Strategy
    residence_country: Strategy
    marital_status: Strategy
    education: Strategy
    language: Strategy
    pep: Strategy
    photo_ref: Strategy
    signature_ref: Strategy
    occupation: Strategy
    legal_form: Strategy
    registration_date: Strategy
    dissolution_date: Strategy
    activity_code: Strategy
    registered_capital: Strategy
    total_assets: Strategy
    statement_date: Strategy
    admin_level: Strategy
    country: Strategy


class UnitStrategies(Declared):
    """A strategy for each kind of unit of which one is chosen."""

    name: Strategy
    address: Strategy
    contact: Strategy


class Survivorship(Declared):
    """The whole policy."""

    fields: FieldStrategies
    units: UnitStrategies
    verified_results: tuple[str, ...]

    @field_validator("verified_results")
    @classmethod
    def _lower_case(cls, results: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(result.lower() for result in results)

    def strategy(self, field: str) -> Strategy:
        """The strategy of a scalar field of `std_record`."""
        strategy: Strategy = getattr(self.fields, field)
        return strategy


def load_survivorship(overlay: Path | None = None) -> Survivorship:
    """The shipped policy, overlaid key by key by the bank's own file; ConfigError names what is wrong in it."""
    return parse(Survivorship, DEFAULTS / "survivorship.yaml", overlay)
