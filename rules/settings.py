"""registry.yaml: what a bank declares about its registry as a whole, and everything it points to.

Here: the typed file, its sources in declared order, and one hash over all that is declared. Not here: what a source
looks like (rules.sources), secrets (expanded where a connection is opened), anything of the machine's environment.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import available_timezones

import yaml
from pydantic import Field, StrictBool, ValidationInfo, field_validator, model_validator

from rules import forms, gates, operations
from rules.calendar import Erasure, Freeze, Retention
from rules.contracts import consumers
from rules.engine import Engine, Spark
from rules.errors import ConfigError
from rules.feeds import Feed, load_feed
from rules.limits import Limits
from rules.load import DEFAULTS, Declared, Misfit, find_node, merge, nearest, parse, read_yaml, validate
from rules.oidc import Oidc, check_entities
from rules.publication import Publication, check_publications
from rules.sealed import load_sealed
from rules.sources import Source, Words, load_source


class LegalEntity(Declared):
    """A legal entity of the group; `country` is ISO 3166-1 alpha-2."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    country: str = Field(pattern=r"^[A-Z]{2}$")


class Models(Declared):
    """Name of the promoted model version that each kind of party is matched with."""

    person: str = "bootstrap"
    organisation: str = "bootstrap"


class Numbers(Declared):
    """Where client numbers come from: on the first night from the sources in `adopt`, else minted."""

    adopt: Words = ()


class Notice(Declared):
    """Who is told what: `to` is the environment variable with an address as Apprise writes it."""

    to: str = Field(pattern=r"^\$\{\w+\}$")
    events: tuple[Literal["failed", "stopped", "stale", "unpublished"], ...] = (
        "failed", "stopped", "stale", "unpublished",
    )  # fmt: skip


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s?([MGT])(i?)B")


def gigabytes(size: str) -> float:
    """A size with its unit, such as `12GB` or `500 MiB`, in units of 10⁹ bytes."""
    number, unit, binary = _SIZE.fullmatch(size).groups()  # type: ignore[union-attr]
    return float(number) * float((1024 if binary else 1000) ** " KMGT".index(unit)) / 1e9


class Registry(Declared):
    """The typed content of registry.yaml; paths are relative to its folder."""

    name: str = "Registry"
    legal_entities: tuple[LegalEntity, ...] = ()
    match_across_entities: StrictBool = True
    see_across_entities: StrictBool = True
    publish_across_entities: StrictBool = True
    time_zone: str = "UTC"
    sources: tuple[str | dict[str, Any], ...] = Field(min_length=1, description="paths, or sources written in place")
    feeds: tuple[str, ...] = Field(default=(), description="paths")
    models: Models = Models()
    numbers: Numbers = Numbers()
    freeze: tuple[Freeze, ...] = ()
    retention: Retention | None = None
    erasure: Erasure = Erasure()
    notify: tuple[Notice, ...] = ()
    publish: tuple[Publication, ...] = ()
    memory: str = "12GB"
    spill: str | None = Field(default=None, description="most of the disk that a night may spill into")
    threads: int | None = Field(default=None, ge=1)
    engine: Engine = "duckdb"
    spark: Spark | None = None
    oidc: Oidc | None = None
    limits: Limits = Limits()
    certified_clusters: int = Field(default=100, ge=0, description="clusters an incremental night computes twice")
    schedule: str = "30 2 * * *"
    show_client_values: StrictBool = False
    dossier: str | None = Field(default=None, description="folder that the dossier's file references start from")
    sealed: str | None = Field(default=None, description="CSV of records whose clients are sealed at the desk")
    decisions: str | None = Field(default=None, pattern=r"^\$\{\w+\}$")
    rules: str | None = None

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise Misfit(f"'{zone}' is no time zone", nearest(zone, available_timezones(), "use a name like Asia/Baku"))
        return zone

    @field_validator("memory", "spill")
    @classmethod
    def _size_has_unit(cls, size: str | None, info: ValidationInfo) -> str | None:
        if size is not None and not _SIZE.fullmatch(size):
            raise Misfit(f"'{info.field_name}' must be a number with a unit", f"write {info.field_name}: 12GB")
        return size

    @field_validator("schedule")
    @classmethod
    def _schedule_is_cron(cls, schedule: str) -> str:
        if not re.fullmatch(r"([\d*/,\-A-Za-z]+\s+){4}[\d*/,\-A-Za-z]+", schedule.strip()):
            raise Misfit("'schedule' must have five cron fields", 'write schedule: "30 2 * * *"')
        return schedule

    @model_validator(mode="after")
    def _has_cluster(self) -> Self:
        if self.engine == "spark" and self.spark is None:
            raise Misfit("engine: spark needs a cluster", "add spark: {master: spark://HOST:7077}", ("engine",))
        return self

    @model_validator(mode="after")
    def _unique(self) -> Self:
        ids = [entity.id for entity in self.legal_entities]
        paths = [path for path in self.sources if isinstance(path, str)]
        for loc, words in (("legal_entities", ids), ("sources", paths), ("feeds", list(self.feeds))):
            twice = [word for word in words if words.count(word) > 1]
            if twice:
                raise Misfit(f"'{twice[0]}' is declared twice", "remove one", (loc,))
        return self


