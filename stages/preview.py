"""What a merge or a split would give, before anybody decides: the clients around it as the next night would make them.

Here: the version's records around a decision, and the night's own steps over these few: clusters, numbers, golden
records, consents, associations. Not here: any of the steps; entering a decision (stages/decide). What a source delivers
tonight is not known yet: the preview says what would be if nothing else changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from client_view import children, consents, relations
from golden_record.identity import assign_numbers
from golden_record.survivorship import survive
from matching import clustering
from rules.contracts.children import UNITS
from rules.contracts.columns import MODEL_OF
from rules.errors import NotFound
from rules.settings import Settings
from stages import identify, lookup, match
from stages.lookup import Row
from stages.night import Night
from stages.standardise import FORMS
from store import keymap, versions
from store.decisions.entries import Record
from store.duck import connect, register_rows, rows
from store.home import Home

MEMORY = "1GB"
_OF_RECORDS = (*FORMS, "clusters", "crosswalk", "overridden")
_OF_CLIENTS = (*identify.RECORDS, "view_consent_effective", "view_association")
_NEEDED = (
    *_OF_RECORDS, *_OF_CLIENTS, "decided", *(f"std_{unit}" for unit in UNITS),
    *(f"{table}_{party}" for table in ("match_input", "pairs") for party in match.MODELS),
)  # fmt: skip
_LEDGER = ("ledger_number", "ledger_member", "ledger_event")
_ASKED = {"source": pl.String, "record_id": pl.String, "side": pl.String}


@dataclass(frozen=True)
class Preview:
    """Clients before and after, each as stages/lookup gives it with `consents` and `associations`.

    `numbers`: every number of theirs (client_number, state, resolves_to) once decided; a new one is `minted`: the
    night may give another, since it gives numbers to everybody.
    """

    before: list[Row]
    after: list[Row]
    numbers: list[Row]

    @property
    def nothing(self) -> bool:
        """Whether the same records would stay together."""
        return [one["records"] for one in self.before] == [one["records"] for one in self.after]


def preview(home: Home, settings: Settings, effect: str, left: Sequence[Record], right: Sequence[Record]) -> Preview:
    """The clients of two groups of records, before and after a decision of that effect (must_link, cannot_link).

    Raises NotFound where the live version has not all of the records.
    """
    live = versions.manifest(home)
    night = Night(home, settings, live.business_date)
    with connect([home.root], home.prepare().cache, MEMORY) as con:
        keymap.attach(con, home)
        versions.attach(con, home, live, _NEEDED, prefix="live_")
        versions.attach(con, home, versions.newest(home), _LEDGER, prefix="live_")
        party = _asked(con, left, right)
        model = match.pinned(night, party)
        _around(con, party, model.match_weight if model else 0)
        standing = _clients(con, "SELECT DISTINCT client_number FROM part")
        _decide(con, effect)
        bands = (model.match_weight, model.review_weight) if model else (0, 0)
        clustering.cluster(con, party, f"pairs_{party}", *bands, match.guard(night, model))
        con.execute(f"CREATE OR REPLACE TABLE clusters AS FROM clusters_{party}")
        assign_numbers(con, night.version, night.business_date)
        match.learnt(con, night)
        identify.trust(con, night)
        survive(con, identify.survivorship(night))
        _hanging(con, night)
        after = _clients(con, _HOLDING)
        numbers = {one["party"]["client_number"] for one in after} | _theirs(con)
        before = [one for one in standing if one["party"]["client_number"] in numbers]
        return Preview(before, after, rows(con, _NUMBERS))


def _asked(con: duckdb.DuckDBPyConnection, left: Sequence[Record], right: Sequence[Record]) -> str:
    """Table `asked(record_key, side)`; the model that compares them."""
    named = [(*record, side) for side, group in (("l", left), ("r", right)) for record in group]
    register_rows(con, "named", _ASKED, named)
    con.execute("""
        CREATE TABLE asked AS SELECT record_key, side, party_type FROM named
        JOIN live_crosswalk USING (source, record_id)""")
    con.unregister("named")
    found = con.execute("SELECT side, min(party_type), count(*) FROM asked GROUP BY side").fetchall()
    if len(found) < 2 or sum(row[2] for row in found) < len(named):
        raise NotFound("preview", "the live version has not all of these records", "look at the case as it is now")
    return MODEL_OF[str(found[0][1])]


def _around(con: duckdb.DuckDBPyConnection, party: str, match_weight: int) -> None:
    """The tables that the steps read, of the records that edges and decisions connect with those asked about."""
    con.execute(f"""
        CREATE TABLE joined AS
        WITH edge AS (SELECT record_key_l AS a, record_key_r AS b FROM live_pairs_{party} WHERE weight >= {match_weight}
                      UNION ALL SELECT record_key_l, record_key_r FROM live_decided WHERE kind = 'must_link')
        FROM edge UNION ALL SELECT b, a FROM edge
        UNION ALL SELECT x.record_key, y.record_key FROM live_crosswalk x JOIN live_crosswalk y USING (client_number)
        WHERE x.record_key IN (SELECT record_key FROM asked)""")
    con.execute("""
        CREATE TABLE part AS
        WITH RECURSIVE reached AS (
            SELECT record_key FROM asked
            UNION
            SELECT j.b FROM reached r JOIN joined j ON j.a = r.record_key)
        SELECT record_key, source, record_id, client_number FROM reached JOIN live_crosswalk USING (record_key)""")
    for table in (*_OF_RECORDS, f"match_input_{party}"):
        con.execute(f"CREATE TABLE {table} AS FROM live_{table} SEMI JOIN part USING (record_key)")
    for table in ("decided", f"pairs_{party}"):
        con.execute(f"""
            CREATE TABLE {table} AS FROM live_{table}
            WHERE record_key_l IN (SELECT record_key FROM part) AND record_key_r IN (SELECT record_key FROM part)""")
    for table in _OF_CLIENTS:
        con.execute(f"""
            CREATE TABLE {table} AS FROM live_{table} WHERE client_number IN (SELECT client_number FROM part)""")
    con.execute("CREATE TABLE parent_crosswalk AS FROM crosswalk")
    _ledger_around(con)


def _ledger_around(con: duckdb.DuckDBPyConnection) -> None:
    """What the ledger knows of the records' numbers, and the highest number, after which new ones are minted."""
    con.execute("""
        CREATE TABLE parent_ledger_member AS
        WITH known AS (SELECT DISTINCT client_number FROM live_ledger_member SEMI JOIN part USING (source, record_id))
        FROM live_ledger_member SEMI JOIN known USING (client_number)""")
    con.execute("""
        CREATE TABLE parent_ledger_number AS FROM live_ledger_number
        WHERE client_number IN (SELECT client_number FROM parent_ledger_member)
           OR sequence = (SELECT max(sequence) FROM live_ledger_number)""")
    con.execute("CREATE TABLE parent_ledger_event AS FROM live_ledger_event LIMIT 0")


