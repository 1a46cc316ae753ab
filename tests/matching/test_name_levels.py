"""Ladders of names driven through DuckDB: two raw names → level, the same with left and right exchanged."""

from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.names.measure import figures, judged, ladder, read_cases
from matching.name_levels import ACCEPTED, family_levels, given_levels, middle_levels, whole_name_levels
from matching.organisation_levels import SCREENED, organisation_levels
from quality.standardise.keys import keys_of, sound_key
from quality.standardise.organisation_words import organisation_keys
from rules.errors import ConfigError

CON = duckdb.connect()


def whole(pairs: list[tuple[str, str]], party: str) -> list[str]:
    """Levels of whole names, one query for all; the same with left and right exchanged."""
    rows = pairs + [pair[::-1] for pair in pairs]
    cases = pl.DataFrame(rows, schema=["left", "right"], orient="row").with_columns(same=True, party_type=pl.lit(party))
    levels = judged(cases)["level"].to_list()
    assert levels[: len(pairs)] == levels[len(pairs) :], "not symmetric"
    return levels[: len(pairs)]


def part(kind: str, left: dict[str, object], right: dict[str, object]) -> str:
    levels = {"given": given_levels, "family": family_levels, "middle": middle_levels}[kind]()
    found = []
    for one, other in ((left, right), (right, left)):
        sides = [(f"{name}_{side}", row.get(name)) for side, row in (("l", one), ("r", other)) for name in _PART]
        names = ", ".join(f"CAST(? AS {'BOOLEAN' if 'known' in name else 'VARCHAR'}) AS {name}" for name, _ in sides)
        sql = f"SELECT {ladder(levels)} FROM (SELECT {names})"
        found.append(CON.execute(sql, [value for _, value in sides]).fetchall()[0][0])
    assert found[0] == found[1], "not symmetric"
    return str(found[0])


_PART = ("given", "given_key", "given_known", "native_key", "family", "family_key", "middle", "middle_key")


def given_part(name: str, known: bool = False, native: str | None = None) -> dict[str, object]:
    key = keys_of(name, "", "", False)[0]
    return {"given": name, "given_key": key, "given_known": known, "native_key": native, "family": "aliev"}


def family_part(name: str) -> dict[str, object]:
    return {"family": name, "family_key": keys_of("", "", name, False)[2], "given": "anna"}


PERSONS = [
    ("John Smith", "Smith, John", "same"),
    ("Ротенберг Аркадий", "Arkadii Rotenberg", "same words"),
    ("Saddam Husayn", "Saddam Hussein", "same words"),
    ("Wladimir Petrow", "Vladimir Petrov", "same words"),
    ("Bill Brown", "William Brown", "same words"),
    ("RamiMakhlouf", "Rami Makhlouf", "spelled together"),
    ("Sergey Viktorovich Lavrov", "Sergey Lavrov", "one inside the other"),
    ("Usama bin Ladin", "Osama bin Laden", "near words"),
    ("Olaf Schloz", "Olaf Scholz", "near words"),
    ("A. Khamenei", "Ali Khamenei", "near words"),
    ("J.-C. Juncker", "Jean-Claude Juncker", "near words"),
    ("Shaikh Ali bin Omar Habibi", "Ali Omar Hadibi", "near words"),
    ("Mohammadhasni Asad Zarkari", "Asad Zarkari Mohammad Hasni", "near words"),
    ("Hans J Friedrich", "Hans Joachim Friedrich", "near words"),
    ("Jamal Sultan Tikriki", "Jamal Mustafa Sultan Tikriti", "near words, one inside the other"),
    ("Hans O Friedrich", "Hans Joachim Friedrich", "a word contradicts"),
    ("Sergey Ivanovich Lavrov", "Sergey Viktorovich Lavrov", "a word contradicts"),
    ("Oleksandr Zelenskyy", "Volodymyr Oleksandrovych Zelenskyy", "a word contradicts"),
    ("Salman bin Muhammad al-Rawi", "Muhammad bin Salman al-Rawi", "father and child exchanged"),
    ("Michaela", "Michaela Michelle Micheli", "a word contradicts"),
    ("Ivan Petrov", "Ivanka Petrova", "a word contradicts"),
    ("Maria Popescu", "Mariana Popescu", "a word contradicts"),
    ("高石早苗", "高市早苗", "other characters"),
    ("習近平", "习近平", "same"),
    ("Anna Petrova", "Boris Sidorov", "different"),
]


