"""The queue: what waits, ranked by what is at risk.

Here: the page and what is done to several cases. Not here: filters and order (stewardship/queue).
"""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from stewardship import queue, workbench
from stewardship.guard import Reader, TheDesk
from stewardship.pages.forms import pages
from stewardship.pages.frame import page
from stewardship.queue import Filter

router = APIRouter(include_in_schema=False)
Asked = Annotated[Filter, Query()]


@router.get("/queue")
def show(request: Request, desk: TheDesk, visitor: Reader, asked: Asked) -> Response:
    """A page of the queue."""
    today = date.today()
    bench = workbench.bench(desk.database, today)
    with desk.served.live() as version, version.cursor() as con:
        now = queue.standing(con, bench, desk.decisions(), today)
        listed, counted = queue.page(con, asked, now, visitor.name), queue.counts(con, asked, now, visitor.name)
        ages, choices = queue.ages(con, version.manifest.business_date, now), queue.choices(con)
        if asked.state == "open":
            desk.explanations.ahead(version.number, [(row["one"], row["other"]) for row in listed[: queue.NEXT]])
    return page(
        request, "queue.html", visitor, items=listed, counts=counted, ages=ages, choices=choices, asked=asked,
        version=version.manifest, pages=pages(counted[asked.state], queue.PAGE), link=_link(asked),
    )  # fmt: skip


def _link(asked: Filter):  # type: ignore[no-untyped-def]
    """`link(page=2)`: the address of the queue with some of the filter changed; what is as by default is left out."""

    def link(**changed: object) -> str:
        return "/queue" + query(asked.model_copy(update=changed))

    return link


def query(asked: Filter) -> str:
    """A filter as the query of an address."""
    told = asked.model_dump(exclude_defaults=True)
    return f"?{urlencode(told)}" if told else ""
