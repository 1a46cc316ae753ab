"""How a night's tables lie in its staging folder: whole, in parts by source, or as changes over the parent's.

Here: writing and reading staged tables, and gathering them for promotion. Not here: what is in them. A table staged as
changes has a file of keys whose rows the parent's table loses, and its new rows in place of the whole: a night writes
what changed, not copies.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import dataframely as dy
import duckdb
import pyarrow.parquet as pq

from rules.contracts import TABLES
from store import tables, versions
from store.duck import each, hold, identifier, quote, scalar
from store.hashing import NOTHING, changed_hash
from store.manifest import FileEntry, Manifest, TableEntry

if TYPE_CHECKING:
    from stages.night import Night

LEDGER = ("ledger_number", "ledger_member", "ledger_event")
MOST_CHANGES = 7
"""So many changes lie over a whole table at most; the next night writes it whole."""
WHOLE_FROM = 4
"""A table of which a quarter of the rows or more differs is written whole."""
_NEW, _LOST, _OTHER = "staged_new", "staged_lost", "staged_other"


class Gathered(NamedTuple):
    """A staged table ready for promotion: rows and content hash of all of it, the parent's files below the changes.

    Where nothing changed the parent's files are all of it.
    """

    name: str
    rows: int
    digest: str
    below: tuple[FileEntry, ...] = ()
    changed: bool = True


def save(con: duckdb.DuckDBPyConnection, night: "Night", name: str) -> int:
    """Stage a table of the connection, as changes where the parent has most of its rows; how many rows it has."""
    below = parent_entry(night, name) if not night.plan.standard else None
    if below:
        attach_parent(con, night, [name])
        few = _differing(con, name) * WHOLE_FROM <= below.rows
        if few:
            _difference(con, name)
            _write_changes(con, night, name, _NEW, _LOST)
        for made in (_OTHER, _NEW, _LOST):
            con.execute(f"DROP TABLE IF EXISTS {made}")
        if few:
            return scalar(con, f"SELECT count(*) FROM {name}")
    night.lost(name).unlink(missing_ok=True)
    tables.write(con, name, TABLES[name], night.path(name))
    return scalar(con, f"SELECT count(*) FROM read_parquet({quote(str(night.path(name)))})")


def save_changes(con: duckdb.DuckDBPyConnection, night: "Night", name: str, lost: str, new: str) -> int:
    """Stage the rows of `new` as those that replace the parent's with the keys in `lost`, whose columns are the keys.

    The whole table `name` where all of it is computed. How many rows are new.
    """
    if night.plan.match or parent_entry(night, name) is None:
        return save(con, night, name)
    _write_changes(con, night, name, new, lost)
    return scalar(con, f"SELECT count(*) FROM {new}")


def _differing(con: duckdb.DuckDBPyConnection, name: str) -> int:
    """Create `staged_other`, the keys of rows that only one of tonight and the parent has; how many they are.

    Rows are told apart by key and a 64-bit hash of all their cells: wide rows are compared in half the time.
    """
    now, before = (tables.cast_sql(TABLES[name], relation) for relation in (name, f"parent_{name}"))
    keys = ", ".join(f'"{key}"' for key in TABLES[name].primary_key())
    cells = ", ".join(f'"{column}"' for column in TABLES[name].columns())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {_OTHER} AS
        SELECT {keys}, content, bool_or(tonight) AS tonight
        FROM (SELECT {keys}, hash({cells}) AS content, true AS tonight FROM ({now})
              UNION ALL SELECT {keys}, hash({cells}), false FROM ({before}))
        GROUP BY {keys}, content HAVING bool_and(tonight) OR NOT bool_or(tonight)""")
    return scalar(con, f"SELECT count(*) FROM {_OTHER}")


def _difference(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Of `staged_other`: the rows that the parent has not, and the primary keys of those that only the parent has."""
    now, keys = tables.cast_sql(TABLES[name], name), ", ".join(map(identifier, TABLES[name].primary_key()))
    same = " AND ".join(f'n."{key}" IS NOT DISTINCT FROM o."{key}"' for key in TABLES[name].primary_key())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {_NEW} AS
        SELECT n.* FROM ({now}) n SEMI JOIN (FROM {_OTHER} WHERE tonight) o ON {same}""")
    con.execute(f"CREATE OR REPLACE TEMP TABLE {_LOST} AS SELECT DISTINCT {keys} FROM {_OTHER} WHERE NOT tonight")


def _write_changes(con: duckdb.DuckDBPyConnection, night: "Night", name: str, new: str, lost: str) -> None:
    write_lost(con, night, name, lost)
    tables.write(con, new, TABLES[name], night.path(name))


