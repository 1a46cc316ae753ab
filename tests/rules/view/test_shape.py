"""Packs as files: the bank's YAML over ours, its Excel in place of both, effective days, refusals with their place."""

from datetime import date

import pytest
import xlsxwriter

from rules.errors import ConfigError
from rules.load import DEFAULTS
from rules.view.packs import PACKS, REVIEW, RISK, RISK_CLASS, TIER
from rules.view.shape import load_pack

DAY = date(2026, 3, 3)
HEAD = ["id", "party_type", "financial_assets", "tier", "rank", "premium", "served_by", "reason", "cites", "from", "to"]
GOOD = ["rich", "person", ">= 1000", "gold", "2", "true", "head", "is rich", "us", "2026-01-01", ""]


@pytest.fixture
def bank(tmp_path):
    """The bank's rules folder, and a way to write its pack."""

    def write(pack, text):
        path = tmp_path / "view" / f"{pack.name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def workbook(tmp_path):
    """The bank's rules folder with a workbook of these rows."""

    def write(*rows, sheet="tier"):
        path = tmp_path / "view" / "tier.xlsx"
        path.parent.mkdir(exist_ok=True)
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet(sheet)
            for place, row in enumerate(rows):
                page.write_row(place, 0, row)
        return tmp_path

    return write


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_the_shipped_pack_is_whole(pack):
    found = load_pack(pack, DAY)
    assert found and all(rule.reason and rule.cites for rule in found)
    if pack in (RISK_CLASS, REVIEW):
        assert found[-1].condition == "TRUE"


def test_the_bank_changes_one_rule_adds_one_and_drops_one(bank):
    folder = bank(RISK, """
rules:
  politically_exposed: {then: {points: 99}}
  large_outflow: {to: 2026-03-02}
  own: {when: {age: "> 100"}, then: {points: 1}, reason: is old, cites: ours}
""")  # fmt: skip
    found = {rule.id: rule for rule in load_pack(RISK, DAY, folder)}
    assert found["politically_exposed"].gives == {"points": 99, "decisive": "high"}
    assert "large_outflow" not in found and found["own"].condition == '("age" > 100)'


@pytest.mark.parametrize(
    ("text", "line", "problem", "mend"),
    [
        ("when: {agee: 1}", 4, "'agee' is no column that this pack reads", "age"),
        ("then: {poinst: 1}", 4, "'poinst' is nothing that this pack gives", "points"),
        ("then: {points: many}", 4, "'points' must be a whole number", "correct"),
        ("then: {points: 1, decisive: hihg}", 4, "'hihg' is no decisive", "high"),
        ("wen: {age: 1}", 4, "unknown key", "when"),
    ],
)
def test_a_typo_in_yaml_is_refused_with_file_line_and_the_nearest_word(text, line, problem, mend, bank):
    folder = bank(RISK, f"rules:\n  own:\n    reason: r\n    {text}\n    cites: c\n")
    with pytest.raises(ConfigError) as found:
        load_pack(RISK, DAY, folder)
    assert str(found.value).startswith(f"{folder / 'view' / 'risk.yaml'}:{line}: ")
    assert problem in found.value.expected and mend in found.value.next_step


def test_rules_are_in_effect_from_their_first_to_their_last_day(bank):
    folder = bank(RISK, "rules:\n  own: {then: {points: 1}, reason: r, cites: c, from: 2026-03-02, to: 2026-03-03}\n")
    days = [date(2026, 3, day) for day in (1, 2, 3, 4)]
    assert ["own" in {rule.id for rule in load_pack(RISK, day, folder)} for day in days] == [False, True, True, False]


def test_an_excel_table_takes_the_place_of_the_pack(workbook):
    [rule] = load_pack(TIER, DAY, workbook(HEAD, GOOD))
    assert rule.condition == '("party_type" = \'person\') AND ("financial_assets" >= 1000)'
    assert rule.gives == {"tier": "gold", "rank": 2, "premium": True, "served_by": "head"}


def test_excel_numbers_and_yes_no_cells_are_read_as_such(workbook):
    row = ["rich", "person", 1000, "gold", 2, True, "head", "is rich", "us", "", ""]
    [rule] = load_pack(TIER, DAY, workbook(HEAD, row))
    assert rule.condition.endswith('("financial_assets" = 1000)') and rule.gives["premium"] is True


@pytest.mark.parametrize(
    ("rows", "place", "problem"),
    [
        ([[*HEAD[:2], "financial_asets", *HEAD[3:]], GOOD], "row 1", "'financial_asets' is no column"),
        ([HEAD[1:], GOOD[1:]], "row 1", "the column 'id' is missing"),
        ([HEAD, GOOD, GOOD], "row 3", "the rule 'rich' stands twice"),
        ([HEAD, [*GOOD[:2], ">= lots", *GOOD[3:]]], "row 2", "'lots' is no column"),
        ([HEAD, GOOD, ["b", "persn", *GOOD[2:]]], "row 3", "never is 'persn'"),
        ([HEAD, [*GOOD[:4], "two", *GOOD[5:]]], "row 2", "'rank' must be a whole number"),
        ([HEAD, [*GOOD[:7], "", *GOOD[8:]]], "row 2", "'reason' is empty"),
        ([HEAD, [*GOOD[:9], "soon", ""]], "row 2", "is no date"),
        ([HEAD, [*GOOD[:3], "", *GOOD[4:]]], "row 2", "gives no 'tier'"),
    ],
)
def test_a_typo_in_excel_is_refused_with_file_sheet_and_row(rows, place, problem, workbook):
    folder = workbook(*rows)
    with pytest.raises(ConfigError) as found:
        load_pack(TIER, DAY, folder)
    assert found.value.place == f"{folder / 'view' / 'tier.xlsx'}, sheet tier, {place}"
    assert problem in found.value.expected


def test_a_file_that_is_no_workbook_is_refused(tmp_path):
    (tmp_path / "view").mkdir()
    (tmp_path / "view" / "tier.xlsx").write_text("id;when")
    with pytest.raises(ConfigError, match="no Excel workbook"):
        load_pack(TIER, DAY, tmp_path)


def test_every_shipped_file_belongs_to_a_pack():
    files = {path.stem for path in (DEFAULTS / "view").glob("*.yaml")}
    assert files == {pack.name for pack in PACKS} | {"settings"}