def test_whole_names() -> None:
    found = whole([(left, right) for left, right, _ in PERSONS], "person")
    assert list(zip(PERSONS, found, strict=True)) == [(case, case[2]) for case in PERSONS]


FIRMS = [
    ("Siemens Aktiengeselschaft", "SiemensAG", "same"),
    ("OJSC Tactical Missiles Corporation", "Tactical Missiles Corp. Joynt Stock Company", "same"),
    ("The Homs Refinery Company", "Homs Refinery", "same words"),
    ("First International Bank", "1st Int'l Bank", "same words"),
    ("Brigade Forty-Four", "Brigade 44", "same words"),
    ("Atlas Bankası", "Atlas Bank", "same words"),
    ("Good Will Company", "Goodwill Company", "spelled together"),
    ("PLA", "People's Liberation Army", "first letters"),
    ("Gasprom", "ОАО Газпром", "near words"),
    ("U.S. Department of State", "United States Department of State", "near words"),
    ("Deutsche Bank AG", "Deutsche Bank GmbH", "other legal form"),
    ("KKR Asian Fund III", "KKR Asian Fund IV", "another number"),
    ("School No. 1", "School No. 2", "another number"),
    ("Caspian Trading", "Caspian Holding", "common words differ"),
    ("Silk Road Logistics 84", "Silk Road Logistics", "own words same, number differs"),
    ("Banco Santander", "Banco Santander Chile", "one inside the other"),
    ("Univrsl Export Inc", "Universal Exports, USA", "one inside the other"),
    ("Orient Exports Limited", "Universal Exports, USA", "a word shared"),
    ("Crystalord Systems Limited", "Crystalord Ltd", "common words differ"),
    ("C.B.A. Company", "A.B.C. Company", "different"),
]


def test_organisations() -> None:
    found = whole([(left, right) for left, right, _ in FIRMS], "organisation")
    assert list(zip(FIRMS, found, strict=True)) == [(case, case[2]) for case in FIRMS]


GIVEN = [
    (given_part("ivan"), given_part("ivan"), "same"),
    (given_part("bill"), given_part("william"), "variant or short form"),
    (given_part("anna maria"), given_part("maria"), "one part of the other"),
    (given_part("a"), given_part("anna"), "initial"),
    (given_part("jc"), given_part("jean claude"), "initial"),
    (given_part("aysel", True), given_part("aysen", True), "other well-known name, near"),
    (given_part("dmytro", True), given_part("dmitro", True), "other well-known name, near"),
    (given_part("anna", True), given_part("boris", True), "other well-known name"),
    (given_part("maria", True), given_part("mariana", True), "other well-known name"),
    (given_part("aysel", True), given_part("aysfl", False), "one letter"),
    (given_part("daniel"), given_part("daniela"), "other ending"),
    (given_part("mario"), given_part("maria"), "other ending"),
    (given_part("maria"), given_part("mariana"), "begins alike"),
    (given_part("ivan"), given_part("ivanka"), "begins alike"),
    (given_part("alexandr"), given_part("alexnadr"), "one letter"),
    (given_part("margareta"), given_part("merqareta"), "two letters"),
    (given_part("zulfiya"), given_part("zulfugar"), "alike"),
    (given_part("anna"), given_part("inna"), "one letter"),
    (given_part("wei", native="伟"), given_part("wei", native="玮"), "other characters"),
    (given_part("anna"), given_part("boris"), "different"),
    (given_part("aliev") | {"family": "ivan"}, given_part("ivan"), "exchanged with family name"),
]


@pytest.mark.parametrize(("left", "right", "level"), GIVEN)
def test_given_names(left: dict[str, object], right: dict[str, object], level: str) -> None:
    assert part("given", left, right) == level


def test_brothers_and_sisters_never_reach_a_level_of_one_person() -> None:
    one_person = {"same", "variant or short form"}
    siblings = [("victor", "victoria"), ("felix", "felicia"), ("edwin", "edwina"), ("emma", "emily"), ("anna", "inna"),
                ("marian", "marianna"), ("vusal", "vusala"), ("ulvi", "ulviyya"), ("jan", "jana")]  # fmt: skip
    levels = {pair: part("given", *map(given_part, pair)) for pair in siblings}
    assert not {pair for pair, level in levels.items() if level in one_person}


