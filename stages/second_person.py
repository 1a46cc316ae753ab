"""Why the clients of a decision ask for a second person, as the live version has them when it is entered.

Here: what a decision would do to golden records, premium clients, clients of high risk. Not here: kinds and fields that
ask for one whoever the client is (rules/decisions), that it waits (store/decisions).
"""

from collections.abc import Sequence

import duckdb

from rules.decisions import CANNOT_LINK, CONFIRM, HIGH_RISKS, MUST_LINK, PREMIUM, RISK, TWO_CLIENTS

NEEDED = ("view_tier", "view_risk")
"""Tables that are asked."""
_ASKED = {
    PREMIUM: "view_tier WHERE premium",
    RISK: f"view_risk WHERE risk_class IN {HIGH_RISKS}",
}


def reasons(con: duckdb.DuckDBPyConnection, kind: str, effect: str, numbers: Sequence[str]) -> list[str]:
    """The reasons, of rules/decisions; none for most decisions.

    `numbers`: client number of each group of records; a decision about one client gives it once.
    """
    together = len(set(numbers)) == 1
    changes = kind != CONFIRM and effect == (CANNOT_LINK if together else MUST_LINK)
    return [TWO_CLIENTS] * changes + [why for why, held in _ASKED.items() if _holds(con, held, numbers)]


def _holds(con: duckdb.DuckDBPyConnection, held: str, numbers: Sequence[str]) -> bool:
    asked = f"SELECT 1 FROM {held} AND client_number IN (?, ?) LIMIT 1"
    return bool(con.execute(asked, [numbers[0], numbers[-1]]).fetchall())
