"""Search before create finds what the night's rules find and weighs it as the night does."""

from pathlib import Path

import pytest

from matching import search
from matching.model import load
from store import keymap, versions
from store.duck import connect
from store.home import Home


@pytest.fixture(scope="module", params=["person", "organisation"])
def opened(request, demo_home):
    home = Home(Path(demo_home))
    version = versions.manifest(home)
    party = request.param
    model = load(home.models, party, version.models[party])
    with connect([home.root], home.staging) as con:
        versions.attach(con, home, version)
        keymap.attach(con, home)
        con.execute(f"CREATE TABLE held AS SELECT m.*, k.record_id FROM match_input_{party} m JOIN key_map k "
                    "USING (record_key, source)")  # fmt: skip
        search.index(con, model, "held")
        con.execute(f"""
            CREATE TABLE place AS SELECT m.record_key, s.record_key AS place FROM {search.RECORDS} s
            JOIN held m USING (source, record_id)""")
        yield con, model, party


def ask(con, model, party, records, most=1000):
    """Search for copies of records of the version."""
    con.execute(f"""
        CREATE OR REPLACE TABLE new AS SELECT * EXCLUDE (record_id) REPLACE (-record_key AS record_key)
        FROM held WHERE record_key IN ({", ".join(map(str, records))})""")
    con.register("found", search.search(con, model, "new", most).to_arrow())


def test_weights_are_those_of_the_night(opened):
    con, model, party = opened
    keys = con.sql(f"SELECT DISTINCT record_key_l FROM pairs_{party} ORDER BY 1 LIMIT 12").fetchall()
    ask(con, model, party, [key for (key,) in keys])
    [[pairs, same, levels]] = con.sql(f"""
        SELECT count(*), count(*) FILTER (WHERE f.weight = p.weight - p.raised),
               count(*) FILTER (WHERE f.levels = p.levels)
        FROM found f JOIN place q ON q.place = f.record_key_r
        JOIN pairs_{party} p ON p.record_key_l = least(q.record_key, -f.record_key_l)
            AND p.record_key_r = greatest(q.record_key, -f.record_key_l)""").fetchall()
    assert pairs >= 12 and pairs == same == levels


def test_every_pair_of_the_night_is_found(opened):
    con, model, party = opened
    keys = [
        key for (key,) in con.sql(f"SELECT DISTINCT record_key_l FROM pairs_{party} ORDER BY 1 LIMIT 12").fetchall()
    ]
    ask(con, model, party, keys)
    listed = ", ".join(map(str, keys))
    missing = con.sql(f"""
        SELECT record_key_l, record_key_r FROM pairs_{party} WHERE record_key_l IN ({listed})
        EXCEPT SELECT -f.record_key_l, q.record_key FROM found f JOIN place q ON q.place = f.record_key_r""").fetchall()
    assert missing == []


def test_a_record_is_the_strongest_candidate_of_its_copy_and_few_are_weighed(opened):
    con, model, party = opened
    keys = [key for (key,) in con.sql("SELECT record_key FROM held ORDER BY record_key LIMIT 5").fetchall()]
    ask(con, model, party, keys, most=7)
    rows = con.sql("""
        SELECT count(*), bool_or(q.record_key = -f.record_key_l), max(f.weight) > 0 FROM found f
        JOIN place q ON q.place = f.record_key_r GROUP BY f.record_key_l""").fetchall()
    assert len(rows) == 5 and all(count <= 7 and itself and likely for count, itself, likely in rows)


def test_nothing_is_left_behind_and_the_same_question_has_the_same_answer(opened):
    con, model, party = opened
    before = None
    for _ in range(2):
        ask(con, model, party, [1, 2, 3])
        answer = con.sql("FROM found ORDER BY ALL").fetchall()
        tables = con.sql("SELECT table_name FROM information_schema.tables ORDER BY 1").fetchall()
        assert before is None or before == (answer, tables)
        before = answer, tables


def test_values_of_too_many_records_are_joined_with_further_ones(opened):
    """With a cap of two records a block, keys are longer, and none holds more."""
    from dataclasses import replace

    con, model, _ = opened
    facts = model.facts | {"limits": {**model.facts["limits"], "block": 2}}
    narrow, other = replace(model, facts=facts), con.cursor()
    other.execute(f"CREATE TEMP TABLE {search.KEYS} AS FROM {search.KEYS} LIMIT 0")
    for place, rule in enumerate(narrow.blocking):
        other.execute(f"INSERT INTO temp.{search.KEYS} {search._held_keys(narrow, place, rule)}")
    [[most, longer]] = other.execute(f"""
        SELECT max(n), bool_or(n > 0) FROM (SELECT count(*) AS n FROM temp.{search.KEYS} GROUP BY key)""").fetchall()
    assert most <= 2 and longer
    other.close()
