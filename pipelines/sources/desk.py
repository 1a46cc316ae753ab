"""What people entered at the client desk, read from the home's own store as if another system had delivered it.

Here: the read. Not here: the store (store/entered), its rows as a delivery (stages/entering). The folder of the request
is the home.
"""

from pipelines.sources.base import Connector, Raw, Request, numbered
from rules.desk_source import KIND
from rules.errors import IntegrityError
from rules.feeds import Feed
from stages.entering import about_clients, created
from store.entered import CLIENT, FILE, Entered
from store.home import Home


def read(request: Request) -> Raw:
    """Clients that were created for a source of parties, everything else for a feed; IntegrityError if changed."""
    entered = Entered(Home(request.folder))
    if broken := entered.broken():
        raise IntegrityError(f"{FILE}, row {broken[0]}", "was changed", "restore the file from a backup")
    if isinstance(request.source, Feed):
        return numbered(about_clients(request.source, entered.delivered(but=CLIENT)))
    return numbered(created(request.source, entered.delivered(unit=CLIENT)))


CONNECTOR = Connector((KIND,), read)
