"""Operation requests: asked here, handed to the outbox of the system that keeps the product, answered by its extracts.

Here: checking, handing over, reading the status back. Not here: the catalogue (rules/operations). A request is a file
`outbox/SOURCE/ID.json`, readable by its owner only; ID is made of what is asked and of the version it was asked on, so
that asking twice hands over once. The owning system tells the ID in a `request` of its next extract.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from rules.errors import DecisionRefused, NotFound
from rules.load import nearest
from rules.operations import Operation, Operations
from stages.lookup import resolve
from store import versions
from store.duck import exists
from store.home import Home, private, write_durably
from store.opening import opened

Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One operation on one product of a client; documents by kind and by their number in the dossier."""

    number: str
    product: str
    reference: str
    operation: str
    fields: Mapping[str, str]
    documents: Mapping[str, str]
    user: str


def hand_over(home: Home, catalogue: Operations, asked: Asked) -> Row:
    """Check a request and put it into the outbox; `{"id", "source", "file", "new"}`.

    Raises NotFound for a client or product that is not there, DecisionRefused for what the catalogue does not allow.
    """
    declared = _declared(catalogue, asked)
    version = versions.manifest(home)
    with opened(home) as con:
        number = resolve(con, home, asked.number)
        held = _held(con, number, asked)
        _dossier(con, number, declared, asked, version.business_date)
    body = {
        "version": version.version, "client_number": number, "record": held["record"], "product": asked.product,
        "reference": asked.reference, "operation": asked.operation, "fields": dict(sorted(asked.fields.items())),
        "documents": dict(sorted(asked.documents.items())),
    }  # fmt: skip
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = home.outbox / held["source"] / f"{name}.json"
    new = not path.exists()
    if new:
        with private():
            path.parent.mkdir(parents=True, exist_ok=True)
            told = {"id": name, **body, "asked_by": asked.user}
            write_durably(path, (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())
    return {"id": name, "source": held["source"], "file": str(path), "new": new}


def requests(home: Home, numbers: Collection[str] | None = None) -> list[Row]:
    """What was handed over, by system and id, with the status of its latest extract; `handed over` before any.

    Of some client numbers, as they were when it was asked for, or of all.
    """
    bodies = [(path, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(home.outbox.glob("*/*.json"))]
    asked = [(path, body) for path, body in bodies if numbers is None or body["client_number"] in numbers]
    told: dict[str, tuple[str, Any]] = {}
    with opened(home) as con:
        if asked and exists(con, "view_request"):
            told = {name: (status, closed) for name, status, closed in con.execute(_STATUS).fetchall()}
    found = []
    for path, body in asked:
        status, closed = told.get(path.stem, ("handed over", None))
        shown = {key: body[key] for key in ("client_number", "product", "reference", "operation", "asked_by")}
        found.append({"id": path.stem, "source": path.parent.name, **shown, "status": status, "closed": closed})
    return found


_OPEN = """
    SELECT source, source || ':' || record_id FROM view_holding
    WHERE client_number = ? AND product = ? AND reference = ? AND status IS DISTINCT FROM 'closed'
    ORDER BY source, record_id, feed, item LIMIT 1"""
_CITED = """
    SELECT kind, number FROM view_document
    WHERE client_number = ? AND gone_since IS NULL AND list_contains(?, number) AND COALESCE(expires_on >= ?, TRUE)"""
_STATUS = """
    SELECT asked_as, COALESCE(status, 'told without status'), closed FROM view_request WHERE asked_as IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY asked_as ORDER BY opened DESC NULLS LAST, feed, item, ordinal) = 1"""


def _declared(catalogue: Operations, asked: Asked) -> Operation:
    """The operation in the catalogue, all of whose fields are filled, and no others."""
    place, operations = f"operation request for a {asked.product}", catalogue.products.get(asked.product, {})
    declared = operations.get(asked.operation)
    if declared is None:
        raise DecisionRefused(place, f"'{asked.operation}' is no operation of it", nearest(asked.operation, operations))
    filled = [name for name, value in asked.fields.items() if value.strip()]
    for name in declared.fields:
        if name not in filled:
            problem = f"'{asked.operation}' needs the field '{name}'"
            raise DecisionRefused(place, problem, f"fill '{name}'", f"--field {name}=VALUE")
    given_and_known = (("field", asked.fields, declared.fields), ("document", asked.documents, declared.documents))
    for kind, given, known in given_and_known:
        for name in given:
            if name not in known:
                raise DecisionRefused(place, f"'{asked.operation}' takes no {kind} '{name}'", nearest(name, known))
    return declared


def _held(con: duckdb.DuckDBPyConnection, number: str, asked: Asked) -> Row:
    found = con.execute(_OPEN, [number, asked.product, asked.reference]).fetchall()
    if not found:
        expected = f"the client holds no open {asked.product} with this reference"
        raise NotFound("operation request", expected, "see what the client holds", "registry client NUMBER")
    return {"source": found[0][0], "record": found[0][1]}


def _dossier(con: duckdb.DuckDBPyConnection, number: str, declared: Operation, asked: Asked, day: date) -> None:
    """Every kind of document that the operation needs is cited, lies in the dossier and has not expired."""
    found = con.execute(_CITED, [number, list(asked.documents.values()), day]).fetchall()
    known = {(kind, cited) for kind, cited in found}
    for kind in declared.documents:
        if (kind, asked.documents.get(kind)) not in known:
            expected = f"'{asked.operation}' cites a document '{kind}' of the client's dossier that has not expired"
            raise DecisionRefused("operation request", expected, "cite one", f"--document {kind}=NUMBER")
