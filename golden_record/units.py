"""Which names, identifiers, addresses and contacts of the members survive, each as a whole.

Here: one query per child table and its lineage rows (`gs_unit`). Not here: the order of the members
(`survivorship`), scalars (`scalars`), which units were decided (`overrides`). A union keeps each distinct value once,
from the member that ranks best.
"""

import duckdb

from golden_record.expressions import rank_of
from golden_record.overrides import RULE, overruled
from rules.contracts.golden import GoldenAddress, GoldenContact, GoldenIdentifier, GoldenName
from rules.survivorship import Strategy, Survivorship
from store.duck import quote

WORK = ("gs_unit", "gs_candidate", "gs_kept", "gs_placed")
_NAME_KINDS = ("current", "former", "birth", "native", "alias", "trade")
_ADDRESS_KINDS = ("registered", "actual", "work", "mailing")
_CONTACT_KINDS = ("mobile", "phone", "email", "messenger")


def start(con: duckdb.DuckDBPyConnection) -> None:
    """Empty `gs_unit`: the lineage rows that the steps below append to."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE gs_unit
        (client_number VARCHAR, field VARCHAR, record_key BIGINT, rule VARCHAR, candidates BIGINT, decision BIGINT)""")


def names(con: duckdb.DuckDBPyConnection, strategy: Strategy) -> None:
    """`golden_name`: one current name by `strategy`, then every distinct name of another kind."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_candidate AS
        SELECT m.client_number, m.record_key, n.ordinal, n.kind, m.verified, n."full" AS value,
               CASE WHEN n.kind = 'current' THEN '' ELSE COALESCE(n.latin, n."full") END AS unit,
               CASE WHEN n.kind = 'current' THEN {_place("m", strategy)} ELSE m.verified END AS place,
               {_frequency(strategy, 'm.client_number, n.kind, n."full"')} AS frequency
        FROM gs_member m JOIN std_name n ON n.record_key = m.record_key
        ANTI JOIN placeholder p ON p.kind IN ('name', n.kind) AND p.value = n.ascii
        WHERE n.valid AND n."full" IS NOT NULL""")
    _keep(con, "client_number, kind, unit", "frequency DESC, place, ordinal")
    _place_in_client(con, f"{rank_of('kind', _NAME_KINDS)}, kind, verified, ordinal")
    _write(con, "golden_name", "std_name", GoldenName.column_names())
    _note(con, "CASE WHEN kind = 'current' THEN 'name.current' ELSE 'name.' || kind || '.' || position END",
          f"CASE WHEN kind = 'current' THEN '{strategy}' ELSE 'union' END",
          "CASE WHEN kind = 'current' THEN candidates ELSE 1 END")  # fmt: skip


def identifiers(con: duckdb.DuckDBPyConnection, policy: Survivorship) -> None:
    """`golden_identifier`: distinct (type, number) without placeholders, valid first, from the best proved row."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_candidate AS
        SELECT m.client_number, m.record_key, u.ordinal, u.type AS kind, u.number AS value, m.trusted, u.valid,
               COALESCE(u."primary", FALSE) AS main, COALESCE(u.lifelong, FALSE) AS lifelong,
               {verified_outside(policy)} AS outside, COALESCE(u.check_ok, FALSE) AS checked
        FROM gs_member m JOIN gs_identifier u ON u.record_key = m.record_key
        ANTI JOIN placeholder p ON p.kind = 'identifier' AND p.value = concat(u.type, ':', u.number)
        {overruled("identifier", "u.type", "u.number")}
        WHERE u.number IS NOT NULL AND u.reason IS DISTINCT FROM 'placeholder'""")
    _keep(con, "client_number, kind, value", "valid DESC, outside DESC, checked DESC, trusted, ordinal")
    _place_in_client(con, "valid DESC, main DESC, lifelong DESC, trusted, kind, value")
    _write(con, "golden_identifier", "gs_identifier", GoldenIdentifier.column_names())
    _note(con, "'identifier.' || kind || '.' || position", "'union'", "1")


def addresses(con: duckdb.DuckDBPyConnection, strategy: Strategy) -> None:
    """`golden_address`: one address of each kind; within a record one that has not ended comes first."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_candidate AS
        SELECT m.client_number, m.record_key, u.ordinal, u.kind, {_place("m", strategy)} AS place,
               u.from_date, u.to_date, u."full" AS value,
               {_frequency(strategy, 'm.client_number, u.kind, u."full"')} AS frequency
        FROM gs_member m JOIN gs_address u ON u.record_key = m.record_key
        ANTI JOIN placeholder p ON p.kind = 'address' AND p.value = u.ascii
        {overruled("address", "u.kind", "")}
        WHERE u.valid""")
    lasting = "to_date DESC NULLS FIRST, from_date DESC NULLS LAST"
    _keep(con, "client_number, kind", f"frequency DESC, place, {lasting}, ordinal")
    _place_in_client(con, f"{rank_of('kind', _ADDRESS_KINDS)}, kind")
    _write(con, "golden_address", "gs_address", GoldenAddress.column_names())
    _note(con, "'address.' || kind", f"'{strategy}'", "candidates")