def _decide(con: duckdb.DuckDBPyConnection, effect: str) -> None:
    """Lay the decision over those that count; it takes the place of one about the same records."""
    pair = "least(l.record_key, r.record_key) AS record_key_l, greatest(l.record_key, r.record_key) AS record_key_r"
    con.execute(f"""
        CREATE TABLE new_decided AS
        SELECT {pair}, '{effect}' AS kind, 0::BIGINT AS decision
        FROM asked l JOIN asked r ON l.side = 'l' AND r.side = 'r'""")
    con.execute("""
        CREATE OR REPLACE TABLE decided AS
        FROM decided ANTI JOIN new_decided USING (record_key_l, record_key_r)
        UNION ALL BY NAME FROM new_decided""")


def _theirs(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The clients of the records asked about, as they stand."""
    found = con.execute("SELECT DISTINCT client_number FROM part SEMI JOIN asked USING (record_key)").fetchall()
    return {str(number) for (number,) in found}


def _clients(con: duckdb.DuckDBPyConnection, asked: str) -> list[Row]:
    """The clients of the query `asked` with what hangs on them, as the tables have them now."""
    numbers = [number for (number,) in con.execute(f"{asked} ORDER BY 1").fetchall()]
    return [
        lookup.golden(con, number) | {part: rows(con, sql, [number]) for part, sql in _PARTS.items()}
        for number in numbers
    ]


def _hanging(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Consents and associations under the clients; others are as they stand."""
    con.execute("CREATE TABLE own_crosswalk AS FROM crosswalk")
    for unit in UNITS:
        other = " OR (other_source, other_record) IN (SELECT (source, record_id) FROM part)"
        con.execute(f"""
            CREATE TABLE std_{unit} AS FROM live_std_{unit}
            WHERE (source, record_id) IN (SELECT (source, record_id) FROM part){other * (unit == "relationship")}""")
    con.execute("""
        INSERT INTO crosswalk BY NAME FROM live_crosswalk ANTI JOIN part USING (record_key)
        WHERE (source, record_id) IN (SELECT (source, record_id) FROM std_relationship
                                      UNION SELECT (other_source, other_record) FROM std_relationship)""")
    con.execute("""
        INSERT INTO golden_identifier BY NAME FROM live_golden_identifier
        WHERE number IN (SELECT other_number FROM std_relationship)
          AND client_number NOT IN (SELECT client_number FROM part)""")
    children.under_clients(con)
    consents.effective(con)
    relations.associate(con, night.business_date)
    con.execute("CREATE OR REPLACE TABLE crosswalk AS FROM own_crosswalk")


_HOLDING = """
    WITH theirs AS (SELECT DISTINCT client_number FROM part SEMI JOIN asked USING (record_key))
    SELECT DISTINCT x.client_number FROM crosswalk x
    JOIN part p USING (record_key) SEMI JOIN theirs t ON t.client_number = p.client_number"""
_NUMBERS = f"""
    WITH shown AS ({_HOLDING} UNION SELECT DISTINCT p.client_number FROM part p SEMI JOIN asked USING (record_key))
    SELECT n.client_number, CAST(n.state AS VARCHAR) AS state, n.resolves_to,
           n.client_number NOT IN (SELECT client_number FROM parent_ledger_number) AS minted
    FROM ledger_number n SEMI JOIN shown USING (client_number) ORDER BY n.sequence"""
_PARTS = {
    "consents": """
        SELECT channel, purpose, legal_entity, given, since, rule FROM view_consent_effective
        WHERE client_number = ? ORDER BY ALL""",
    "associations": """
        SELECT DISTINCT other_number, kind, share FROM view_association WHERE client_number = ? ORDER BY ALL""",
}
