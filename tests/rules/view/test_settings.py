from datetime import date
from decimal import Decimal

from rules.view.settings import load_settings


def test_the_latest_rate_not_after_the_day_counts(tmp_path):
    (tmp_path / "view").mkdir()
    (tmp_path / "view" / "settings.yaml").write_text(
        "rates: {USD: [{from: 2026-01-01, rate: 1.7}, {from: 2026-03-03, rate: 1.8}],"
        " GBP: [{from: 2027-01-01, rate: 2}]}"
    )
    settings = load_settings(tmp_path)
    assert settings.rates_on(date(2026, 3, 2))["USD"] == Decimal("1.7")
    assert settings.rates_on(date(2026, 3, 3))["USD"] == Decimal("1.8")
    assert "GBP" not in settings.rates_on(date(2026, 3, 3)) and settings.rates_on(date(2026, 3, 3))["AZN"] == 1
