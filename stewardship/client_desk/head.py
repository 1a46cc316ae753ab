"""The head of a client's pages: who he is, who looks after him, and what to heed before an operation.

Here: gathering. Not here: which rules there are (rules/defaults/view). What only compliance may know becomes one
sentence that says whom to ask, the same for every cause.
"""

from dataclasses import dataclass

import duckdb

from stages.lookup import Row
from stewardship import discreet
from stewardship.client_desk import pictures
from stewardship.client_desk.files import Places
from stewardship.client_desk.pictures import Kind
from stewardship.related import sized
from stewardship.sessions import Visitor
from store.duck import rows


@dataclass(frozen=True)
class Head:
    """A client in short; `alerts`: severity, reason and rule, the gravest first; `pictures`: kinds that there are."""

    party: Row
    facts: Row
    managers: list[Row]
    alerts: list[Row]
    pictures: list[Kind]


def head(con: duckdb.DuckDBPyConnection, number: str, visitor: Visitor, where: Places) -> Head:
    """The head of a live number's pages, as the visitor may see it."""
    role = visitor.role
    [party] = rows(con, "SELECT * FROM golden_party WHERE client_number = ?", [number])
    told = sized(con, rows(con, _FACTS, [number]), visitor.scope, number)
    alerts = discreet.alerts(role, rows(con, _ALERTS, [number]))
    shown = pictures.there_are(con, where, number)
    facts = {**told[0], "risk_class": discreet.risk_class(role, told[0]["risk_class"])} if told else {}
    return Head(party, facts, rows(con, _MANAGERS, [number]), alerts, shown)


_FACTS = """
    SELECT t.tier, t.premium, t.served_by, r.risk_class, c.household_size, c.group_size
    FROM view_client c LEFT JOIN view_tier t USING (client_number) LEFT JOIN view_risk r USING (client_number)
    WHERE client_number = ?"""
_MANAGERS = """
    SELECT legal_entity, manager, relation FROM view_allocation WHERE client_number = ? ORDER BY legal_entity"""
_ALERTS = """
    SELECT a.severity, r.reason, a.rule, r.cites
    FROM (SELECT 'finding' AS pack, * FROM view_finding
          UNION ALL BY NAME SELECT 'warning' AS pack, * FROM view_warning) a
    JOIN view_rule r ON r.pack = a.pack AND r.rule = a.rule
    WHERE client_number = ? AND NOT COALESCE(a.cleared, FALSE)
    ORDER BY list_position(['high', 'medium', 'low'], a.severity), a.pack, a.rule"""
