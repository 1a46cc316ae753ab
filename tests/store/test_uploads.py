"""Copies taken in at the desk: what is kept, under which name, and what goes."""

import hashlib
from io import BytesIO

import pytest

from rules.errors import DecisionRefused
from stages.erasure.entered import forget_entered
from store import uploads
from store.entered import Entered, Entry
from store.home import Home

PDF, PNG = b"%PDF-1.7 a copy", b"\x89PNG\r\n\x1a\n a picture"


def test_a_copy_is_named_by_its_content_kept_once_and_private(tmp_path):
    home = Home(tmp_path)
    digest = uploads.keep(home, BytesIO(PDF), 100)
    assert digest == hashlib.sha256(PDF).hexdigest() == uploads.keep(home, BytesIO(PDF), 100)
    [file] = (tmp_path / "uploads").iterdir()
    assert file == uploads.find(home, f"{uploads.PREFIX}{digest}") and file.read_bytes() == PDF
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [(PDF + b"x" * 100, "more than"), (b"<html><script>", "no PNG"), (b"MZ\x90", "no PNG"), (b"", "no PNG"),
     (b"GIF89a", "no PNG"), (b" %PDF-1.7", "no PNG")],
)  # fmt: skip
def test_what_is_too_large_or_something_else_is_refused_and_leaves_nothing(content, said, tmp_path):
    with pytest.raises(DecisionRefused, match=said):
        uploads.keep(Home(tmp_path), BytesIO(content), 100)
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize("reference", ["upload:../desk.sqlite", "upload:", "upload:none", "dossier/1", "../uploads/x"])
def test_a_reference_leads_nowhere_else(reference, tmp_path):
    uploads.keep(Home(tmp_path), BytesIO(PDF), 100)
    (tmp_path / "desk.sqlite").write_bytes(PDF)
    assert uploads.find(Home(tmp_path), reference) is None


def test_an_erasure_removes_the_clients_copies_and_leaves_those_that_others_have_too(tmp_path):
    home = Home(tmp_path)
    mine, both = uploads.keep(home, BytesIO(PDF), 100), uploads.keep(home, BytesIO(PNG), 100)
    for key, digest in (("1", mine), ("1", both), ("2", both)):
        said = {"file_ref": f"{uploads.PREFIX}{digest}", "kind": "contract"}
        Entered(home).add(Entry("document", "document", "cards", key, "a", f"{key}{digest}", said))
    (tmp_path / "uploads" / ".partial-left").write_bytes(PDF)
    forget_entered(home, [("cards", "1")])
    assert [file.name for file in (tmp_path / "uploads").iterdir()] == [both]
    assert [one.fields for one, _ in Entered(home).about([("cards", "1")])] == []
    forget_entered(home, [("cards", "2")])
    assert list((tmp_path / "uploads").iterdir()) == [] and Entered(home).broken() == []
