"""Who works on which case: claims, deferred cases, comments.

Here: what stewards note beside the decision log; deleting all of it would change no night. Not here: decisions.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, select

from stages.lookup import Row
from store.desk import CLAIM, COMMENT, SNOOZE, Database, now


@dataclass(frozen=True)
class Bench:
    """Claims by case, and deferred cases with the day they come back."""

    claims: dict[str, str]
    snoozed: dict[str, str]


def bench(database: Database, today: date) -> Bench:
    """How the cases are shared out today."""
    with database.reading() as con:
        claims = con.execute(select(CLAIM.c.case_id, CLAIM.c.user)).all()
        asked = select(SNOOZE.c.case_id, SNOOZE.c.until).where(SNOOZE.c.until > today.isoformat())
        return Bench({row[0]: row[1] for row in claims}, {row[0]: row[1] for row in con.execute(asked)})


def claim(database: Database, case_id: str, user: str) -> None:
    """Give a case to somebody, whoever had it."""
    with database.writing() as con:
        con.execute(delete(CLAIM).where(CLAIM.c.case_id == case_id))
        con.execute(insert(CLAIM), {"case_id": case_id, "user": user, "at": now()})


def release(database: Database, case_id: str) -> None:
    """Leave a case to anybody."""
    with database.writing() as con:
        con.execute(delete(CLAIM).where(CLAIM.c.case_id == case_id))


def snooze(database: Database, case_id: str, user: str, until: date) -> None:
    """Take a case out of sight until a day."""
    with database.writing() as con:
        con.execute(delete(SNOOZE).where(SNOOZE.c.case_id == case_id))
        con.execute(insert(SNOOZE), {"case_id": case_id, "user": user, "until": until.isoformat()})


def wake(database: Database, case_id: str) -> None:
    """Bring a deferred case back."""
    with database.writing() as con:
        con.execute(delete(SNOOZE).where(SNOOZE.c.case_id == case_id))


def comment(database: Database, item: Row, user: str, said: str, request: str) -> None:
    """Note a comment on a case; the same request again notes nothing new."""
    case_id = item["case_id"]
    with database.writing() as con:
        again = select(COMMENT.c.id).where(COMMENT.c.request == request, COMMENT.c.case_id == case_id)
        if not con.execute(again).first():
            about = {"case_id": case_id, "one": item["one"], "other": item["other"]}
            con.execute(insert(COMMENT), about | {"user": user, "at": now(), "said": said, "request": request})


def comments(database: Database, case_id: str) -> list[Row]:
    """What was said about a case, oldest first."""
    asked = select(COMMENT).where(COMMENT.c.case_id == case_id).order_by(COMMENT.c.id)
    with database.reading() as con:
        return [dict(row) for row in con.execute(asked).mappings()]
