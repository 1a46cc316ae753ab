"""One small synthetic bank for all tests of this room."""

from datetime import date

import pytest

from benchmarks.synthetic import Bank, generate

DATES = (date(2026, 3, 2), date(2026, 3, 3))


@pytest.fixture(scope="session")
def bank(tmp_path_factory) -> Bank:
    return generate(tmp_path_factory.mktemp("bank"), 3_000, 11, DATES)
