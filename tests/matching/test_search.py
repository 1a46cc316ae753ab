"""Search before create finds what the night's rules find and weighs it as the night does."""

from pathlib import Path

import polars as pl
import pytest

from matching import search
from matching.model import load
from store import keymap, versions
from store.duck import connect
from store.home import Home


@pytest.fixture(scope="module", params=["person", "organisation"])
def opened(request, demo_home, tmp_path_factory):
    home, folder = Home(Path(demo_home)), tmp_path_factory.mktemp("index")
    version = versions.manifest(home)
    party = request.param
    model = load(home.models, party, version.models[party])
    with connect([home.root], home.staging, as_written=True) as con:
        versions.attach(con, home, version)
        keymap.attach(con, home)
        con.execute(f"CREATE TABLE held AS SELECT m.*, k.record_id FROM match_input_{party} m JOIN key_map k "
                    "USING (record_key, source)")  # fmt: skip
        with connect([home.root, folder], home.staging) as writing:
            writing.from_arrow(con.sql("FROM held").to_arrow_table()).create("held")
            search.index(writing, model, "held", folder)
        numbered = "SELECT record_key, row_number() OVER (ORDER BY source, record_id) AS place FROM held"
        con.execute(f"CREATE TABLE place AS {numbered}")
        con.execute("CREATE TABLE new AS SELECT * EXCLUDE (record_id) FROM held LIMIT 0")
        yield con, model, party, search.Search(con, model, folder, "new")


def ask(opened, records, most=1000):
    """Search for copies of records of the version."""
    con = opened[0]
    con.execute("DELETE FROM new")
    con.execute(f"""
        INSERT INTO new SELECT * EXCLUDE (record_id) REPLACE (-record_key AS record_key)
        FROM held WHERE record_key IN ({", ".join(map(str, records))})""")
    con.register("found", pl.DataFrame(opened[3].find(most), infer_schema_length=None).to_arrow())


def test_weights_are_those_of_the_night(opened):
    con, _, party, _ = opened
    keys = con.sql(f"SELECT DISTINCT record_key_l FROM pairs_{party} ORDER BY 1 LIMIT 12").fetchall()
    ask(opened, [key for (key,) in keys])
    [[pairs, same]] = con.sql(f"""
        SELECT count(*), count(*) FILTER (WHERE f.weight = p.weight - p.raised)
        FROM found f JOIN place q ON q.place = f.record_key_r
        JOIN pairs_{party} p ON p.record_key_l = least(q.record_key, -f.record_key_l)
            AND p.record_key_r = greatest(q.record_key, -f.record_key_l)""").fetchall()
    assert pairs >= 12 and pairs == same


def test_every_pair_of_the_night_is_found(opened):
    con, _, party, _ = opened
    keys = [
        key for (key,) in con.sql(f"SELECT DISTINCT record_key_l FROM pairs_{party} ORDER BY 1 LIMIT 12").fetchall()
    ]
    ask(opened, keys)
    listed = ", ".join(map(str, keys))
    missing = con.sql(f"""
        SELECT record_key_l, record_key_r FROM pairs_{party} WHERE record_key_l IN ({listed})
        EXCEPT SELECT -f.record_key_l, q.record_key FROM found f JOIN place q ON q.place = f.record_key_r""").fetchall()
    assert missing == []


def test_a_record_is_the_strongest_candidate_of_its_copy_and_few_are_weighed(opened):
    con, *_ = opened
    keys = [key for (key,) in con.sql("SELECT record_key FROM held ORDER BY record_key LIMIT 5").fetchall()]
    ask(opened, keys, most=7)
    rows = con.sql("""
        SELECT count(*), bool_or(q.record_key = -f.record_key_l), max(f.weight) > 0 FROM found f
        JOIN place q ON q.place = f.record_key_r GROUP BY f.record_key_l""").fetchall()
    assert len(rows) == 5 and all(count <= 7 and itself and likely for count, itself, likely in rows)


def test_nothing_is_left_behind_and_the_same_question_has_the_same_answer(opened):
    con, *_ = opened
    before = None
    keys = [key for (key,) in con.sql("SELECT record_key FROM held ORDER BY record_key LIMIT 3").fetchall()]
    for _ in range(2):
        ask(opened, keys)
        answer = con.sql("FROM found ORDER BY ALL").fetchall()
        tables = con.sql("SELECT table_name FROM information_schema.tables ORDER BY 1").fetchall()
        assert before is None or before == (answer, tables)
        before = answer, tables


def test_values_of_too_many_records_are_joined_with_further_ones(opened, tmp_path):
    """With a cap of two records a block, keys are longer, and none holds more."""
    from dataclasses import replace

    con, model, *_ = opened
    facts = model.facts | {"limits": {**model.facts["limits"], "block": 2}}
    with connect([tmp_path, model.folder], tmp_path) as writing:
        writing.from_arrow(con.sql("FROM held").to_arrow_table()).create("held")
        search.index(writing, replace(model, facts=facts), "held", tmp_path)
    sizes = pl.read_ipc(tmp_path / search.KEYS).group_by("key").len()["len"]
    assert sizes.min() > 0 and sizes.max() <= 2
