"""Which registry this process runs: from the environment, so that Dagster's own processes find it too.

Here: REGISTRY_CONFIG, REGISTRY_HOME, REGISTRY_DATA → settings and home. Not here: what is in them.
"""

import os
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from rules.errors import ConfigError
from rules.settings import Settings, load_registry
from stages.night import Night
from store.home import Home

VARIABLES = {"config": "REGISTRY_CONFIG", "home": "REGISTRY_HOME", "data": "REGISTRY_DATA"}


@dataclass(frozen=True)
class Place:
    """A registry: its declared settings, its home, and the folder that relative file paths start from."""

    settings: Settings
    home: Home
    data: Path

    def night(self, day: date) -> Night:
        """The night of a business date."""
        return Night(self.home, self.settings, day)


def set_place(config: Path, home: Path, data: Path | None = None) -> Place:
    """Choose the registry of this process and its children."""
    chosen = {"config": config, "home": home, "data": data or config.absolute().parent}
    os.environ |= {VARIABLES[name]: str(path.absolute()) for name, path in chosen.items()}
    current.cache_clear()
    return current()


@cache
def current() -> Place:
    """The registry that the environment names."""
    config = os.environ.get(VARIABLES["config"])
    if not config:
        raise ConfigError(VARIABLES["config"], "is not set", "export REGISTRY_CONFIG=path/to/registry.yaml")
    settings = load_registry(Path(config))
    home = Path(os.environ.get(VARIABLES["home"]) or settings.folder / "home")
    return Place(settings, Home(home), Path(os.environ.get(VARIABLES["data"]) or settings.folder))