def contacts(con: duckdb.DuckDBPyConnection, strategy: Strategy) -> None:
    """`golden_contact`: every distinct contact; one of them is preferred, as the best record that says so has it."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_candidate AS
        SELECT m.client_number, m.record_key, u.ordinal, u.kind, u.value, {_place("m", strategy)} AS place,
               COALESCE(u.preferred, FALSE) AS said,
               {_frequency(strategy, "m.client_number, u.kind, u.value")} AS frequency
        FROM gs_member m JOIN gs_contact u ON u.record_key = m.record_key
        ANTI JOIN placeholder p ON p.kind IN ('contact', u.kind, CASE u.kind WHEN 'mobile' THEN 'phone' END)
                               AND p.value = u.value
        {overruled("contact", "u.kind", "u.value")}
        WHERE u.valid AND u.value IS NOT NULL""")
    best = "said DESC, frequency DESC, place, ordinal"
    _keep(con, "client_number, kind, value", best)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_kept AS
        SELECT *, said AND row_number() OVER (PARTITION BY client_number ORDER BY {best}) = 1 AS preferred
        FROM gs_kept""")
    _place_in_client(con, f"preferred DESC, {rank_of('kind', _CONTACT_KINDS)}, kind, place, ordinal")
    _write(con, "golden_contact", "gs_contact", GoldenContact.column_names(), "w.preferred")
    _note(con, "'contact.' || kind || '.' || position", "'union'", "1")


def verified_outside(policy: Survivorship) -> str:
    """True where an outside verification of the identifier gave a result that the bank counts as positive."""
    results = ", ".join(quote(result) for result in policy.verified_results)
    return f"COALESCE(lower(verified_result) IN ({results}), FALSE)" if results else "FALSE"


def _keep(con: duckdb.DuckDBPyConnection, group: str, order: str) -> None:
    """`gs_kept`: the best candidate of each group, with the number of distinct values of its kind.

    Only keys and ranks pass through the windows; the unit itself is joined again in `_write`.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_kept AS
        WITH ranked AS (SELECT *, row_number() OVER (PARTITION BY {group} ORDER BY {order}) AS best FROM gs_candidate),
        several AS (
            SELECT client_number, kind, count(DISTINCT value) AS candidates FROM gs_candidate
            SEMI JOIN (SELECT client_number, kind FROM ranked WHERE best = 2) more USING (client_number, kind)
            GROUP BY client_number, kind)
        SELECT r.* EXCLUDE (best), GREATEST(COALESCE(s.candidates, 1), 1) AS candidates
        FROM ranked r LEFT JOIN several s ON s.client_number = r.client_number AND s.kind = r.kind
        WHERE r.best = 1""")


def _place_in_client(con: duckdb.DuckDBPyConnection, order: str) -> None:
    """`gs_placed`: the kept units with their position in the client, from 1."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_placed AS
        SELECT *, CAST(row_number() OVER (PARTITION BY client_number ORDER BY {order}) AS INTEGER) AS position
        FROM gs_kept""")


def _place(alias: str, strategy: Strategy) -> str:
    return f"{alias}.{'trusted' if strategy == 'frequent' else strategy}"


def _frequency(strategy: Strategy, group: str) -> str:
    return f"count(*) OVER (PARTITION BY {group})" if strategy == "frequent" else "0"


def _write(con: duckdb.DuckDBPyConnection, table: str, source: str, columns: list[str], own: str = "") -> None:
    """The contract's columns of the placed units; `own` replaces the last of them."""
    units = [f's."{column}"' for column in columns[3:]]
    selected = ", ".join([*units[:-1], own] if own else units)
    con.execute(f"""
        CREATE OR REPLACE TABLE {table} AS
        SELECT w.client_number, w.position, w.record_key, {selected}
        FROM gs_placed w JOIN {source} s ON s.record_key = w.record_key AND s.ordinal = w.ordinal""")


def _note(con: duckdb.DuckDBPyConnection, field: str, rule: str, candidates: str) -> None:
    """Lineage rows of the placed units; of those that were decided with the decision."""
    con.execute(f"""
        INSERT INTO gs_unit
        SELECT client_number, {field}, record_key, CASE WHEN ordinal < 0 THEN '{RULE}' ELSE {rule} END, {candidates},
               CASE WHEN ordinal < 0 THEN -ordinal END FROM gs_placed""")
