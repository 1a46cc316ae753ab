"""matching.yaml: typos name the nearest field, and no SQL gets in."""

from pathlib import Path

import pytest

from rules.errors import ConfigError
from rules.matching import Key, key, load_matching


def overlay(folder: Path, text: str) -> Path:
    (folder / "matching.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_settings_load_and_a_bank_overlays_them(tmp_path: Path) -> None:
    own = load_matching(overlay(tmp_path, "person: {costs: {wrong_merge: 100}}"))
    assert own.of("person").costs.match_probability() == pytest.approx(100 / 101)
    assert own.of("organisation") == load_matching().organisation
    assert own.person.blocking == load_matching().person.blocking


def test_parts_of_a_blocking_rule() -> None:
    assert key("family") == Key(field="family")
    assert key(" family[:4] ") == Key(field="family", prefix=4)
    assert key("each phones") == Key(field="phones", each=True)
    assert key("each phones[:9]") == Key(field="phones", each=True, prefix=9)


@pytest.mark.parametrize(
    "part",
    [
        '"given); DROP TABLE"',
        "given = r.given OR 1=1",
        "given--",
        "given[:0]",
        "given[:-1]",
        "given[1:2]",
        "Given",
        "given family",
        "each given",
        "phones",
        "each  phones",
        "",
        "l.given",
        "read_csv('/etc/passwd')",
    ],
)
def test_anything_else_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match="field"):
        key(part)


@pytest.mark.parametrize("where", ["blocking", "certain", "sessions"])
def test_sql_is_refused_wherever_a_rule_is_declared(tmp_path: Path, where: str) -> None:
    rules = f"{where}: [[family], ['\"given); DROP TABLE\"']]"
    text = f"person: {{{rules}}}" if where == "blocking" else f"person: {{training: {{{rules}}}}}"
    with pytest.raises(ConfigError, match=r"matching\.yaml"):
        load_matching(overlay(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("person: {bloking: [[family]]}", "blocking"),
        ("persons: {}", "person"),
        ("person: {costs: {wrong_merg: 3}}", "wrong_merge"),
        ("person: {blocking: [[famly]]}", "family"),
        ("person: {comparisons: [{field: birthdate, kind: date}]}", "birth_date"),
        ("person: {training: {sessions: [[postcod]]}}", "postcode"),
    ],
)
def test_a_typo_names_the_nearest_word(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=f"'{expected}'"):
        load_matching(overlay(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "person: {blocking: [[]]}",
        "person: {comparisons: [{field: given, kind: sound}]}",
        "person: {comparisons: [{field: phones, kind: given_name}]}",
        "person: {comparisons: [{field: given, kind: phone}]}",
        "person: {comparisons: [{field: given, kind: place}, {field: given, kind: place}]}",
        "person: {costs: {wrong_merge: 0}}",
        "person: {costs: {look_in_vain: -1}}",
        "person: {training: {certain_recall: 0}}",
        "person: {training: {certain_recall: 1.5}}",
        "person: !!python/object/apply:os.system ['true']",
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load_matching(overlay(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("associated: [[given, famly]]", "'family'"),
        ("associated: [[given, phones]]", "no compared name"),
        ("associated: [[given, birth_date]]", "no compared name"),
        ("associated: [[given]]", "twos or more"),
        ("associated: [[given, given]]", "twos or more"),
        ("within: {contry: [given]}", "'country'"),
        ("within: {country: [phones]}", "no compared name or category"),
        ("training: {min_filled: 1.5}", "min_filled"),
        ("costs: {breach: 0.0001}", "breach"),
        ("costs: {wrong_merge: 1e12}", "wrong_merge"),
        ("firewall: {weak_bits: 101}", "weak_bits"),
        ("firewall: {overwhelming_bits: 101}", "overwhelming_bits"),
        ("blocking: []", "blocking"),
        ("blocking: [[record_key]]", "'record_key' is no field"),
    ],
)
def test_settings_out_of_bounds_are_refused(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        load_matching(overlay(tmp_path, f"person: {{{text}}}"))
