"""What is asked: clients of the live version, spread over all of them, by number, document, source key, and as typed.

Here: questions made of the version's tables, the same every time. Not here: asking (load).
"""

from typing import Any
from urllib.parse import quote, urlencode

from store.home import Home
from store.opening import opened

V1 = "/api/v1"
Question = tuple[str, str, Any]
"""Method, path, and body of a request."""
_SPREAD = "ORDER BY md5(record_id), source, record_id LIMIT"


def look_ups(home: Home, count: int) -> list[Question]:
    """A third each by client number, by document, by source key."""
    rows = _rows(home, f"""
        SELECT client_number, source, record_id, any_value(type) AS type, any_value(number) AS number
        FROM crosswalk JOIN golden_identifier USING (client_number)
        GROUP BY client_number, source, record_id {_SPREAD} {count // 3}""")  # fmt: skip
    found: list[Question] = []
    for number, source, record_id, kind, document in rows:
        asked = urlencode({"document_type": kind, "document_number": document})
        found += [
            ("GET", f"{V1}/parties/{number}", None),
            ("GET", f"{V1}/parties?{asked}", None),
            ("GET", f"{V1}/sources/{quote(source)}/records/{quote(record_id)}", None),
        ]
    return found


def searches(home: Home, count: int) -> list[Question]:
    """Persons as a record has them: name, birth date, and every other time a document."""
    rows = _rows(home, f"""
        SELECT n.full, r.birth_date, any_value(i.type), any_value(i.number), r.source, r.record_id
        FROM std_record r JOIN std_name n USING (record_key) JOIN std_identifier i USING (record_key)
        WHERE CAST(r.party_type AS VARCHAR) = 'person' AND n.kind = 'current' AND n.full IS NOT NULL AND i.valid
        GROUP BY n.full, r.birth_date, r.source, r.record_id {_SPREAD} {count}""")  # fmt: skip
    found: list[Question] = []
    for place, (full, born, kind, number, *_) in enumerate(rows):
        said: dict[str, Any] = {"names": [{"full": full}], "birth_date": str(born) if born else None}
        if place % 2:
            said["identifiers"] = [{"type": kind, "number": number}]
        found.append(("POST", f"{V1}/search", said))
    return found


def _rows(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with opened(home) as con:
        return con.execute(sql).fetchall()