FAMILY = [
    ("ivanov", "ivanov", "same"),
    ("mueller", "muller", "variant"),
    ("kowalski", "kovalsky", "variant"),
    ("garcia lopez", "lopez", "one part of the other"),
    ("van der berg", "berg", "variant"),
    ("ivanov", "ivanof", "one letter"),
    ("lukashenko", "lukachanko", "two letters"),
    ("henderson", "hendrikson", "alike"),
    ("i", "ivanov", "initial"),
    ("petrov", "sidorov", "different"),
]


@pytest.mark.parametrize(("left", "right", "level"), FAMILY)
def test_family_names(left: str, right: str, level: str) -> None:
    assert part("family", family_part(left), family_part(right)) == level


MIDDLE = [
    ("ivanovich", "ivanovich", "same"),
    ("ivanovich", "ivanovna", "variant"),
    ("rashidovich", "rashid", "variant"),
    ("i", "ivanovich", "initial or part"),
    ("rashidovich", "roshidovich", "near"),
    ("ivanovich", "petrovich", "different"),
]


@pytest.mark.parametrize(("left", "right", "level"), MIDDLE)
def test_patronymics_agree_by_the_father(left: str, right: str, level: str) -> None:
    def middle(name: str) -> dict[str, object]:
        return {"middle": name, "middle_key": keys_of("", name, "", True)[1]}

    assert part("middle", middle(left), middle(right)) == level


def test_every_level_is_met_by_some_example() -> None:
    for ladder_of, cases in (
        (given_levels, GIVEN), (family_levels, FAMILY), (middle_levels, MIDDLE), (whole_name_levels, PERSONS),
        (organisation_levels, FIRMS),
    ):  # fmt: skip
        met = {level for *_, level in cases}
        assert {label for label, *_ in ladder_of()} | {"different"} == met, ladder_of.__name__


def test_a_name_agrees_with_itself() -> None:
    for party, cases in (("person", PERSONS), ("organisation", FIRMS)):
        names = sorted({name for *pair, _ in cases for name in pair})
        assert set(whole([(name, name) for name in names], party)) == {"same"}


def test_keys_hide_spelling_and_keep_names_apart() -> None:
    assert len({sound_key(word) for word in ("hussein", "husayn", "husain")}) == 1
    assert sound_key("wladimir") == sound_key("vladimir")
    assert len({sound_key(word) for word in ("anna", "inna", "anne", "maria", "mario", "marie", "mira")}) == 7


def test_organisation_words() -> None:
    assert organisation_keys("brigade forty 4") == ("brigade 44", "brigade", "bf4")
    assert organisation_keys("bank of the north company").key == "bank nort"
    assert organisation_keys("industrial and commercial bank of china").initials == "icbc"
    assert organisation_keys("a b c company").key == organisation_keys("abc").key
    assert organisation_keys("company") == ("kompani", "kompani", None)


def test_figures_count_accepted_levels() -> None:
    cases = pl.DataFrame({"level": ["same", "same", "different", "near words"], "same": [True, False, True, True]})
    assert figures(cases, ACCEPTED) == {"cases": 4, "precision": 0.6667, "recall": 0.6667, "f1": 0.6667}
    assert set(SCREENED) > {"near words"}


words = st.lists(
    st.sampled_from(["ali", "aly", "a", "bin", "jean", "claude", "jc", "smith", "smyth", "44"]), max_size=4
)


@settings(max_examples=3, derandomize=True, deadline=None)
@given(st.lists(st.tuples(words, words), min_size=20, max_size=60), st.sampled_from(["person", "organisation"]))
def test_levels_are_symmetric(pairs: list[tuple[list[str], list[str]]], party: str) -> None:
    whole([(" ".join(left), " ".join(right)) for left, right in pairs], party)


def test_the_cases_are_found_however_deep_they_lie(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="do not exist"):
        read_cases(tmp_path)
    folder = tmp_path / "er" / "opensanctions_name_bench"
    folder.mkdir(parents=True)
    row = {"schema": "Person", "name1": "Ann Koch", "name2": "Anna Koch", "is_match": "true"}
    pl.DataFrame([row]).write_parquet(folder / "cases.parquet")
    assert read_cases(tmp_path).rows() == [("Ann Koch", "Anna Koch", True, "person")]
