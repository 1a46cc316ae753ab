"""The key map: an integer record key for every (source, record_id), given once and never reused.

Append-only Parquet files, one per registration that met new records. Keys depend on arrival; results do not.
"""

from pathlib import Path

import duckdb

from store.duck import quote, scalar
from store.home import Home, sync_file, sync_folder

_EMPTY = "SELECT NULL::BIGINT AS record_key, NULL::VARCHAR AS source, NULL::VARCHAR AS record_id WHERE false"


def attach(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Create the view `key_map(record_key, source, record_id)`."""
    files = sorted(home.keys.glob("*.parquet"))
    paths = ", ".join(quote(str(file.resolve())) for file in files)
    body = f"SELECT record_key, source, record_id FROM read_parquet([{paths}])" if files else _EMPTY
    con.execute(f"CREATE OR REPLACE VIEW key_map AS {body}")


def register(con: duckdb.DuckDBPyConnection, home: Home, source: str, table: str) -> int:
    """Give keys to the records of `table(record_id)` that have none yet; return how many were new."""
    attach(con, home)
    start = scalar(con, "SELECT max(record_key) FROM key_map")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE new_keys AS
        SELECT {start} + row_number() OVER (ORDER BY record_id) AS record_key, {quote(source)} AS source, record_id
        FROM (SELECT DISTINCT CAST(record_id AS VARCHAR) AS record_id FROM {table} WHERE record_id IS NOT NULL) t
        WHERE NOT EXISTS (
            SELECT 1 FROM key_map k WHERE k.source = {quote(source)} AND k.record_id = t.record_id)""")
    count = scalar(con, "SELECT count(*) FROM new_keys")
    if count:
        _append(con, home.keys / f"{start + count:012d}.parquet")
    con.execute("DROP TABLE new_keys")
    attach(con, home)
    return count


def _append(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    staged = path.with_suffix(".tmp")
    con.execute(f"COPY (SELECT * FROM new_keys ORDER BY record_key) TO {quote(str(staged))} (FORMAT parquet)")
    sync_file(staged)
    staged.replace(path)
    sync_folder(path.parent)
