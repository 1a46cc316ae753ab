"""Which rows and records differ from the live version: by their keys and the hashes of their raw rows.

Here: the comparison with the parent, as tables in a connection. Not here: what a step does about it.
"""

import duckdb

from rules.contracts import TABLES
from rules.sources import Source
from stages.night import Night
from store import snapshots
from store.duck import identifier, quote
from store.manifest import Manifest
from store.tables import difference_sql

NEEDED = ("std_record", "std_value")
"""Tables that `fresh` compares, of tonight and of the parent."""
DAY_DEPENDENT = "in the future"
"""Reason of a flagged value that depends on the business date: its record is looked at again every night."""


def changed_rows(con: duckdb.DuckDBPyConnection, night: Night, source: Source) -> bool:
    """Create `changed(record_id)`: keys of the source's rows that came, went or differ since the parent.

    False where the parent's rows are not known, or all standard forms are computed: then it is every row of
    `delivered(record_id)`, tonight's.
    """
    parent = None if night.plan.standard else night.parent
    if parent and _is_known(night, source, parent):
        days = (parent.business_date, night.business_date)
        if snapshots.changed(con, night.home, source.series, *days):
            return True
    con.execute("CREATE OR REPLACE TEMP TABLE changed AS SELECT record_id FROM delivered")
    return False


def _is_known(night: Night, source: Source, parent: Manifest) -> bool:
    """Whether the snapshot kept for the parent's date is the one that the parent was made of."""
    made_of = {entry.source: entry.content_hash for entry in (*parent.inputs, *parent.feeds)}
    facts = snapshots.read_facts(night.home, source.series, parent.business_date)
    return facts is not None and facts.content_hash == made_of.get(source.name)


def unchanged_records(con: duckdb.DuckDBPyConnection, night: Night, source: Source) -> None:
    """Create `unchanged(record_key, record_id)`: those of `delivered(record_id)` that keep the parent's standard forms.

    Reads `parent_std_record` and `parent_std_value`. A row that the parent's mapping refused has none: it is mapped
    again. What was erased since has one and is not delivered.
    """
    changed_rows(con, night, source)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE unchanged AS
        SELECT record_key, record_id FROM (FROM parent_std_record WHERE source = '{source.name}')
        SEMI JOIN delivered USING (record_id) ANTI JOIN changed USING (record_id)
        ANTI JOIN ({_day_dependent("parent_std_value")}) USING (record_key)""")


def fresh(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Create `fresh(record_key)` as the projection found it: read, not found out again by every step."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS FROM read_parquet({_noted(night, 'fresh')})")


def find_fresh(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Create `fresh(record_key)`, the records that are not the parent's with the same standard forms, and `gone_key`.

    All are fresh where pairs and clusters are all computed. Both are noted for the steps to come.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE fresh AS
        SELECT record_key FROM (SELECT record_key, row_hash FROM std_record
                                EXCEPT SELECT record_key, row_hash FROM parent_std_record)
        UNION SELECT record_key FROM std_record SEMI JOIN (
            {_day_dependent("std_value")} UNION {_day_dependent("parent_std_value")}) USING (record_key)
        UNION SELECT record_key FROM std_record WHERE {bool(night.plan.match)}""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE gone_key AS
        SELECT record_key FROM parent_std_record ANTI JOIN std_record USING (record_key)""")
    _note(con, night, "fresh", "FROM fresh")


def find_touched(con: duckdb.DuckDBPyConnection, night: Night, party: str) -> None:
    """Note the records that matching reads otherwise than last night, or no more.

    Reads `fresh`, `gone_key`, their rows of `match_input_<party>` and the parent's, which is read once: it is wide.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE parent_read AS
        FROM parent_match_input_{party} SEMI JOIN (FROM fresh UNION ALL FROM gone_key) USING (record_key)""")
    columns = ", ".join(map(identifier, TABLES[f"match_input_{party}"].column_names()))
    read = f"SELECT {columns} FROM {{}}"
    both = difference_sql(read.format(f"match_input_{party}"), read.format("parent_read"), each="")
    _note(con, night, f"touched_{party}", f"SELECT DISTINCT record_key FROM ({both})")


def touched(con: duckdb.DuckDBPyConnection, night: Night, party: str) -> None:
    """Create `touched(record_key)`: records that matching reads otherwise than last night, or no more, as noted."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE touched AS FROM read_parquet({_noted(night, f'touched_{party}')})")


def joined_otherwise(con: duckdb.DuckDBPyConnection, party: str) -> None:
    """Add to `touched` the ends of pairs that gain otherwise because their rivals changed, or are decided otherwise."""
    raised = f"SELECT record_key_l, record_key_r, weight FROM {{}}pairs_{party} WHERE raised <> 0"
    for told in (raised, "SELECT record_key_l, record_key_r, kind FROM {}decided"):
        con.execute(f"INSERT INTO touched SELECT unnest([record_key_l, record_key_r]) FROM ({otherwise(told)})")


def otherwise(query: str) -> str:
    """Rows that only one of the two nights has; `{}` in `query` stands before tables of which there is a `parent_`."""
    return difference_sql(query.format(""), query.format("parent_"), each="")


def _note(con: duckdb.DuckDBPyConnection, night: Night, name: str, query: str) -> None:
    con.execute(f"COPY (SELECT record_key FROM ({query}) ORDER BY 1) TO {_noted(night, name)} (FORMAT parquet)")


def _noted(night: Night, name: str) -> str:
    """File of record keys that a step found, for those after it."""
    folder = night.folder / "changed"
    folder.mkdir(exist_ok=True)
    return quote(str(folder / f"{name}.parquet"))


def _day_dependent(table: str) -> str:
    return f"SELECT record_key FROM {table} WHERE reason = '{DAY_DEPENDENT}'"
