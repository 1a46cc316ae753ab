"""Telling people that a night failed, a gate stopped it, a source is stale, or an output could not be written.

Here: sending a sentence to the declared addresses, by Apprise. Not here: what went wrong (pipelines/run,
pipelines/definitions). The sentence is an expected error's own words, which hold no client's data. A notice that cannot
be sent fails no night.
"""

import logging
from datetime import date

import structlog

from pipelines.context import Place
from rules.errors import RegistryError
from rules.load import expand_env
from rules.settings import Settings
from stages import metrics, stopped
from stages.publish import failures
from store import versions

TOLD = "registry/told"
"""Run tag: whoever started the run tells of its end."""
FAILED, STOPPED, STALE, UNPUBLISHED = "failed", "stopped", "stale", "unpublished"


def night_ended(place: Place, day: date, problem: str = "") -> None:
    """Write the metrics and send what is to be told: why the night did not end well, which sources are stale,
    which outputs lack the version."""
    metrics.write(place.home, stopped=bool(problem))
    page = stopped.told(place.night(day))
    if problem:
        notify(place.settings, STOPPED if page else FAILED, f"night of {day}: {problem}")
        return
    stale = [entry.source for entry in versions.manifest(place.home).inputs if entry.stale]
    if stale:
        notify(place.settings, STALE, f"night of {day}: served by an earlier snapshot: {', '.join(stale)}")
    for output, problem in failures(place.home).items():
        notify(place.settings, UNPUBLISHED, f"night of {day}: {output} has not the live version: {problem}")


def notify(settings: Settings, event: str, text: str) -> int:
    """Send `text` to every address that wants `event`; how many got it."""
    wanted = [notice for notice in settings.registry.notify if event in notice.events]
    return sum(_sent(notice.to, f"{settings.registry.name}: {text}", event) for notice in wanted)


def _sent(declared: str, text: str, event: str) -> bool:
    """Whether it was sent; an address is a secret, so the log names it as it is declared."""
    from apprise import Apprise, NotifyFormat, NotifyType

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it names addresses
    address, log = Apprise(), structlog.get_logger().bind(to=declared, notice=event)
    kind = NotifyType.WARNING if event == STALE else NotifyType.FAILURE
    try:
        known = address.add(expand_env(declared, "notify"))
    except RegistryError:
        known = False
    if known and address.notify(text, f"Customer registry: night {event}", kind, body_format=NotifyFormat.TEXT):
        log.info("notice sent")
        return True
    log.warning("notice not sent", why="no answer" if known else "no address that Apprise knows")
    return False
