"""What a home refuses: every sentence names the place, what was expected and the next step."""

from collections.abc import Callable
from typing import Any

import pytest

from rules.errors import IntegrityError, NotFound, RegistryError, StoreError
from store import versions
from store.home import Home
from store.manifest import Manifest

Make = Callable[..., Manifest]


@pytest.fixture
def two(home: Home, make: Make) -> Home:
    for text in ("one", "two"):
        versions.promote(home, make(home, text))
    return home


KEPT = "see which versions are kept: `registry versions`"


def refused(work: Callable[[], Any], kind: type[RegistryError], place: object, expected: str, next_step: str) -> None:
    with pytest.raises(kind) as told:
        work()
    assert str(told.value) == f"{place}: {expected} → {next_step}"


def test_a_home_without_a_version(home: Home) -> None:
    expected = ("no version has been promoted yet", "run `registry run` first")
    refused(lambda: versions.manifest(home), NotFound, home.root, *expected)


def test_a_version_that_never_was(two: Home) -> None:
    refused(lambda: versions.manifest(two, 3), NotFound, two.root, "there is no version 3", KEPT)


def test_a_pointer_that_went_missing(two: Home) -> None:
    two.pointer.unlink()
    expected = ("is missing or older than version 2, which was live", "restore it from a backup")
    refused(lambda: versions.live(two), IntegrityError, two.pointer, *expected)


def test_a_pointer_that_went_missing_after_the_first_version(home: Home, make: Make) -> None:
    versions.promote(home, make(home, "one"))
    home.pointer.unlink()
    with pytest.raises(IntegrityError, match="older than version 1"):
        versions.live(home)


def test_a_pointer_that_is_none(two: Home) -> None:
    two.pointer.write_text("{")
    expected = ("is not a valid pointer", "restore it, or run `registry doctor`")
    refused(lambda: versions.live(two), IntegrityError, two.pointer, *expected)


@pytest.mark.parametrize("number", [1, 2])
def test_a_manifest_that_was_changed(two: Home, number: int) -> None:
    path = versions.manifest_path(two, number)
    path.write_text(path.read_text() + " ")
    expected = ("differs from the hash kept of it", "roll back: `registry rollback`")
    refused(lambda: versions.manifest(two, number), IntegrityError, path, *expected)


def test_a_manifest_whose_hash_is_gone(two: Home) -> None:
    path = versions.manifest_path(two, 1)
    path.with_suffix(".sha256").unlink()
    expected = ("differs from the hash kept of it", "roll back: `registry rollback`")
    refused(lambda: versions.manifest(two, 1), IntegrityError, path, *expected)


def test_a_version_past_its_term(two: Home) -> None:
    versions.manifest_path(two, 1).with_name(versions.REMOVED).touch()
    expected = ("its term is over, its tables were removed", KEPT)
    refused(lambda: versions.require_kept(two, 1), NotFound, "version 1", *expected)
    refused(lambda: versions.rollback(two, 1), NotFound, "version 1", *expected)
    versions.require_kept(two, 2)


def test_a_version_built_on_one_that_is_not_live(two: Home, make: Make) -> None:
    late = make(two, "late", parent=1)
    expected = ("version 3 was built on 1, which is no longer live", "run again")
    refused(lambda: versions.promote(two, late), StoreError, two.root, *expected)


def test_a_number_that_was_given(two: Home, make: Make) -> None:
    again = make(two, "again", version=2, parent=2)
    expected = ("version 2 cannot be promoted, 3 comes next", "run again")
    refused(lambda: versions.promote(two, again), StoreError, two.root, *expected)


def test_damaged_files(two: Home) -> None:
    [entry] = versions.manifest(two, 1).tables
    (two.root / entry.files[0].path).write_bytes(b"onf")
    expected, whole = "version 1 has damaged files", versions.manifest(two, 1)
    mend = "`registry rollback`, or restore it"
    refused(lambda: versions.assert_whole(two, whole), IntegrityError, entry.files[0].path, expected, mend)
    chosen = "choose another version"
    refused(lambda: versions.rollback(two, 1), IntegrityError, entry.files[0].path, expected, chosen)
    assert versions.damaged(two, whole, ["clusters"]) == [entry.files[0].path]
    assert versions.damaged(two, whole, ["others"]) == []