@dataclass(frozen=True)
class Settings:
    """A loaded registry.yaml: its folder, the typed file, its sources and its feeds in declared order."""

    path: Path
    registry: Registry
    sources: tuple[Source, ...]
    feeds: tuple[Feed, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder that every declared path is relative to."""
        return self.path.parent

    @property
    def delivered(self) -> tuple[Source, ...]:
        """Everything a night takes a snapshot of: sources of parties, then feeds."""
        return (*self.sources, *self.feeds)

    @property
    def rules_folder(self) -> Path | None:
        """The bank's own overlay of rules/defaults, if declared."""
        return self.folder / self.registry.rules if self.registry.rules else None

    def sealed(self) -> frozenset[tuple[str, str]]:
        """Records whose clients are sealed whatever their role, as the bank's file lists them now."""
        if not self.registry.sealed:
            return frozenset()
        path, known = self.folder / self.registry.sealed, {source.name for source in self.sources}
        listed = load_sealed(path)
        if unknown := sorted({source for source, _ in listed} - known):
            raise ConfigError(str(path), f"'{unknown[0]}' is none of the sources", nearest(unknown[0], sorted(known)))
        return listed

    def overlay(self, name: str) -> Path | None:
        """Path of the bank's own version of the default file `name` (it need not exist)."""
        return self.rules_folder / name if self.rules_folder else None

    def source(self, name: str) -> Source:
        """The source called `name`; ConfigError with the nearest name if there is none."""
        for source in self.sources:
            if source.name == name:
                return source
        raise ConfigError(str(self.path), f"no source '{name}'", nearest(name, [s.name for s in self.sources]))

    def rules_hash(self) -> str:
        """SHA-256 over all that is declared: registry, sources, defaults with the overlay; secrets stay `${NAME}`.

        What cannot change a result is left out: schedule, machine, engine, name, retention, gates, outputs,
        log-in, limits, who is sealed.
        """
        idle = {
            "schedule", "memory", "spill", "threads", "certified_clusters", "name", "show_client_values", "rules",
            "decisions", "dossier", "retention", "erasure", "notify", "publish", "engine", "spark", "oidc", "limits",
            "sealed",
        }  # fmt: skip
        declared = {
            "registry": self.registry.model_dump(mode="json", exclude=idle),
            "sources": [source.model_dump(mode="json") for source in self.sources],
            "feeds": [feed.model_dump(mode="json") for feed in self.feeds],
            "rules": _declared_rules(self.rules_folder),
        }
        text = json.dumps(declared, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def load_registry(path: Path) -> Settings:
    """Read registry.yaml and every source it names.

    Raises ConfigError naming file, line and the nearest valid word.
    """
    path = path.absolute()
    registry = parse(Registry, path)
    if registry.rules and not (path.parent / registry.rules).is_dir():
        raise ConfigError(str(path), f"the rules folder '{registry.rules}' does not exist", "create it or drop rules:")
    nodes = read_yaml(path)[1]
    sources = tuple(
        _source(path, declared, find_node(nodes, ("sources", place))[1])
        for place, declared in enumerate(registry.sources)
    )
    feeds = tuple(_feed(path, load_feed(path.parent / declared), sources) for declared in registry.feeds)
    _check_sources(path, registry, (*sources, *feeds))
    return Settings(path, registry, sources, feeds)


def _feed(path: Path, feed: Feed, sources: tuple[Source, ...]) -> Feed:
    """The feed with what its one source declares for it; ConfigError where no such source is declared."""
    if not isinstance(feed.of, str):
        return feed
    source = next((one for one in sources if one.name == feed.of), None)
    if source is None:
        hint = nearest(feed.of, [one.name for one in sources])
        raise ConfigError(str(path), f"feed '{feed.name}' is of '{feed.of}', which is no source", hint)
    return feed.belonging_to(source)


def _source(path: Path, declared: str | dict[str, Any], node: yaml.Node | None) -> Source:
    """A source from its own file, or one written in registry.yaml itself, at `node`."""
    return load_source(path.parent / declared) if isinstance(declared, str) else validate(Source, declared, path, node)


def _check_sources(path: Path, registry: Registry, sources: tuple[Source, ...]) -> None:
    names = [source.name for source in sources]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(str(path), f"two sources are called '{name}'", "give each source its own name")
    entities = [entity.id for entity in registry.legal_entities]
    for source in sources:
        if any("${" in declared for declared in source.read.path):
            problem = f"source '{source.name}': read.path takes nothing from the environment"
            raise ConfigError(str(path), problem, "write the path itself, or run with --data FOLDER")
        for key, value in (("legal_entity", source.legal_entity), ("issues_numbers_for", source.issues_numbers_for)):
            if value is not None and entities and value not in entities:
                raise ConfigError(
                    str(path), f"source '{source.name}': {key} '{value}' is not declared", nearest(value, entities)
                )
    _check_issuers(path, registry, sources)
    _check_entities(path, registry, entities)


def _check_issuers(path: Path, registry: Registry, sources: tuple[Source, ...]) -> None:
    issuers = [source.name for source in sources if source.issues_numbers_for]
    for name in registry.numbers.adopt:
        if name not in issuers:
            hint = nearest(name, issuers, "declare issues_numbers_for in the source")
            raise ConfigError(str(path), f"numbers.adopt: '{name}' is no source that issues numbers", hint)


def _check_entities(path: Path, registry: Registry, entities: list[str]) -> None:
    try:
        check_publications(registry.publish, registry.publish_across_entities, entities)
        consumers.check_pins(registry.publish)
        if registry.oidc:
            check_entities(registry.oidc, entities)
    except Misfit as misfit:
        raise ConfigError(str(path), misfit.problem, misfit.hint) from None


def _declared_rules(own: Path | None) -> dict[str, Any]:
    """Every shipped default with the bank's own file laid over it; files that only the bank has count too."""
    folders = [DEFAULTS] + ([own] if own else [])
    names = {str(p.relative_to(folder)) for folder in folders for p in folder.rglob("*") if p.is_file()}
    return {name: _declared_file(name, own) for name in sorted(names - {gates.FILE, operations.FILE, forms.FILE})}


def _declared_file(name: str, own: Path | None) -> Any:
    shipped, bank = DEFAULTS / name, own / name if own else None
    files = [path for path in (shipped, bank) if path is not None and path.exists()]
    if not name.endswith((".yaml", ".yml")):
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    data: Any = None
    for path in files:
        data = merge(data, _yaml(path, path.stat().st_mtime_ns))
    return data


@cache
def _yaml(path: Path, _changed: int) -> Any:
    return read_yaml(path)[0]
