"""What is told of the clients that one is related to: nothing that names or counts a sealed one.

Here: rows of a client's view without sealed clients, its household and group counted without them. Not here: who is
sealed (sight), how relations and groups are found (client_view).
"""

from collections import Counter
from typing import Any

import duckdb

from stages.lookup import Row
from stewardship.sight import Scope, in_sight
from store.duck import rows, tables

_OTHERS = ("other_number", "owner_number", "client_number", "employer_client")
"""Columns of a client's view that name another client."""
_GROUP = "group_number"
"""The column that names a household or group by its least member."""
_LAYERS = {"household_size": "household", "group_size": "connected"}
"""Columns of view_client, and the layer whose largest group they count."""


def told(con: duckdb.DuckDBPyConnection, found: list[Row], seen: Scope, number: str) -> list[Row]:
    """Rows of the view of a client as somebody may see them: `unsealed` and `sized`."""
    return sized(con, unsealed(con, found, seen), seen, number)


def unsealed(con: duckdb.DuckDBPyConnection, found: list[Row], seen: Scope) -> list[Row]:
    """The rows that name no sealed client: that somebody is related to one is told to nobody either.

    A group that is named after a sealed member has no name then; its other members stay, unless one is left alone.
    """
    named = {str(row[column]) for row in found for column in (*_OTHERS, _GROUP) if row.get(column)}
    shown = in_sight(con, Scope(opened=seen.opened), named)
    left = [row for row in found if all(not row.get(column) or row[column] in shown for column in _OTHERS)]
    before, after = Counter(map(_group, found)), Counter(map(_group, left))
    alone = {group for group, members in after.items() if members == 1 < before[group]}
    left = [row for row in left if not row.get(_GROUP) or _group(row) not in alone]
    return [{**row, _GROUP: None} if row.get(_GROUP) and row[_GROUP] not in shown else row for row in left]


def _group(row: Row) -> tuple[Any, Any]:
    return row.get("layer"), row.get(_GROUP)


def sized(con: duckdb.DuckDBPyConnection, found: list[Row], seen: Scope, number: str = "") -> list[Row]:
    """Rows about clients (`client_number`, or all about `number`) with their counts lowered, where they have any."""
    if not any(_LAYERS.keys() & row.keys() for row in found):
        return found
    numbers = [row.get("client_number", number) for row in found]
    kin = con.execute("SELECT client_number FROM sealed_kin WHERE list_contains(?, client_number)", [numbers])
    asked = [each for (each,) in kin.fetchall()]
    of = {row["client_number"]: row for row in rows(con, _SIZES.format(sealed=seen.sealed), [asked])} if asked else {}
    return [row | _sizes(of, each) for row, each in zip(found, numbers, strict=True)]


def _sizes(of: dict[str, Row], number: str) -> Row:
    return {name: of[number][name] for name in _LAYERS} if number in of else {}


def collect(con: duckdb.DuckDBPyConnection) -> None:
    """Create `sealed_kin(client_number)`: who shares a household or group with a sealed client (`sealed_client`).

    It is empty for a version by a release without a client view.
    """
    con.execute(f"CREATE OR REPLACE TABLE sealed_kin AS {_KIN if 'view_group' in tables(con) else _NOBODY}")


_KIN = """
    SELECT DISTINCT g.client_number FROM view_group g JOIN view_group m USING (layer, group_number)
    WHERE m.client_number IN (SELECT stands_for FROM sealed_client)"""
_NOBODY = "SELECT stands_for AS client_number FROM sealed_client LIMIT 0"
_LARGEST = "COALESCE(max(n) FILTER (layer = '{}'), 1) AS {}"
_SIZES = f"""
    SELECT client_number, {", ".join(_LARGEST.format(layer, name) for name, layer in _LAYERS.items())}
    FROM (SELECT g.client_number, layer, group_number, count(*) AS n
          FROM view_group g JOIN view_group m USING (layer, group_number)
          WHERE g.client_number IN (SELECT unnest(?::VARCHAR[])) AND m.client_number NOT IN ({{sealed}}) GROUP BY ALL)
    GROUP BY client_number"""
