"""What a step ends with: an interrupt stops the run and is no defect, whichever library it hits."""

import duckdb
import pytest
from dagster import DagsterExecutionInterruptedError, Failure

from pipelines.steps import guarded, was_stopped


def broken_off() -> None:
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        raise ValueError("in the middle of something")  # noqa: B904


def raises(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    "work",
    [
        broken_off,
        lambda: raises(duckdb.InterruptException("INTERRUPT Error: Interrupted!")),
        lambda: raises(RuntimeError("Query interrupted")),
    ],
)
def test_an_interrupt_stops_the_run(work) -> None:
    with pytest.raises(DagsterExecutionInterruptedError):
        guarded("pairs", work)


def test_another_error_fails_the_step_without_its_text() -> None:
    with pytest.raises(Failure) as told:
        guarded("pairs", lambda: raises(RuntimeError("Leyla Hasanova")))
    assert "unexpected RuntimeError" in told.value.description and "Leyla" not in told.value.description


def test_what_dagster_tells_of_a_stopped_step() -> None:
    assert was_stopped("raw_core: dagster._core.errors.DagsterExecutionInterruptedError")
    assert not was_stopped("raw_core: source core: column 'surname' is missing")
