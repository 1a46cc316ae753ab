"""Settings of the client view: reporting currency and rates, margins, limits.

Here: the typed shape of `view/settings.yaml`. Not here: rules that fire on a client (packs).
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import Field, field_validator

from rules.contracts.children import PRODUCTS
from rules.load import DEFAULTS, Declared, Misfit, nearest, parse
from rules.view.shape import FOLDER


class Rate(Declared):
    """What one unit of the currency is worth in the reporting currency, from a day on."""

    valid_from: date = Field(alias="from")
    rate: Decimal = Field(gt=0, max_digits=12, decimal_places=6)


class ViewSettings(Declared):
    """The whole file; its comments say what each is."""

    reporting_currency: str = Field(pattern=r"^[A-Z]{3}$")
    rates: dict[str, tuple[Rate, ...]]
    tier_margin_percent: int = Field(ge=0, le=50)
    beneficial_owner_percent: Decimal = Field(gt=0, le=100, max_digits=5, decimal_places=2)
    household_age_gap: int = Field(ge=0, le=120)
    first_contact_days: int = Field(ge=1, le=365)
    manager_capacity: int = Field(ge=1)
    contacts_per_day: int = Field(ge=1)
    neglected_days: int = Field(ge=1, le=3650)
    core_products: tuple[str, ...] = Field(min_length=1)
    protected_limit: Decimal = Field(gt=0, max_digits=22, decimal_places=2)

    @field_validator("core_products")
    @classmethod
    def _known_products(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if word not in PRODUCTS:
                raise Misfit(f"'{word}' is no product", nearest(word, PRODUCTS))
        return words

    def rates_on(self, day: date) -> dict[str, Decimal]:
        """The latest rate of each currency not after `day`; the reporting currency is worth itself."""
        found = {currency: [one for one in rates if one.valid_from <= day] for currency, rates in self.rates.items()}
        latest = {
            currency: max(rates, key=lambda one: one.valid_from).rate for currency, rates in found.items() if rates
        }
        return {**latest, self.reporting_currency: Decimal(1)}


def load_settings(bank: Path | None = None) -> ViewSettings:
    """The shipped settings, overlaid key by key by the bank's own `view/settings.yaml`."""
    return parse(ViewSettings, DEFAULTS / FOLDER / "settings.yaml", bank / FOLDER / "settings.yaml" if bank else None)
