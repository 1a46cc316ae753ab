"""Writing the index of a version: one row for each client, with everything that a look-up answers.

Here: what its files hold. Not here: reading them (read), the format (store/sorted), keys of the blocking rules
(matching/search). Clients are written slice by slice, so that the lists of a large bank fit into memory.
"""

from collections.abc import Iterator, Mapping, Set
from pathlib import Path

import dataframely as dy
import duckdb

from matching import search
from matching.model import load
from rules.contracts.golden import GoldenAddress, GoldenContact, GoldenIdentifier, GoldenName, GoldenParty
from rules.desk import SEALED_BY_ROLE
from store import suppression
from store.duck import exists, quote
from store.home import Home
from store.manifest import Manifest
from store.opening import opened
from store.sorted import write

CLIENT, FOUND_BY, NUMBER, EVENT = "client", "found_by", "number", "event"
BETWEEN = chr(31)
"""Stands between the parts of a key."""
NIGHT = 10**9
"""Place of an event: version times this, plus its position."""
SLICE = 100_000
"""Clients that are put together at once."""
_CHILDREN: Mapping[str, type[dy.Schema]] = {
    "names": GoldenName, "identifiers": GoldenIdentifier, "addresses": GoldenAddress, "contacts": GoldenContact,
}  # fmt: skip
_TABLES = {"names": "golden_name", "identifiers": "golden_identifier", "addresses": "golden_address",
           "contacts": "golden_contact"}  # fmt: skip
_CONSENTS = {"refusals", "consents"}
_PARTS = {*_CHILDREN, "lineage", "records", "offices", *_CONSENTS}
_MEMORY = "2GB"


def build(home: Home, version: Manifest, folder: Path) -> None:
    """Write the index of a version into `folder`, which is empty."""
    with opened(home, of=version, memory=_MEMORY) as con:
        parts = _PARTS if exists(con, "view_consent_effective") else _PARTS - _CONSENTS
        write(con, [_clients_sql(within, parts) for within in _slices(con)], folder / CLIENT)
        write(con, [_FOUND_BY], folder / FOUND_BY)
        write(con, [_NUMBERS], folder / NUMBER)
        write(con, [_EVENTS], folder / EVENT)
    for party in sorted(version.models):
        place = folder / party
        place.mkdir()
        with opened(home, [f"match_input_{party}", "crosswalk"], version, memory=_MEMORY) as con:
            _search(con, home, version, party, place)


def _search(con: duckdb.DuckDBPyConnection, home: Home, version: Manifest, party: str, folder: Path) -> None:
    """The records of one kind of party as search before create finds and weighs them, each with its client."""
    con.execute(f"""
        CREATE TABLE held AS SELECT m.*, x.record_id, x.client_number
        FROM match_input_{party} m JOIN crosswalk x USING (record_key, source)""")
    search.index(con, load(home.models, party, version.models[party]), "held", folder)


def _slices(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Conditions that part the clients by their numbers, in order."""
    bounds = con.execute(f"""
        SELECT client_number FROM (SELECT client_number, row_number() OVER (ORDER BY client_number) AS place
                                   FROM golden_party) WHERE place % {SLICE} = 0 ORDER BY 1""").fetchall()
    last = ""
    for (bound,) in bounds:
        yield f"client_number > {quote(last)} AND client_number <= {quote(bound)}"
        last = bound
    yield f"client_number > {quote(last)}"


def _clients_sql(within: str, wanted: Set[str]) -> str:
    """`client_number`, `body`: the golden record with its parts, lineage, records, refusals, and who may see it.

    `consents` names the rows of feeds that the version has: what was entered since is not among them.
    """
    parts = {name: _children_sql(name, within) for name in _CHILDREN}
    parts["lineage"] = f"""
        SELECT client_number, list({{'field': l.field, 'rule': l.rule, 'candidates': l.candidates, 'source': k.source,
                                     'record_id': k.record_id, 'stale_since': l.stale_since}} ORDER BY l.field) AS found
        FROM golden_lineage l JOIN key_map k USING (record_key) WHERE {within} GROUP BY client_number"""
    parts["records"] = f"""
        SELECT client_number, list({{'source': source, 'record_id': record_id, 'legal_entity': legal_entity,
                                     'party_type': party_type}} ORDER BY source, record_id) AS found
        FROM crosswalk WHERE {within} GROUP BY client_number"""
    parts["offices"] = f"""
        SELECT client_number, list_sort(list(DISTINCT {{'legal_entity': x.legal_entity, 'branch': s.branch}})) AS found
        FROM crosswalk x JOIN std_record s USING (record_key) WHERE {within} GROUP BY client_number"""
    parts["refusals"] = f"""
        SELECT client_number, list({{'channel': channel, 'purpose': purpose, 'legal_entity': legal_entity,
                                     'since': since}} ORDER BY channel, purpose, legal_entity) AS found
        FROM view_consent_effective WHERE NOT given AND {within} GROUP BY client_number"""
    parts["consents"] = f"""
        SELECT client_number, list_sort(list(DISTINCT concat(feed, '{BETWEEN}', item))) AS found
        FROM view_consent WHERE {within} GROUP BY client_number"""
    parts = {name: body for name, body in parts.items() if name in wanted}
    joins = " ".join(f"LEFT JOIN ({body}) AS {name} USING (client_number)" for name, body in parts.items())
    lists = ", ".join(f"'{name}': coalesce({name}.found, [])" for name in parts)
    return f"""
        SELECT client_number,
               CAST(to_json({{'party': {_packed(GoldenParty, "p")}, {lists}, 'sealed': {SEALED_BY_ROLE}}})
                    AS VARCHAR) AS body
        FROM (SELECT * FROM golden_party WHERE {within}) p {joins}"""


def _children_sql(name: str, within: str) -> str:
    body = _packed(_CHILDREN[name], "t", "client_number", "record_key")
    return f"""
        SELECT client_number, list({body} ORDER BY position) AS found FROM {_TABLES[name]} t
        WHERE {within} GROUP BY client_number"""


def _packed(schema: type[dy.Schema], alias: str, *left_out: str) -> str:
    """SQL: a row as a structure; amounts as text, so that no digit is lost on the way."""
    columns = {name: column for name, column in schema.columns().items() if name not in left_out}
    texts = {name: isinstance(column, dy.Decimal) for name, column in columns.items()}
    parts = (f"CAST({alias}.{name} AS VARCHAR)" if text else f"{alias}.{name}" for name, text in texts.items())
    return "{" + ", ".join(f"'{name}': {part}" for name, part in zip(columns, parts, strict=True)) + "}"


_FOUND_BY = f"""
    SELECT concat('document', '{BETWEEN}', type, '{BETWEEN}', number) AS key, client_number
    FROM golden_identifier WHERE type IS NOT NULL AND number IS NOT NULL
    UNION SELECT concat('record', '{BETWEEN}', source, '{BETWEEN}', record_id), client_number FROM crosswalk"""
_NUMBERS = f"""
    WITH held AS (SELECT client_number, bool_and(starts_with(record_id, '{suppression.PREFIX}')) AS erased
                  FROM crosswalk GROUP BY client_number)
    SELECT client_number, client_number AS stands_for, erased FROM held
    UNION ALL
    SELECT client_number, if(CAST(state AS VARCHAR) = 'gone', NULL, coalesce(resolves_to, client_number)), false
    FROM ledger_number ANTI JOIN held USING (client_number)"""
_EVENTS = f"""
    SELECT version * {NIGHT} + position AS place, version, position, CAST(event AS VARCHAR) AS event, client_number,
           other_number, cause FROM ledger_event"""
