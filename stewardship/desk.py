"""What every request shares: the home, the live version, the decision log as read, users, the audit trail.

Here: one object, made when the desk starts. Not here: routes, nor what any of its parts does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from rules.forms import FILE, Form, load_forms
from rules.placeholders import load_placeholders
from rules.settings import Settings
from rules.view.settings import load_settings
from stages.entering import feed_of
from stages.standardise import placeholders_of
from stewardship.audit import Trail
from stewardship.explanations import Explanations
from stewardship.limits import Attempts, Rate
from stewardship.searching import Searching
from stewardship.serving import Served
from store.decisions import Decision, Log, open_log
from store.desk import Database
from store.home import Home


@dataclass
class Desk:
    """The desk of one home."""

    home: Home
    served: Served
    database: Database
    trail: Trail
    explanations: Explanations
    searching: Searching
    attempts: Attempts
    rate: Rate
    log: Log
    settings: Settings | None = None
    """What the bank declares, where the desk was started with it."""
    forms: Mapping[str, Form] = field(default_factory=dict)
    """What may be entered; nothing where no feed of the desk is declared, since no night would carry it."""
    neglected_days: int = 0
    """After how many days without a contact a client is neglected."""
    deciding: Lock = field(default_factory=Lock)
    """Held from looking at a case to the log's row, so that two stewards never answer one state of a case."""
    _read: tuple[tuple[int, int], dict[int, Decision]] = ((0, 0), {})

    def decisions(self) -> dict[int, Decision]:
        """The decisions by number, as the log has them now; read again only when it has grown."""
        mark = self.log.mark()
        if mark != self._read[0]:
            self._read = mark, self.log.decisions()
        return self._read[1]


def desk(home: Home, settings: Settings | None = None) -> Desk:
    """The desk of a home with nothing opened yet."""
    declared = placeholders_of(settings) if settings else load_placeholders()
    own = Served(home), Database(home), Trail(home), Explanations(home), Searching(home, declared), Attempts(), Rate()
    forms = load_forms(settings.overlay(FILE)) if settings and feed_of(settings) else {}
    days = load_settings(settings.rules_folder if settings else None).neglected_days
    return Desk(home, *own, open_log(home), settings, forms, days)
