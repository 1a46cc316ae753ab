"""Where the log of a home is: a SQLite file in it, or the database that registry.yaml names.

Here: opening it, and noticing that it moved. Not here: its rows. The home keeps `${NAME}`, never what it stands for.
"""

import json
import re
from functools import lru_cache

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from rules.errors import ConfigError, StoreError
from rules.load import expand_env
from store.decisions.log import Log
from store.decisions.schema import prepare
from store.home import Home, write_durably

FILE, NOTE = "decisions.sqlite", "decisions.json"


def open_log(home: Home) -> Log:
    """The log that the home's nights read."""
    return _open(home, _noted(home))


def declare(home: Home, url: str | None) -> Log:
    """The log that registry.yaml declares (`url` as written there, None for the home's own).

    Refused where the nights before read another one that holds decisions: they would be lost.
    """
    before = _noted(home)
    if url != before:
        if _open(home, before).head()[0]:
            place = "decisions: in registry.yaml"
            raise ConfigError(place, "names another log than the home's, which holds decisions", "copy it, or put back")
        write_durably(home.root / NOTE, json.dumps({"url": url}).encode())
    return _open(home, url)


def _noted(home: Home) -> str | None:
    path = home.root / NOTE
    found: str | None = json.loads(path.read_text(encoding="utf-8"))["url"] if path.exists() else None
    return found


def _open(home: Home, url: str | None) -> Log:
    place = f"decision log {url or FILE}"
    if url is None:
        file = home.root / FILE
        return Log(_engine(f"sqlite:///{file}", place), place, file)
    return Log(_engine(expand_env(url, place), place), place)


@lru_cache(8)
def _engine(url: str, place: str) -> Engine:
    """An engine that keeps no connection, but the statements it put together; PostgreSQL is spoken to by psycopg 3."""
    spoken = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)
    try:
        engine = create_engine(spoken, poolclass=NullPool)
    except (ImportError, SQLAlchemyError) as error:
        raise StoreError(place, f"cannot be opened ({type(error).__name__})", "give a postgresql:// URL") from None
    prepare(engine)
    return engine
