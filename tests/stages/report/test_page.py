"""The page: complete, self-contained, free of client values unless asked for, the same for the same night."""

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from stages.report import RunFacts, write_report

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Outline(HTMLParser):
    """Checks that tags close, and keeps what the tests ask about."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(name, value or "") for name, value in attrs]


def page(con: duckdb.DuckDBPyConnection, facts: RunFacts, path: Path) -> str:
    write_report(con, facts, path)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hidden(night: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory, all_facts: RunFacts) -> str:
    return page(night, all_facts, tmp_path_factory.mktemp("report") / "deep" / "night.html")


def test_it_is_well_formed_and_labelled(hidden: str) -> None:
    outline = Outline()
    outline.feed(hidden)
    assert outline.open == []
    assert outline.seen.count("table") == outline.seen.count("caption") > 10
    ids = [value for name, value in outline.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for name, value in outline.attributes if name == "href"} <= set(ids)


def test_it_needs_no_network_and_no_script(hidden: str) -> None:
    assert "://" not in hidden
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\((?!#)| on\w+=", hidden)
    assert "prefers-color-scheme: dark" in hidden and "@media print" in hidden


def test_it_holds_no_client_value_unless_asked(
    night: duckdb.DuckDBPyConnection, hidden: str, facts: RunFacts, canary: str, tmp_path: Path
) -> None:
    assert canary.lower() not in hidden.lower() and "+99450" not in hidden
    assert "This page holds no client values" in hidden
    shown = page(night, dataclasses.replace(facts, show_client_values=True), tmp_path / "shown.html")
    assert canary in shown and "&lt;b&gt;" in shown and "20 <b>" not in shown
    assert "handle it as client data" in shown


def test_it_tells_the_night(hidden: str) -> None:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", hidden))
    for expected in (
        "Caspian &amp; Carpathian Bank", "12 March 2026", "Version 2", "Rows in 96", "Quarantined 7",
        "17 persons joined from 40 records", "18 persons known by one record", "Largest cluster", "A clear pair",
        "duplicate key", "constraint", "a blocking check failed", "golden_party: primary key unique", "since version 1",
        "birth date, contact", "12.9",
    ):  # fmt: skip
        assert expected in text, expected


def test_the_same_night_gives_the_same_bytes(
    night: duckdb.DuckDBPyConnection, hidden: str, facts: RunFacts, tmp_path: Path
) -> None:
    night.execute("SET threads = 1")
    assert page(night, facts, tmp_path / "again.html") == hidden
    night.execute("RESET threads")
    assert night.sql("SELECT 1 FROM duckdb_tables() WHERE table_name LIKE '_report%'").fetchall() == []


def test_an_empty_home_still_gives_a_page(facts: RunFacts, tmp_path: Path) -> None:
    first = dataclasses.replace(facts, parent=None, models=(), inputs={}, checks=(), seconds={})
    with duckdb.connect() as con:
        text = page(con, first, tmp_path / "empty.html")
        assert con.sql("SHOW TABLES").fetchall() == []
    assert "No rows came in." in text and "This is the first version" in text and "Nothing was quarantined." in text


def test_light_and_dark_text_has_enough_contrast() -> None:
    """WCAG AA: 4.5 to 1 for text on the surfaces it stands on."""
    style = (Path(__file__).parents[3] / "stages" / "paper" / "page.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in style.split("@media", 2)[:2])
    for palette in (light, {**light, **dark}):
        for text in ("ink", "muted", "good-text", "warn-text", "bad", "person"):
            assert contrast(palette[text], palette["surface"]) >= 4.5, text
        for text, ground in (("muted", "page"), ("on-band-soft", "band"), ("golden-ink", "golden"), ("ink", "golden")):
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
        assert contrast(palette["ink"], mixed(palette["heat"], palette["surface"], 0.58)) >= 4.5


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def mixed(one: str, other: str, share: float) -> str:
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)
