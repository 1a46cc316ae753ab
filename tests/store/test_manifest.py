"""The manifest: canonical bytes, and what its fingerprint covers."""

from datetime import date

import pytest
from pydantic import ValidationError

from store.manifest import CheckEntry, FileEntry, InputEntry, Manifest, RunEntry, TableEntry

CRM = InputEntry(source="crm", snapshot="raw/crm/2026-01-01", rows=3, content_hash="c")
CORE = InputEntry(source="core", snapshot="raw/core/2026-01-01", rows=4, content_hash="d")
FILE = FileEntry(path="objects/ab/ab.parquet", sha256="ab", rows=7)
MANIFEST = Manifest(
    version=2, parent=1, business_date=date(2026, 1, 1), inputs=(CRM, CORE), models={"person": "person-1"},
    rules_hash="r", code_version="c", tables=(TableEntry(name="clusters", rows=7, content_hash="h", files=(FILE,)),),
    checks=(CheckEntry(stage="raw", rules=9, failed=1, blocking_failed=0),),
    run=RunEntry(started="2026-01-01T02:30:00", seconds={"match": 1.5}),
)  # fmt: skip


def test_it_reads_back_what_it_wrote() -> None:
    again = Manifest.model_validate_json(MANIFEST.to_bytes())
    assert again == MANIFEST and again.to_bytes() == MANIFEST.to_bytes()
    assert again.table("clusters") is not None and again.table("pairs") is None


@pytest.mark.parametrize(
    "change",
    [
        {"business_date": date(2026, 1, 2)},
        {"inputs": (CRM,)},
        {"inputs": (CRM, CORE.model_copy(update={"content_hash": "e"}))},
        {"inputs": (CRM, CORE.model_copy(update={"stale": True}))},
        {"models": {"person": "person-2"}},
        {"rules_hash": "s"},
        {"code_version": "d"},
        {"decisions_upto": 1},
        {"suppression_hash": "x"},
    ],
)
def test_the_fingerprint_changes_with_whatever_the_result_depends_on(change: dict) -> None:
    assert MANIFEST.model_copy(update=change).fingerprint != MANIFEST.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": (CORE, CRM)},
        {"run": RunEntry(started="2027-01-01T02:30:00", seconds={"match": 9.5})},
        {"version": 9},
        {"checks": ()},
    ],
)
def test_the_fingerprint_leaves_out_the_run(change: dict) -> None:
    assert MANIFEST.model_copy(update=change).fingerprint == MANIFEST.fingerprint


def test_unknown_keys_and_changes_are_refused() -> None:
    with pytest.raises(ValidationError):
        Manifest.model_validate({**MANIFEST.model_dump(), "surprise": 1})
    with pytest.raises(ValidationError):
        MANIFEST.version = 3  # type: ignore[misc]
