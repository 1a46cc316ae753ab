"""Telling people that a night failed, a gate stopped it, a source is stale, or an output could not be written.

Here: sending a sentence to the declared addresses. Not here: what went wrong (pipelines/run, pipelines/definitions).
The sentence is an expected error's own words, which hold no client's data. A notice that cannot be sent fails no night.
"""

import smtplib
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
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
_SECONDS = 10


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
    log = structlog.get_logger()
    try:
        address = expand_env(declared, "notify")
        _SENDERS[urlsplit(address).scheme](address, text, event)
    except (RegistryError, KeyError, OSError, httpx.HTTPError, httpx.InvalidURL, smtplib.SMTPException) as error:
        log.warning("notice not sent", to=declared, notice=event, error=type(error).__name__)
        return False
    log.info("notice sent", to=declared, notice=event)
    return True


def _post(address: str, text: str, event: str) -> None:
    """A webhook as Slack, Mattermost and Teams take it: JSON with `text`."""
    httpx.post(address, json={"text": text, "event": event}, timeout=_SECONDS).raise_for_status()


def _mail(address: str, text: str, event: str) -> None:
    """`smtp[s]://[user:password@]host[:port]/?from=A&to=B`; smtp begins TLS where the server offers it."""
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    message = EmailMessage()
    message["From"], message["To"] = asked["from"][0], ", ".join(asked["to"])
    message["Subject"] = f"Customer registry: night {event}"
    message.set_content(text)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with kind(parts.hostname or "localhost", parts.port or 0, timeout=_SECONDS) as server:
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


_SENDERS: dict[str, Callable[[str, str, str], None]] = {
    "http": _post, "https": _post, "smtp": _mail, "smtps": _mail,
}  # fmt: skip
