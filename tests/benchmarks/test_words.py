import numpy as np
import polars as pl
import pytest

from benchmarks.synthetic import corrupt
from benchmarks.synthetic.draws import scramble, stream
from benchmarks.synthetic.names import feminine, vocabulary
from benchmarks.synthetic.scripts import fold, spellings

WORDS = pl.Series(["Məmmədov", "Kuznetsova", "Popescu", "Williams", "Соколов", "Yıldırım"] * 50)


@pytest.mark.parametrize(
    ("word", "lang", "form", "expected"),
    [
        ("Щербаков", "ru", "latin", "Shcherbakov"),
        ("Юлия", "ru", "iso9", "Ûliâ"),
        ("Юлия", "ru", "informal", "Yuliya"),
        ("Əliyev", "az", "ascii", "Aliyev"),
        ("Əliyev", "az", "informal", "Eliyev"),
        ("Țurcan", "ro", "ascii", "Turcan"),
    ],
)
def test_spellings(word, lang, form, expected):
    assert spellings(word, lang)[form] == expected


def test_fold_leaves_ascii():
    assert fold("Şəhla İnci ığöüç") == "Sahla Inci igouc"


@pytest.mark.parametrize(
    ("word", "lang", "expected"),
    [
        ("Əliyev", "az", "Əliyeva"),
        ("Бобровский", "ru", "Бобровская"),
        ("Попов", "ru", "Попова"),
        ("Popa", "ro", "Popa"),
    ],
)
def test_feminine_endings(word, lang, expected):
    assert feminine(word, lang) == expected


def test_every_language_has_many_family_names():
    assert all(len(rows) >= 100 for rows in vocabulary().family_of.values())


@pytest.mark.parametrize("error", [corrupt.typo, corrupt.misread, corrupt.misheard])
def test_errors_change_most_words_and_are_repeatable(error):
    made = error(stream(1, "x"), WORDS)
    assert (made != WORDS).mean() > 0.6
    assert made.equals(error(stream(1, "x"), WORDS))
    assert (made.str.len_chars().cast(pl.Int64) - WORDS.str.len_chars().cast(pl.Int64)).abs().max() <= 2


def test_errors_leave_missing_values_missing():
    empty = pl.Series([None, None], dtype=pl.String)
    for error in (corrupt.typo, corrupt.misread, corrupt.misheard, corrupt.wrong_digit):
        assert error(stream(1, "x"), empty).null_count() == 2


def test_birth_slips_are_dates_near_the_true_one():
    days = pl.Series(np.arange(500) * 20).cast(pl.Int32).cast(pl.Date)
    made = corrupt.birth_slip(stream(1, "b"), days)
    assert made.null_count() == 0
    assert (made != days).mean() > 0.9


def test_scramble_is_one_to_one():
    assert len(set(scramble(np.arange(10_000), 99_999_989, 38_197_271))) == 10_000
