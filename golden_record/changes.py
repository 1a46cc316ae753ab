"""What differs from the version that was live when the run began.

Here: one row per changed client, and per record that joined, left or moved between clients. Not here: the ledger
of numbers (`ledger`), which also knows versions that were rolled back; applying the events (`replay_feed`).
"""

import duckdb

from golden_record.expressions import rank_of
from rules.contracts.golden import CHANGES, GoldenParty
from rules.contracts.history import MEMBERSHIP

COMPARED = tuple(name for name in GoldenParty.column_names() if name != "client_number")
_NEWS = tuple(name for name in COMPARED if name != "updated_at")
"""Columns whose change alone is news."""
STEPS = ("ch_flow", "ch_party")


def diff(con: duckdb.DuckDBPyConnection) -> None:
    """Write `change_event` from `golden_party`, `crosswalk` and their `parent_` tables (empty on the first night).

    A new client is created, or split from the client that most of its known records were with. A client that is no
    more is merged into the one that most of its records are with now, or retired. `record_moved` tells only the moves
    that no merge or split explains.
    """
    _flow(con)
    _appeared_or_gone(con)
    con.execute(f"""
        CREATE OR REPLACE TABLE change_event AS
        WITH event AS ({_PARTY} UNION ALL {_changed()} UNION ALL {_MOVED})
        SELECT row_number() OVER (ORDER BY {rank_of("event", CHANGES)}, client_number, other_number, fields)
                   AS position, event, client_number, other_number, fields, before, after
        FROM event ORDER BY position""")
    for step in STEPS:
        con.execute(f"DROP TABLE {step}")


def _flow(con: duckdb.DuckDBPyConnection) -> None:
    """Records that carry another number than before: how many went from which client to which."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE ch_flow AS
        SELECT o.client_number AS origin, n.client_number AS target, count(*) AS records
        FROM crosswalk n JOIN parent_crosswalk o ON o.source = n.source AND o.record_id = n.record_id
        WHERE o.client_number <> n.client_number
        GROUP BY o.client_number, n.client_number""")


def _appeared_or_gone(con: duckdb.DuckDBPyConnection) -> None:
    """Clients in one of the two versions only, with the client where most of their records come from or went to."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE ch_party AS
        WITH came AS (SELECT target, origin, row_number() OVER (PARTITION BY target
                          ORDER BY records DESC, origin) AS rank FROM ch_flow),
        went AS (SELECT origin, target, row_number() OVER (PARTITION BY origin
                     ORDER BY records DESC, target) AS rank FROM ch_flow)
        SELECT g.client_number, c.origin AS other_number, TRUE AS appeared
        FROM golden_party g LEFT JOIN came c ON c.target = g.client_number AND c.rank = 1
        WHERE g.client_number NOT IN (SELECT client_number FROM parent_golden_party)
        UNION ALL
        SELECT p.client_number, w.target, FALSE
        FROM parent_golden_party p LEFT JOIN went w ON w.origin = p.client_number AND w.rank = 1
        WHERE p.client_number NOT IN (SELECT client_number FROM golden_party)""")


def diff_members(con: duckdb.DuckDBPyConnection) -> None:
    """Write `member_event` from `crosswalk` and `parent_crosswalk`.

    Every record whose client, or what the crosswalk says of it, is another than before, whatever explains it.
    """
    con.execute(f"""
        CREATE OR REPLACE TABLE member_event AS
        WITH pair AS (
            SELECT COALESCE(n.source, o.source) AS source, COALESCE(n.record_id, o.record_id) AS record_id,
                   COALESCE(n.client_number, o.client_number) AS client_number, o.client_number AS other_number,
                   CASE WHEN n.source IS NULL THEN o.legal_entity ELSE n.legal_entity END AS legal_entity,
                   COALESCE(n.party_type, o.party_type) AS party_type,
                   CASE WHEN o.source IS NULL THEN 'record_joined' WHEN n.source IS NULL THEN 'record_left'
                        WHEN n.client_number <> o.client_number THEN 'record_moved'
                        WHEN n.legal_entity IS DISTINCT FROM o.legal_entity OR n.party_type <> o.party_type
                        THEN 'record_changed' END AS event
            FROM crosswalk n
            FULL JOIN parent_crosswalk o ON o.source = n.source AND o.record_id = n.record_id)
        SELECT row_number() OVER (ORDER BY {rank_of("event", MEMBERSHIP)}, source, record_id) AS position, event,
               source, record_id, client_number, CASE WHEN event = 'record_moved' THEN other_number END AS other_number,
               legal_entity, party_type
        FROM pair WHERE event IS NOT NULL ORDER BY position""")


