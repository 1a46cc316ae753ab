"""What goes wrong in a night, through the real job: the live version stays, the message says where and what."""

import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.run import NightFailed, run_night
from rules.errors import HomeBusy
from stages.start import begin
from store import lock, versions
from tests.tables import table

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
HOLD = """
import sys; from pathlib import Path; from store import lock; from store.home import Home
lock.acquire(Home(Path(sys.argv[1]))); print("held", flush=True); sys.stdin.read()
"""


def cards(place, day) -> Path:
    return place.data / "files" / f"cards_{day}.csv"


@pytest.fixture
def live(small_live):
    """The small registry after its first night."""
    return small_live


def test_a_renamed_column_fails_the_night_by_its_name(live, days):
    file = cards(live, days.second)
    file.write_text(file.read_text(encoding="utf-8").replace("surname", "family_nm", 1), encoding="utf-8")
    with pytest.raises(NightFailed, match=r"column 'surname' is missing.*family_nm"):
        run_night(live, days.second)
    assert versions.manifest(live.home).version == 1
    assert not (live.home.snapshots / "cards" / str(days.second)).exists()


@pytest.mark.slow
def test_a_source_that_fails_is_served_by_its_last_snapshot_for_its_stale_nights_and_is_marked(live, compute, days):
    for day in (days.second, days.third):
        (live.data / "files" / f"loans_{day}.parquet").unlink(missing_ok=True)
    second = compute(live, days.second)
    assert {entry.source: entry.stale for entry in second.inputs} == {"cards": False, "loans": True}
    records = table(live.home, "std_record").select("record_key", "source")
    told = table(live.home, "golden_lineage").join(records, on="record_key")
    assert dict(told.group_by("source").agg(pl.col("stale_since").unique()).iter_rows()) == {
        "cards": [None], "loans": [days.first],
    }  # fmt: skip
    shutil.copy(cards(live, days.second), cards(live, days.third))
    with pytest.raises(NightFailed, match="source loans"):
        run_night(live, days.third)
    assert versions.manifest(live.home).version == second.version


def test_an_earlier_business_date_is_refused_and_the_pointer_stays(bank_place, days):
    before = bank_place.home.pointer.read_bytes()
    with pytest.raises(NightFailed, match=f"lies before {days.second}"):
        run_night(bank_place, days.first)
    assert bank_place.home.pointer.read_bytes() == before


@pytest.mark.slow
def test_a_broken_blocking_check_stops_promotion(live, days):
    def spoil(step: str, what: str, _counts: object) -> None:
        """Two clusters for one record, as a defect in clustering would leave them."""
        if (step, what) == ("clusters", "finished"):
            path = live.night(days.second).path("clusters")
            good = pl.read_parquet(path)
            pl.concat([good, good.head(1).with_columns(pl.col("cluster_key") + 1)]).write_parquet(path)

    with pytest.raises(NightFailed, match="clusters"):
        run_night(live, days.second, listener=spoil)
    assert versions.manifest(live.home).version == 1
    assert versions.numbers(live.home) == [1]


def test_two_runs_at_once_the_second_is_refused(live, days):
    command = [sys.executable, "-c", HOLD, str(live.home.root)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(HomeBusy, match=f"process {first.pid}"):
            begin(live.night(days.second))
        with pytest.raises(NightFailed, match="another run holds this home"):
            run_night(live, days.second)
        first.communicate("")
    begin(live.night(days.second))
    lock.release(live.home)


@pytest.mark.slow
def test_a_full_run_of_the_same_date_gives_the_same_hashes_in_a_new_version(live, days):
    ran = run_night(live, days.first, full=True)
    assert ran.new and ran.version.version == 2
    before, after = (versions.manifest(live.home, number).content_hashes for number in (1, 2))
    golden = [name for name in before if name.startswith(("golden_", "std_", "clusters", "crosswalk", "pairs_"))]
    assert {name: before[name] for name in golden} == {name: after[name] for name in golden}


def test_the_same_date_again_computes_nothing(bank_place, days):
    before = {path: path.read_bytes() for path in sorted(bank_place.home.versions.rglob("*.json"))}
    steps: list[str] = []
    ran = run_night(bank_place, days.second, listener=lambda step, *_: steps.append(step))
    assert not ran.new
    assert steps == []
    assert {path: path.read_bytes() for path in sorted(bank_place.home.versions.rglob("*.json"))} == before


@pytest.mark.slow
def test_a_run_killed_after_promotion_is_published_and_reported_by_the_next(bank_place, days):
    home = bank_place.home
    shutil.rmtree(home.published)
    (home.reports / "000002.html").unlink()
    assert not run_night(bank_place, days.second).new
    assert (home.reports / "000002.html").exists()
    for target in ("parquet", "csv-crm"):
        assert (home.published / target / "latest.txt").read_text() == "000002\n"
        assert len(list((home.published / target / "000002").iterdir())) > 5


def canaries(file: Path) -> set[bytes]:
    """Every personal value of a day's cards that is long enough not to stand there by chance."""
    rows = pl.read_csv(file, separator=";", infer_schema=False)
    columns = ("embossed", "birth", "document", "fin", "mobile", "address")
    return {value.encode() for column in columns for value in rows[column].drop_nulls() if len(value) >= 7}


def found_in(values: set[bytes], texts: list[bytes]) -> list[bytes]:
    return [value for value in values if any(value in text for text in texts)]


def kept_by(folder: Path, pattern: str = "*") -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob(pattern) if path.is_file()]


def test_no_client_value_reaches_dagsters_store_or_the_checks_of_a_good_night(demo_home, days):
    values = canaries(demo_home / "bank" / "files" / f"cards_{days.second}.csv")
    assert len(values) > 300 and list((demo_home / "dagster").rglob("*.db"))
    texts = [*kept_by(demo_home / "dagster"), *kept_by(demo_home / "staging", "*.json"),
             *kept_by(demo_home / "versions")]  # fmt: skip
    assert found_in(values, texts) == []


@pytest.mark.slow
def test_no_client_value_reaches_dagsters_store_the_message_or_the_console_of_a_failed_night(live, days, capfd):
    """The names of one source stand where numbers belong, so that DuckDB's own message quotes one."""

    def spoil(step: str, what: str, _counts: object) -> None:
        if (step, what) == ("clusters", "finished"):
            path = live.night(days.second).part("std_name", "cards")
            pl.read_parquet(path).with_columns(pl.col("full").alias("record_key")).write_parquet(path)

    with pytest.raises(NightFailed, match=r"unexpected \w+ at \w+\.py:\d+") as failed:
        run_night(live, days.second, listener=spoil)
    values = canaries(cards(live, days.second))
    names = pl.read_parquet(live.night(days.second).part("std_name", "cards"))["record_key"]
    values |= {name.encode() for name in names if len(name) >= 7}
    console = capfd.readouterr()
    texts = [str(failed.value).encode(), console.out.encode(), console.err.encode(), *kept_by(live.home.dagster)]
    assert found_in(values, texts) == []
