"""What lost to each golden value: on literal records, and on the pages, where it is masked like what survived."""

import html
import re
from datetime import datetime

import pytest

from rules.survivorship import load_survivorship
from stages import lookup
from stewardship import clients, lost, near
from stewardship.lost import Trusted

KNOWN = Trusted({"core": 90, "crm": 60}, load_survivorship())


@pytest.mark.parametrize(
    "rule, own, won, why",
    [
        ("recent", {"updated_at": datetime(2020, 1, 1)}, {}, "its record is older"),
        ("recent", {"updated_at": None}, {}, "its record is older"),
        ("recent", {"trust": 60}, {}, "its source is trusted less"),
        ("trusted", {"trust": 60, "updated_at": datetime(2030, 1, 1)}, {}, "its source is trusted less"),
        ("verified", {"proof": 0, "trust": 95}, {"proof": 1}, "its record is verified less"),
        ("verified", {"trust": 60}, {}, "its source is trusted less"),
        ("frequent", {"trust": 95}, {"count": 2}, "fewer records say so"),
        ("trusted", {}, {}, lost.ALIKE),
        ("decision", {}, {}, lost.DECIDED),
        ("union", {}, {}, lost.LEFT_OUT),
    ],
)
def test_why_is_the_first_measure_of_the_strategy_in_which_the_winner_is_better(rule, own, won, why):
    same = {"trust": 90, "proof": 0, "count": 1, "updated_at": datetime(2024, 1, 1)}
    row = {"from": {"rule": rule}}
    assert lost._why(row, same | own, same | won) == why


def told(con, number, parts=near.PARTS):
    found = lookup.golden(con, number)
    return lost.beside(con, found, clients.fields(found), KNOWN, parts)


@pytest.fixture
def contested(live):
    """A client of whose birth dates one lost."""
    with live() as now:
        [(number, *_)] = now.con.execute("""
            SELECT client_number FROM golden_lineage WHERE field = 'birth_date' AND candidates = 2
            ORDER BY 1 LIMIT 1""").fetchall()
    return number


def test_every_value_that_competed_is_won_or_lost(live):
    with live() as now:
        numbers = now.con.execute("""
            SELECT DISTINCT client_number FROM golden_lineage WHERE candidates > 1 AND field <> 'party_type'
            ORDER BY md5(client_number) LIMIT 25""").fetchall()
        for (number,) in numbers:
            for row in told(now.con, number):
                usable = [each for each in row["lost"] if each["why"] in {*lost._WHY.values(), lost.ALIKE}]
                if row["from"] and row["from"]["rule"] != "union":
                    assert len(usable) == row["from"]["candidates"] - 1, (number, row["field"])
                assert row["value"] not in [each["value"] for each in row["lost"]]


def test_what_no_night_can_use_lost_for_that_reason(live):
    with live() as now:
        key, field, raw, reason = now.con.execute("""
            SELECT record_key, field, raw, reason FROM std_value
            WHERE NOT valid AND field IN ('birth_date', 'registration_date') AND standard IS NULL
            ORDER BY 1 LIMIT 1""").fetchone()
        [(number,)] = now.con.execute("SELECT client_number FROM crosswalk WHERE record_key = ?", [key]).fetchall()
        [row] = [row for row in told(now.con, number) if row["field"] == field]
    assert (raw, reason) in [(each["value"], each["why"]) for each in row["lost"]]


def test_the_page_and_the_tab_show_what_lost_with_record_date_and_reason(visit, live, contested):
    with live() as now:
        [row] = [row for row in told(now.con, contested) if row["field"] == "birth_date"]
    [each] = row["lost"]
    for client, path in ((visit(), f"/clients/{contested}"), (visit("head"), f"/desk/clients/{contested}")):
        page = html.unescape(client.get(path).text)
        lines = re.findall(r'<tr class="lost">(.*?)</tr>', page, re.DOTALL)
        [line] = [line for line in lines if "birth date" in line]
        assert all(word in line for word in (each["value"], each["record"], str(each["day"]), each["why"]))
    past = visit().get(f"/clients/{contested}?as_of=2026-03-02").text
    assert 'class="lost"' not in past, "of other days no records are kept"


def test_a_tab_looks_at_its_own_kinds_of_values_alone(live, contested):
    with live() as now:
        fields = {kind: {row["field"] for row in told(now.con, contested, (kind,)) if row["lost"]}
                  for kind in ("scalar", "contact")}  # fmt: skip
    assert "birth_date" in fields["scalar"] and "birth_date" not in fields["contact"]


def test_what_lost_is_masked_like_what_survived(visit, live):
    with live() as now:
        number, value = now.con.execute("""
            SELECT client_number, number FROM std_identifier i JOIN crosswalk USING (record_key)
            ANTI JOIN golden_identifier g ON g.client_number = crosswalk.client_number AND g.number = i.number
            WHERE length(number) >= 8 ORDER BY 1, 2 LIMIT 1""").fetchone()
    path = f"/desk/clients/{number}"
    shown, hidden = visit("head").get(path).text, visit("teller").get(path).text
    assert value in shown and value not in hidden and f"••••{value[-4:]}" in hidden
