"""Rows released from quarantine: used the next night without the rule, logged without the key, by two if need be."""

import polars as pl
import pytest

from pipelines.sources.snapshot import snapshot
from rules.errors import DecisionRefused, NotFound
from rules.sources import Source
from stages import releases
from stages.verify import verify
from tests.conftest import FIRST, SECOND
from tests.tables import table

DELIVERED = "id,name,at\n1,A,1\n2,B,1\n1,C,2\n,D,3\n3,,4\n"


def source(**read) -> Source:
    return Source.model_validate(
        {
            "name": "s", "kind": "csv", "legal_entity": "bank_az", "read": {"path": "in.csv", "key": "id", **read},
            "contract": {"columns": {"id": "text", "name": "text", "at": "text"}, "required": ["name"]},
            "map": [{"party_type": "person"}],
        }
    )  # fmt: skip


def let_pass(*pairs):
    """Which records are released from which rule, as the log would say."""
    known = pl.DataFrame(pairs, schema={"record_id": pl.String, "rule": pl.String}, orient="row")
    return lambda keys: known.filter(pl.col("record_id").is_in(keys.drop_nulls().implode()))


def test_a_released_row_passes_its_rule_alone_and_no_row_is_lost(tmp_path):
    (tmp_path / "in.csv").write_text(DELIVERED, encoding="utf-8")
    taken = snapshot(source(), tmp_path, FIRST, waived=let_pass(("1", "duplicate_key"), ("3", "required")))
    assert taken.frame.select("row", "record_id", "name").rows() == [(2, "1", "C"), (1, "2", "B"), (4, "3", None)]
    assert taken.quarantine.select("row", "rule").rows() == [(0, "duplicate_key"), (3, "null_key")]
    other = snapshot(source(), tmp_path, FIRST, waived=let_pass(("1", "required"), ("3", "duplicate_key")))
    assert other.frame["record_id"].to_list() == ["2"] and other.rows == taken.rows == 5


def test_a_source_that_sends_changes_alone_is_asked_for_all_when_a_row_that_it_sent_before_is_released(tmp_path):
    (tmp_path / "in.csv").write_text("id,name,at\n1,A,1\n2,,1\n", encoding="utf-8")
    changes = source(mode="watermark", watermark="at")
    first = snapshot(changes, tmp_path, FIRST)
    assert first.frame["record_id"].to_list() == ["1"]
    assert snapshot(changes, tmp_path, SECOND, first, let_pass()).frame["record_id"].to_list() == ["1"]
    again = snapshot(changes, tmp_path, SECOND, first, let_pass(("2", "required")))
    assert again.frame["record_id"].to_list() == ["1", "2"] and again.quarantine.is_empty()


def held(place) -> tuple[str, str]:
    """A record of the small registry that stands in quarantine twice."""
    rows = releases.refused(place.home, place.settings).filter(rule="duplicate_key", source="cards")
    assert rows.height == 2 and rows["state"].to_list() == [None, None]
    return "cards", rows["record_id"][0]


def test_a_release_needs_a_reason_a_record_and_a_rule_that_can_be_set_aside(small_live):
    home, settings = small_live.home, small_live.settings
    record = held(small_live)
    with pytest.raises(DecisionRefused, match="give the row a key"):
        releases.release(home, settings, record, "null_key", "why not")
    with pytest.raises(DecisionRefused, match="has no reason"):
        releases.release(home, settings, record, "duplicate_key", " ")
    for nobody in (("cards", "nobody"), ("loans", record[1])):
        with pytest.raises(NotFound, match="holds no such record"):
            releases.release(home, settings, nobody, "duplicate_key", "why not")
    with pytest.raises(NotFound, match="does not exist"):
        releases.approve(home, 1)
    assert releases.releases(home) == []


@pytest.mark.slow
def test_a_copy_is_used_once_two_persons_released_it_and_refused_again_once_that_ended(small_live, compute):
    home, settings, record = small_live.home, small_live.settings, held(small_live)
    waits = releases.release(home, settings, record, "duplicate_key", "the branch sent it twice", "steward")
    assert (waits.id, waits.state) == (1, "waiting")
    assert releases.release(home, settings, record, "duplicate_key", "again", "steward") == waits
    assert releases.waived(home, settings, "cards", pl.Series([record[1], None])).is_empty()
    with pytest.raises(DecisionRefused, match="made by this person"):
        releases.approve(home, 1, " Steward")
    assert releases.approve(home, 1, "head").state == "counting"
    assert record[1] not in (home.root / releases.LOG).read_text(encoding="utf-8"), "an erasure need not reach it"
    known = releases.refused(home, settings).filter(pl.col("state").is_not_null())
    assert set(known["record_id"]) == {record[1]} and set(known["state"]) == {"counting"}

    compute(small_live, SECOND)
    used = table(home, "std_record").filter(source="cards", record_id=record[1])
    left = table(home, "quarantine").filter(source="cards", record_id=record[1])
    assert used.height == 1 and left["rule"].to_list() == ["duplicate_key"]
    assert [one["id"] for one in verify(home)["invariants"] if not one["ok"]] == []

    assert releases.end(home, 1, "head").state == "ended"
    assert releases.waived(home, settings, "cards", pl.Series([record[1]])).is_empty()
    with pytest.raises(DecisionRefused, match="is ended"):
        releases.end(home, 1, "head")