def _whole(alias: str) -> str:
    """JSON of a whole row of golden_party, every value as text."""
    values = ", ".join(f"'{name}': CAST({alias}.{name} AS VARCHAR)" for name in COMPARED)
    return f"CAST(to_json({{{values}}}) AS VARCHAR)"


def _differing(alias: str) -> str:
    """JSON of the columns that differ, as they are in `alias`."""
    entries = ", ".join(
        f"CASE WHEN {_differs(name)} THEN {{'k': '{name}', 'v': CAST({alias}.{name} AS VARCHAR)}} END"
        for name in COMPARED
    )
    return f"CAST(to_json(map_from_entries(list_filter([{entries}], lambda e: e IS NOT NULL))) AS VARCHAR)"


_PARTY = f"""
    SELECT CASE WHEN t.appeared AND t.other_number IS NULL THEN 'party_created' WHEN t.appeared THEN 'party_split'
                WHEN t.other_number IS NULL THEN 'party_retired' ELSE 'parties_merged' END AS event,
           t.client_number, t.other_number, CAST(NULL AS VARCHAR) AS fields,
           CASE WHEN NOT t.appeared THEN {_whole("p")} END AS before,
           CASE WHEN t.appeared THEN {_whole("g")} END AS after
    FROM ch_party t
    LEFT JOIN golden_party g ON g.client_number = t.client_number
    LEFT JOIN parent_golden_party p ON p.client_number = t.client_number"""

_MOVED = """
    SELECT 'record_moved' AS event, n.client_number, o.client_number AS other_number,
           n.source || ':' || n.record_id AS fields, NULL AS before, NULL AS after
    FROM crosswalk n
    JOIN parent_crosswalk o ON o.source = n.source AND o.record_id = n.record_id
    LEFT JOIN ch_party split ON split.appeared AND split.client_number = n.client_number
                            AND split.other_number = o.client_number
    LEFT JOIN ch_party merged ON NOT merged.appeared AND merged.client_number = o.client_number
                             AND merged.other_number = n.client_number
    WHERE o.client_number <> n.client_number AND split.client_number IS NULL AND merged.client_number IS NULL"""


def _changed() -> str:
    """Clients of both versions with the columns that differ, in contract order: their names, before, after."""
    names = ", ".join(f"CASE WHEN {_differs(name)} THEN '{name}' END" for name in COMPARED)
    return f"""
    SELECT CASE WHEN {_any_differs(_NEWS)} THEN 'party_changed' ELSE 'party_touched' END AS event,
           g.client_number, NULL AS other_number, concat_ws(',', {names}) AS fields,
           {_differing("p")} AS before, {_differing("g")} AS after
    FROM golden_party g JOIN parent_golden_party p ON p.client_number = g.client_number
    WHERE {_any_differs(COMPARED)}"""


def _any_differs(names: tuple[str, ...]) -> str:
    return " OR ".join(_differs(name) for name in names)


def _differs(name: str) -> str:
    # As text where one side may come back from a file as an enum and the other as plain text.
    if name == "party_type":
        return f"CAST(g.{name} AS VARCHAR) IS DISTINCT FROM CAST(p.{name} AS VARCHAR)"
    return f"g.{name} IS DISTINCT FROM p.{name}"
