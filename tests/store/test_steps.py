"""Statements that each make a table, noted and asked as one query."""

import duckdb

from store.steps import Steps, made_by

STATEMENTS = (
    "CREATE OR REPLACE TEMP TABLE one AS SELECT range AS n FROM range(5)",
    "DROP TABLE IF EXISTS two",
    "CREATE TABLE two AS WITH odd AS (FROM one WHERE n % 2 = 1) SELECT n * n AS n FROM odd",
)


def test_one_query_gives_what_the_statements_make():
    steps = Steps()
    with duckdb.connect() as con:
        for statement in STATEMENTS:
            steps.execute(statement)
        asked = con.execute(steps.query("SELECT sum(n) FROM two")).fetchall()
        assert con.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)], "nothing was made"
        for statement in STATEMENTS:
            con.execute(statement)
        assert con.execute("SELECT sum(n) FROM two").fetchall() == asked == [(10,)]


def test_a_table_that_is_made_again_is_the_later_one():
    steps = Steps()
    steps.execute("CREATE TABLE a AS SELECT 1 AS n")
    steps.execute("CREATE OR REPLACE TABLE a AS SELECT 2 AS n")
    assert duckdb.sql(steps.query("FROM a")).fetchall() == [(2,)]
    assert Steps().query("SELECT 3") == "SELECT 3"


def test_what_a_statement_makes():
    assert [made_by(statement) for statement in STATEMENTS] == ["one", None, "two"]
