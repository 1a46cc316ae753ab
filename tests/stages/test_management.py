"""The management reports of the demo's second night."""

from decimal import Decimal

import fastexcel
import pytest

from stages.management import write
from stages.management.questions import REPORTS
from store.home import Home
from store.opening import opened


@pytest.fixture(scope="session")
def written(demo_home, tmp_path_factory):
    return write(Home(demo_home), tmp_path_factory.mktemp("reports"))


def test_the_page_has_every_report_and_no_name_of_a_client(written, demo_home):
    page = written[0].read_text(encoding="utf-8")
    assert all(report.title in page and question.title in page for report in REPORTS for question in report.tables)
    assert "<script" not in page and "http" not in page
    with opened(Home(demo_home)) as con:
        names = con.execute("SELECT DISTINCT display_name FROM golden_party WHERE display_name LIKE '% %'").fetchall()
    assert not [name for (name,) in names if name in page]


def test_the_workbook_holds_every_client_and_its_sums_are_those_of_the_view(written, demo_home):
    book = fastexcel.read_excel(written[1])
    assert book.sheet_names == [question.title for report in REPORTS for question in report.tables]
    result = book.load_sheet("Result per client").to_polars()
    with opened(Home(demo_home)) as con:
        told = con.execute("SELECT count(*), sum(interest_earned - interest_paid) FROM view_client").fetchall()
    assert told == [(result.height, round(Decimal(str(result["result"].sum())), 2))]
    assert book.load_sheet("Clients of each manager").to_polars().height > 0


def test_the_same_version_gives_the_same_files_which_only_their_owner_reads(written, demo_home, tmp_path):
    again = write(Home(demo_home), tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in written]
    assert {path.stat().st_mode & 0o077 for path in again} == {0}
