"""Which client a number stood for: also a number that was adopted, with check digits of its own or none."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from rules.contracts import TABLES
from rules.errors import NotFound
from stages.as_of import Moment, resolve
from store.tables import empty_sql

THEN = Moment(date(2026, 3, 2), 1, 1)
OURS = "10000000146"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """1001 and 1002 were adopted; the record of 1002 is with 1001 now."""
    with duckdb.connect(config={"threads": 1}) as con:
        for name in ("crosswalk", "history_member"):
            con.execute(f"CREATE TABLE {name} AS {empty_sql(TABLES[name])}")
        con.execute("INSERT INTO crosswalk BY NAME SELECT 'core' AS source, '1' AS record_id, '1001' AS client_number")
        con.execute("""
            INSERT INTO history_member BY NAME
            SELECT 'core' AS source, '1' AS record_id, client_number, DATE '2026-03-01' + away AS valid_from,
                   DATE '2026-03-02' + away AS valid_to, 1 AS known_from
            FROM (VALUES ('1002', 0), ('1003', 9)) AS given (client_number, away)""")
        yield con


def test_an_adopted_number_is_found_and_followed(con: duckdb.DuckDBPyConnection) -> None:
    assert resolve(con, THEN, "1001") == resolve(con, THEN, "1002") == "1001"


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("1003", "was first given on 2026-03-10, after 2026-03-02 → choose another date"),
        ("1004", "check digits are wrong and no source's number was adopted so; it was never given → check for"),
        (OURS, "the history known at version 1 has no such number → choose another date"),
    ],
)
def test_only_a_number_that_no_row_has_is_judged_by_its_digits(
    con: duckdb.DuckDBPyConnection, number: str, message: str
) -> None:
    with pytest.raises(NotFound, match=message):
        resolve(con, THEN, number)
