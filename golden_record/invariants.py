"""What must hold in every version, as queries that return the rows that break it.

Here: conservation, provenance and client numbers. Not here: checks of content and trend (quality), of files (store).
The queries read `std_record`, `clusters` and the declared tables of identity and golden.
"""

from collections.abc import Iterable
from typing import NamedTuple

import duckdb

from golden_record.expressions import case
from golden_record.numbers import FIRST_SEQUENCE, client_number_sql, is_adoptable_sql, is_well_formed_sql
from golden_record.overrides import cast, decided_units
from rules.contracts.golden import GoldenAddress, GoldenContact, GoldenIdentifier, GoldenName
from rules.contracts.standard import SCALARS
from rules.decisions import OVERRIDABLE, UNITS


class Invariant(NamedTuple):
    """A rule and the query of its violations."""

    id: str
    name: str
    sql: str


class InvariantResult(NamedTuple):
    """Whether a rule holds, and how many rows break it."""

    id: str
    name: str
    ok: bool
    rows: int


def _unit(kind: str, columns: list[str]) -> Invariant:
    """The rows of `golden_<kind>` that their record has neither in `std_<kind>` nor by a decision, value by value."""
    compared = ", ".join(f'"{name}"' for name in columns if name not in _OWN)
    decided = f" UNION ALL SELECT {compared} FROM ({decided_units(kind)})" if kind in UNITS else ""
    return Invariant(
        f"provenance.{kind}",
        f"every row of golden_{kind} equals a row of std_{kind} of its record{', or one decided' if decided else ''}",
        f"SELECT {compared} FROM golden_{kind} EXCEPT (SELECT {compared} FROM std_{kind}{decided})",
    )


_OWN = ("client_number", "position", "preferred")
"""Columns of a unit that survivorship decides itself."""
_DIFFERS = case("l.field", ((name, f"g.{name} IS DISTINCT FROM r.{name}") for name in SCALARS), "FALSE")
_OVERRIDDEN = case(
    "l.field", ((name, f"g.{name} IS DISTINCT FROM {cast(name, 'o.value')}") for name in OVERRIDABLE),
    "NOT contains(o.field, '.')",
)  # fmt: skip
_SAME_UNIT = "contains(o.field, '.') AND split_part(o.field, '.', 1) = split_part(l.field, '.', 1)"
"""A decided unit's values are compared with its own table (`_unit`)."""
_FILLED = " + ".join(f"CASE WHEN g.{name} IS NULL THEN 0 ELSE 1 END" for name in SCALARS)
_SCALAR_FIELDS = ", ".join(f"'{name}'" for name in SCALARS)

