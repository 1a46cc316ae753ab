import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden_record.numbers import (
    FIRST_SEQUENCE,
    LAST_SEQUENCE,
    client_number,
    client_number_sql,
    is_well_formed,
    is_well_formed_sql,
)

SEQUENCES = st.integers(FIRST_SEQUENCE, LAST_SEQUENCE)


def test_the_first_number_is_known() -> None:
    assert client_number(FIRST_SEQUENCE) == "10000000146"
    assert int("10000000146") % 97 == 1


@settings(max_examples=50, derandomize=True, deadline=None)
@given(SEQUENCES, st.integers(0, 10), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(sequence: int, place: int, shift: int) -> None:
    number = client_number(sequence)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert is_well_formed(number) and not is_well_formed(wrong)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(SEQUENCES, st.integers(0, 9))
def test_every_swap_of_neighbours_is_noticed(sequence: int, place: int) -> None:
    number = client_number(sequence)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or not is_well_formed(swapped)


def test_sql_and_python_agree(con: duckdb.DuckDBPyConnection) -> None:
    minted = con.execute(f"SELECT s, {client_number_sql('s')} FROM range(100000001, 100001001) t(s)").fetchall()
    assert all(number == client_number(sequence) for sequence, number in minted)


@pytest.mark.parametrize("number", ["10000000146", "10000000147", "", "1000000010", "a0000000146", "٣0000000146", None])
def test_sql_and_python_refuse_the_same(con: duckdb.DuckDBPyConnection, number: str | None) -> None:
    found = con.execute(f"SELECT {is_well_formed_sql('$1')}", [number]).fetchone()
    assert found == (is_well_formed(number or ""),)


@pytest.mark.parametrize("sequence", [0, FIRST_SEQUENCE - 1, LAST_SEQUENCE + 1])
def test_a_sequence_out_of_range_is_refused(sequence: int) -> None:
    with pytest.raises(ValueError, match="lies between"):
        client_number(sequence)