def write_lost(con: duckdb.DuckDBPyConnection, night: "Night", name: str, lost: str) -> None:
    """Stage the keys whose rows the parent's table loses: from now on what is staged of it are changes."""
    path = night.lost(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    con.execute(f"COPY (SELECT DISTINCT * FROM {lost} ORDER BY ALL) TO {quote(str(path))} (FORMAT parquet)")


def attach_staged(con: duckdb.DuckDBPyConnection, night: "Night", table: str, prefix: str = "") -> None:
    """A view on the staged table: the whole file or all sources' parts, over what the parent's keeps; empty if none."""
    read = _rows_of(_files(night, table))
    body = versions.rows_sql(night.home, _changes(night, table))
    both = " UNION ALL BY NAME ".join(part for part in (body, read) if part)
    con.execute(f"CREATE OR REPLACE VIEW {prefix}{table} AS {both or tables.empty_sql(TABLES[table])}")


def _files(night: "Night", table: str) -> list[Path]:
    """The file of the whole table, or those of its sources' parts."""
    whole = night.path(table)
    return [whole] if whole.exists() else sorted((night.folder / "parts" / table).glob("*.parquet"))


def _rows_of(files: list[Path]) -> str:
    """A query of all their rows; nothing where there is no file."""
    return f"SELECT * FROM read_parquet([{', '.join(quote(str(file.resolve())) for file in files)}])" if files else ""


def whole_files(night: "Night", table: str) -> list[Path]:
    """The files that are all of a staged table; none where it is not staged, or lies over the parent's."""
    return [] if _changes(night, table) else _files(night, table)


def _changes(night: "Night", table: str) -> tuple[FileEntry, ...]:
    """The parent's files and, over them, the keys that they lose; nothing where the table is staged whole."""
    lost, below = night.lost(table), parent_entry(night, table)
    if below is None or not lost.exists():
        return ()
    key = tuple(pq.read_schema(lost).names)
    return (*below.files, FileEntry(path=str(lost.resolve()), sha256="", rows=0, kind="lost", key=key))


def attach_parent(con: duckdb.DuckDBPyConnection, night: "Night", wanted: Iterable[str]) -> None:
    """Views `parent_<table>`: ledger tables of the highest version ever promoted, others of the live one.

    The ledger spans rolled-back versions too, so that a number is never given twice.
    """
    for table in wanted:
        source = _source(night, table)
        if source and source.table(table):
            versions.attach(con, night.home, source, [table], prefix="parent_")
        else:
            con.execute(f"CREATE OR REPLACE VIEW parent_{table} AS {tables.empty_sql(TABLES[table])}")


def parent_entry(night: "Night", table: str) -> TableEntry | None:
    """What the night's table follows on, if there is such a table."""
    source = _source(night, table)
    return source.table(table) if source else None


def _source(night: "Night", table: str) -> Manifest | None:
    live = night.parent
    return versions.newest(night.home) if live and table in LEDGER else live


def gathered(night: "Night", wanted: Iterable[str] = tuple(TABLES)) -> list[Gathered]:
    """Tables of the night, each in one file from now on, or in the keys it lost and its new rows."""
    with night.open() as con:
        hold(con, "key_map")
        return each(con, tuple(wanted), lambda own, name: _gathered(own, night, name))


def _gathered(con: duckdb.DuckDBPyConnection, night: "Night", name: str) -> Gathered:
    schema = TABLES[name]
    if night.lost(name).exists() and (found := _over_parent(con, night, name)):
        return found
    attach_staged(con, night, name)
    if night.lost(name).exists() or not night.path(name).exists():
        whole = night.path(name).with_suffix(".whole")
        tables.write(con, name, schema, whole)
        whole.replace(night.path(name))
        night.lost(name).unlink(missing_ok=True)
    digest, rows = tables.describe(con, night.path(name), schema)
    return Gathered(name, rows, digest)


def _over_parent(con: duckdb.DuckDBPyConnection, night: "Night", name: str) -> Gathered | None:
    """The table as changes over the parent's, its hash made of the parent's.

    None where too many changes lie there already, or tonight's are more than writing the table whole is worth.
    """
    below, schema, lost = parent_entry(night, name), TABLES[name], night.lost(name)
    if below is None:
        return None
    _gather_parts(con, night, name, schema)
    changed = sum(pq.read_metadata(file).num_rows for file in (lost, night.path(name)))
    if not changed:
        return Gathered(name, below.rows, below.content_hash, below.files, changed=False)
    if changed * WHOLE_FROM > below.rows or _is_full(below):
        return None
    gone, gone_rows = _hash_of_lost(con, night, name) if pq.read_metadata(lost).num_rows else NOTHING
    new, new_rows = tables.describe(con, night.path(name), schema)
    return Gathered(name, below.rows - gone_rows + new_rows, changed_hash(below.content_hash, gone, new), below.files)


def _is_full(below: TableEntry) -> bool:
    """Whether no further changes may lie over the table."""
    return sum(file.kind == "lost" for file in below.files) >= MOST_CHANGES


def _hash_of_lost(con: duckdb.DuckDBPyConnection, night: "Night", name: str) -> tuple[str, int]:
    """Content hash and number of the parent's rows that the table loses."""
    lost = night.lost(name)
    attach_parent(con, night, [name])
    keys = ", ".join(map(identifier, pq.read_schema(lost).names))
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE rows_lost AS
        SELECT * FROM parent_{name} SEMI JOIN read_parquet({quote(str(lost))}) USING ({keys})""")
    found = tables.hashed(con, "rows_lost", TABLES[name])
    con.execute("DROP TABLE rows_lost")
    return found


def _gather_parts(con: duckdb.DuckDBPyConnection, night: "Night", name: str, schema: type[dy.Schema]) -> None:
    """New rows that sources staged in parts, in one file."""
    if not night.path(name).exists():
        read = _rows_of(sorted((night.folder / "parts" / name).glob("*.parquet"))) or tables.empty_sql(schema)
        con.execute(f"CREATE OR REPLACE TEMP VIEW new_parts AS {read}")
        tables.write(con, "new_parts", schema, night.path(name))


def adopt(night: "Night", found: Gathered) -> TableEntry:
    """Move the staged files of a gathered table among the home's objects."""
    if not found.changed:
        return TableEntry(name=found.name, rows=found.rows, content_hash=found.digest, files=found.below)
    new, lost = night.path(found.name), night.lost(found.name)
    files = [versions.adopt(night.home, new, pq.read_metadata(new).num_rows, "delta" if found.below else "base")]
    if found.below:
        told = pq.read_metadata(lost)
        files.insert(0, versions.adopt(night.home, lost, told.num_rows, "lost", tuple(told.schema.names)))
    return TableEntry(name=found.name, rows=found.rows, content_hash=found.digest, files=(*found.below, *files))