INVARIANTS = (
    Invariant(
        "conservation.crosswalk",
        "every standardised record has exactly one client number, and nothing else has",
        """SELECT COALESCE(r.record_key, x.record_key) AS record_key
           FROM std_record r FULL JOIN crosswalk x ON x.record_key = r.record_key
           WHERE x.record_key IS NULL OR r.record_key IS NULL
              OR x.source <> r.source OR x.record_id <> r.record_id
           UNION ALL
           SELECT record_key FROM crosswalk GROUP BY record_key HAVING count(*) > 1""",
    ),
    Invariant(
        "conservation.clusters",
        "every standardised record is in exactly one cluster, and nothing else is",
        """SELECT COALESCE(r.record_key, c.record_key) AS record_key
           FROM std_record r FULL JOIN clusters c ON c.record_key = r.record_key
           WHERE c.record_key IS NULL OR r.record_key IS NULL
           UNION ALL
           SELECT record_key FROM clusters GROUP BY record_key HAVING count(*) > 1""",
    ),
    Invariant(
        "provenance.member",
        "every surviving value and unit comes from a member record of its client",
        """SELECT client_number, record_key FROM (
               SELECT client_number, record_key FROM golden_lineage
               UNION ALL SELECT client_number, record_key FROM golden_name
               UNION ALL SELECT client_number, record_key FROM golden_identifier
               UNION ALL SELECT client_number, record_key FROM golden_address
               UNION ALL SELECT client_number, record_key FROM golden_contact)
           EXCEPT SELECT client_number, record_key FROM crosswalk""",
    ),
    Invariant(
        "provenance.value",
        "every golden scalar equals the standard value of the record that its lineage names",
        f"""SELECT l.client_number, l.field
            FROM golden_lineage l
            JOIN golden_party g ON g.client_number = l.client_number
            JOIN std_record r ON r.record_key = l.record_key
            WHERE l.rule <> 'decision' AND {_DIFFERS}""",
    ),
    Invariant(
        "provenance.decision",
        "every golden value that a decision set is the one it set on a member record",
        f"""SELECT l.client_number, l.field
            FROM golden_lineage l
            JOIN golden_party g ON g.client_number = l.client_number
            LEFT JOIN overridden o
              ON o.record_key = l.record_key AND o.decision = l.decision
             AND (o.field = l.field OR {_SAME_UNIT})
            WHERE (l.rule = 'decision' OR l.decision IS NOT NULL)
              AND (l.rule <> 'decision' OR o.decision IS NULL OR {_OVERRIDDEN})""",
    ),
    Invariant(
        "provenance.lineage",
        "every golden scalar has its lineage, and no lineage is without a value",
        f"""SELECT g.client_number
            FROM golden_party g
            LEFT JOIN (SELECT client_number, count(*) AS fields FROM golden_lineage
                       WHERE field IN ({_SCALAR_FIELDS}) GROUP BY client_number) l
              ON l.client_number = g.client_number
            WHERE COALESCE(l.fields, 0) <> {_FILLED}""",
    ),
    _unit("name", GoldenName.column_names()),
    _unit("identifier", GoldenIdentifier.column_names()),
    _unit("address", GoldenAddress.column_names()),
    _unit("contact", GoldenContact.column_names()),
    Invariant(
        "numbers.form",
        "every client number is its sequence with right check digits, or was the adopted number of a source's record",
        f"""SELECT client_number FROM ledger_number
            WHERE adopted_from IS NULL
              AND (NOT {is_well_formed_sql("client_number")} OR client_number <> {client_number_sql("sequence")})
            UNION ALL
            SELECT n.client_number FROM ledger_number n
            LEFT JOIN ledger_member m ON m.client_number = n.client_number AND m.source = n.adopted_from
                                     AND m.record_id = n.client_number AND m.first_version = n.minted_version
            WHERE n.adopted_from IS NOT NULL
              AND (m.record_id IS NULL OR n.sequence >= {FIRST_SEQUENCE} OR NOT {is_adoptable_sql("n.client_number")})
            UNION ALL
            SELECT min(client_number) FROM ledger_number GROUP BY sequence HAVING count(*) > 1""",
    ),
    Invariant(
        "numbers.unique",
        "every client number is minted once and never reused",
        """SELECT client_number FROM ledger_number GROUP BY client_number HAVING count(*) > 1
           UNION ALL
           SELECT n.client_number
           FROM ledger_number n
           LEFT JOIN ledger_event e ON e.client_number = n.client_number AND CAST(e.event AS VARCHAR) = 'mint'
           GROUP BY n.client_number, n.minted_version
           HAVING count(e.version) <> 1 OR min(e.version) <> n.minted_version""",
    ),
    Invariant(
        "numbers.resolve",
        "every retired number stands in one step for a live one, or is a tombstone",
        """SELECT n.client_number
           FROM ledger_number n LEFT JOIN ledger_number t ON t.client_number = n.resolves_to
           WHERE COALESCE(CASE CAST(n.state AS VARCHAR)
                     WHEN 'live' THEN n.resolves_to = n.client_number
                     WHEN 'merged' THEN n.resolves_to <> n.client_number AND CAST(t.state AS VARCHAR) = 'live'
                     ELSE n.resolves_to IS NULL END, FALSE) = FALSE""",
    ),
    Invariant(
        "numbers.remembered",
        "the ledger has every number that a record carries or carried, and knows who carries it still",
        """SELECT client_number FROM (SELECT client_number FROM ledger_member
                                      UNION ALL SELECT client_number FROM crosswalk)
           EXCEPT SELECT client_number FROM ledger_number
           UNION ALL
           SELECT COALESCE(x.client_number, m.client_number) AS client_number
           FROM crosswalk x
           FULL JOIN (SELECT source, record_id, client_number FROM ledger_member WHERE last_version IS NULL) m
             ON m.source = x.source AND m.record_id = x.record_id AND m.client_number = x.client_number
           WHERE x.source IS NULL OR m.source IS NULL""",
    ),
    Invariant(
        "numbers.live",
        "live numbers, numbers in the crosswalk and golden parties are the same",
        """SELECT COALESCE(n.client_number, x.client_number, g.client_number) AS client_number
           FROM (SELECT client_number FROM ledger_number WHERE CAST(state AS VARCHAR) = 'live') n
           FULL JOIN (SELECT DISTINCT client_number FROM crosswalk) x ON x.client_number = n.client_number
           FULL JOIN golden_party g ON g.client_number = COALESCE(n.client_number, x.client_number)
           WHERE n.client_number IS NULL OR x.client_number IS NULL OR g.client_number IS NULL
           UNION ALL
           SELECT client_number FROM golden_party GROUP BY client_number HAVING count(*) > 1""",
    ),
    Invariant(
        "numbers.cluster",
        "a cluster has one client number and a client number one cluster",
        """SELECT min(x.client_number) AS client_number
           FROM clusters c JOIN crosswalk x ON x.record_key = c.record_key
           GROUP BY c.cluster_key HAVING count(DISTINCT x.client_number) > 1
           UNION ALL
           SELECT x.client_number
           FROM clusters c JOIN crosswalk x ON x.record_key = c.record_key
           GROUP BY x.client_number HAVING count(DISTINCT c.cluster_key) > 1""",
    ),
)


def verify(con: duckdb.DuckDBPyConnection) -> list[InvariantResult]:
    """Run every invariant on the tables in `con`; a result says how many rows break it."""
    return results(con, INVARIANTS)


def results(con: duckdb.DuckDBPyConnection, invariants: Iterable[Invariant]) -> list[InvariantResult]:
    """Whether each of `invariants` holds."""
    return [_result(con, invariant) for invariant in invariants]


def _result(con: duckdb.DuckDBPyConnection, invariant: Invariant) -> InvariantResult:
    rows = int(con.execute(f"SELECT count(*) FROM ({invariant.sql}) broken").fetchall()[0][0])
    return InvariantResult(invariant.id, invariant.name, rows == 0, rows)
