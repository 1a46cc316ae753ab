"""Declared documents and placeholders: typed, overlaid, safe."""

from pathlib import Path

import pytest

from rules.documents import load_documents
from rules.errors import ConfigError
from rules.placeholders import load_placeholders


def test_country_packs() -> None:
    documents = load_documents()
    assert not documents.is_primary("passport", "CN") and documents.is_primary("passport", "FR")
    assert documents.form("passport", "FR") == documents.form("passport", None)
    assert documents.form("lei", None) is None


def test_a_pattern_that_could_run_away_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "documents.yaml"
    own.write_text('forms: {passport: {AZ: "([A-Z]+)+"}}', encoding="utf-8")
    with pytest.raises(ConfigError, match="bounded repeats"):
        load_documents(own)


def test_a_bank_overlays_the_shipped_placeholders(tmp_path: Path) -> None:
    own = tmp_path / "placeholders.yaml"
    own.write_text("limits: {contact_parties: 9}\nnames: [nobody]\n", encoding="utf-8")
    declared = load_placeholders(own)
    assert (declared.limits.contact_parties, declared.names) == (9, ("nobody",))
    assert declared.phones == load_placeholders().phones


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(((A{99}){99}){99})", "must not repeat a group"),
        ("(A){2}", "must not repeat a group"),
        ("A{99999999999}", "bounded repeats"),
        ("[Z-A]", "is no pattern"),
        ("(A", "is no pattern"),
        ("A{9,2}", "is no pattern"),
        ("A{2}{3}", "is no pattern"),
        ("[A-Z]{0,20}[A-Z]{0,20}[A-Z]{0,20}[A-Z]{0,20}", "more than 10000 ways"),
        ("(A|A)" * 20, "more than 10000 ways"),
        ("((A?)?)" * 20, "more than 10000 ways"),
    ],
)
def test_a_pattern_that_is_none_or_a_bomb_is_refused(tmp_path: Path, pattern: str, message: str) -> None:
    own = tmp_path / "documents.yaml"
    own.write_text(f"forms: {{passport: {{AZ: '{pattern}'}}}}", encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_documents(own)


def test_ordinary_alternatives_are_no_bomb(tmp_path: Path) -> None:
    own = tmp_path / "documents.yaml"
    pattern = "|".join([r"[A-Z]{1,3}\d{6,8}"] * 12)
    own.write_text(f"forms: {{passport: {{AZ: '({pattern})'}}}}", encoding="utf-8")
    assert load_documents(own).form("passport", "AZ")
