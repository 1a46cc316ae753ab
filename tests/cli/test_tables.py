"""Tables on terminals of any width: nothing is cut, a client number stays in one piece."""

import re

import pytest

from cli.options import show_table

COLUMNS = ["client_number", "source", "record_id", "full_name", "birth_date", "golden_hash"]
ROWS = [
    [
        "10000000631",
        "core",
        "175067021",
        "Aygün Elxan qızı Məmmədova",
        "1990-01-02",
        "9c522f1ff6124bb0cdef0e78376b439d",
    ],
    ["10000000649", "crm", "c0", "王小明", "1985-11-30", "0cdef0e78376b439d9c522f1ff6124bb"],
]
WHOLE = ("10000000631", "10000000649", "175067021", "1990-01-02", "Məmmədova", "王小明")


def shown(capsys, monkeypatch, width: int) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    show_table("Found [2]", COLUMNS, ROWS)
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [200, 120, 100, 80, 60, 40])
def test_words_stay_whole_and_long_ones_are_folded(capsys, monkeypatch, width):
    out = shown(capsys, monkeypatch, width)
    assert "…" not in out and "Found [2]" in out
    assert [word for word in WHOLE if word not in out] == []
    folded = re.sub(r"[│┃\s]", "", out)
    assert all(row[5][-4:] in folded for row in ROWS)
    from rich.cells import cell_len

    assert max(map(cell_len, out.splitlines())) <= width


def test_what_does_not_fit_side_by_side_stands_field_by_field(capsys, monkeypatch):
    assert "│ client_number │ 10000000631" in shown(capsys, monkeypatch, 60)
    assert re.search(r"client_number\s+┃ source", shown(capsys, monkeypatch, 120))


def test_a_pipe_has_no_width(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    show_table("Wide", ["a", "b", "c"], [["x" * 90, "y" * 90, "z" * 90]])
    assert "x" * 90 in capsys.readouterr().out


def test_numbers_stand_right_with_thousands_apart_and_empty_tables_show_their_head(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    show_table("Rows", ["table", "rows"], [["a", 1_234_567], ["b", 1]])
    show_table("None", ["no version yet"], [])
    out = capsys.readouterr().out
    assert "│ a     │ 1,234,567 │" in out and "│ b     │         1 │" in out and "no version yet" in out
