"""What every request shares: the home, the live version, the decision log as read, users, the audit trail.

Here: one object, made when the desk starts. Not here: routes, nor what any of its parts does.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from rules.errors import StoreError
from rules.forms import FILE, Form, load_forms
from rules.limits import Limits
from rules.oidc import secret_of
from rules.placeholders import load_placeholders
from rules.settings import Settings
from rules.view.settings import load_settings
from stages.entering import feed_of
from stages.identify import survivorship_of
from stages.standardise import placeholders_of
from stewardship import anchors, sessions
from stewardship.audit import Trail
from stewardship.decided import Decided, Reading
from stewardship.explanations import Explanations
from stewardship.indexed import Indexed
from stewardship.limits import AT_ONCE_API, AT_ONCE_PAGES, BEGUN, Attempts, Rate
from stewardship.lost import Trusted
from stewardship.provider import MINUTES, Provider
from stewardship.searching import Searching
from stewardship.serving import Served
from stewardship.sessions import Tokens
from store.decisions import Decision, Log, open_log
from store.decisions.entries import Record
from store.desk import Database
from store.entered import Entered, Entry
from store.home import Home


@dataclass
class Desk:
    """The desk of one home."""

    home: Home
    served: Served
    database: Database
    tokens: Tokens
    trail: Trail
    explanations: Explanations
    indexed: Indexed
    searching: Searching
    attempts: Attempts
    rate: Rate
    pages: Rate
    begun: Rate
    """Log-ins begun at the identity provider, by address."""
    log: Log
    settings: Settings | None = None
    """What the bank declares, where the desk was started with it."""
    provider: Provider | None = None
    """The bank's identity provider, if one is declared."""
    forms: Mapping[str, Form] = field(default_factory=dict)
    """What may be entered or proposed; only proposed where no feed of the desk is declared to carry the rest."""
    neglected_days: int = 0
    """After how many days without a contact a client is neglected."""
    declared: Trusted = field(default_factory=Trusted)
    """How far each source is trusted, and how golden values are chosen."""
    entered: Entered = field(init=False)
    reading: Reading = field(init=False)
    deciding: Lock = field(default_factory=Lock)
    """Held from looking at a case to the log's row, so that two stewards never answer one state of a case."""
    _refusals: tuple[int, dict[Record, list[Entry]]] = (-1, {})
    waiting: tuple[tuple[int, Path] | None, list[Entry]] = (None, [])
    """Clients created since the version, as pending found them, and what it saw then."""

    def __post_init__(self) -> None:
        self.entered, self.reading = Entered(self.home), Reading(self.log)

    @property
    def sees_across(self) -> bool:
        """Whether a user may see clients of several legal entities."""
        return self.settings is None or self.settings.registry.see_across_entities

    def decided(self) -> Decided:
        """The decisions as the log has them now."""
        return self.reading.now()

    def decisions(self) -> Mapping[int, Decision]:
        """The same by number."""
        return self.decided().by_number

    def refusals(self) -> dict[Record, list[Entry]]:
        """Consents as entered at the desk, by their record; read again only when something was entered."""
        if not self.entered.database.file.exists():
            return {}
        mark = self.entered.database.mark()
        if mark != self._refusals[0]:
            found: dict[Record, list[Entry]] = {}
            for entry in self.entered.of_unit("consent"):
                found.setdefault((entry.source, entry.record_id), []).append(entry)
            self._refusals = mark, found
        return self._refusals[1]

    def anchor(self) -> None:
        """Remember how far trail and decision log reach; one that cannot be read now is noted another time."""
        for name, log in self.chained.items():
            with suppress(StoreError):
                anchors.note(self.database, name, log)

    @property
    def chained(self) -> dict[str, anchors.Chained]:
        """The logs whose end is remembered."""
        return {"trail": self.trail, "log": self.log}

    def close(self) -> None:
        """Close what is open; the end of the trail is remembered."""
        self.trail.close()
        self.anchor()
        for part in (
            self.explanations,
            self.indexed,
            self.searching,
            self.served,
            self.database,
            self.entered.database,
        ):
            part.close()


def desk(home: Home, settings: Settings | None = None) -> Desk:
    """The desk of a home with nothing opened yet; sessions of who may no longer log in that way are ended."""
    declared = placeholders_of(settings) if settings else load_placeholders()
    database = Database(home, held=True)
    sealed = settings.sealed if settings else frozenset
    own = Served(home, sealed), database, Tokens(database), Trail(home), Explanations(home)
    searching = Searching(declared)
    asked = Indexed(home, searching.prepare, sealed), searching, Attempts()
    declared_forms = load_forms(settings.overlay(FILE) if settings else None)
    forms = {name: form for name, form in declared_forms.items() if form.proposes or feed_of(settings)}
    days = load_settings(settings.rules_folder if settings else None).neglected_days
    declares = settings.registry.oidc if settings else None
    provider = Provider(declares, secret_of(declares, settings.folder)) if settings and declares else None
    sessions.keep_sessions(database, local=declares is None or declares.local_users, vouched=declares is not None)
    return Desk(
        home, *own, *asked, *_rates(settings), open_log(home), settings, provider, forms, days, _declared(settings)
    )


def _rates(settings: Settings | None) -> tuple[Rate, Rate, Rate]:
    """How often somebody may ask the API, for pages, and for the way to the identity provider."""
    limits = settings.registry.limits if settings else Limits()
    api, pages = Rate(limits.api * AT_ONCE_API, AT_ONCE_API), Rate(limits.pages * AT_ONCE_PAGES, AT_ONCE_PAGES)
    return api, pages, Rate(BEGUN, MINUTES * 60)


def _declared(settings: Settings | None) -> Trusted:
    if settings is None:
        return Trusted()
    return Trusted({source.name: source.trust for source in settings.sources}, survivorship_of(settings))
