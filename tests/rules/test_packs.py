"""Hashes of reference packs: every file that standard forms come from, the bank's own too, and no other."""

from pathlib import Path

from rules.load import DEFAULTS
from rules.packs import pack_hashes
from store.hashing import file_sha256


def test_every_shipped_pack_has_its_hash() -> None:
    found = pack_hashes()
    assert found["defaults/matching.yaml"] == file_sha256(DEFAULTS / "matching.yaml")
    assert {"reference/nicknames.csv", "reference/address_words.yaml", "defaults/placeholders.yaml"} <= set(found)
    assert not [name for name in found if name.endswith(".py") or "survivorship" in name]


def test_the_banks_own_files_count(tmp_path: Path) -> None:
    (tmp_path / "matching.yaml").write_text("person: {}\n", encoding="utf-8")
    (tmp_path / "survivorship.yaml").write_text("fields: {}\n", encoding="utf-8")
    before = pack_hashes(tmp_path)
    assert set(before) - set(pack_hashes()) == {"bank/matching.yaml"}
    (tmp_path / "matching.yaml").write_text("person: {} # other\n", encoding="utf-8")
    assert {name for name, digest in pack_hashes(tmp_path).items() if before[name] != digest} == {"bank/matching.yaml"}
