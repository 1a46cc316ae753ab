"""A source system as the bank declares it: where it is, its contract, how its columns map to canonical fields.

Here: the typed shape and its cross-checks. Not here: reading a source (pipelines.sources), applying the map
(quality.mapping), the map's own shape (rules.source_map).
"""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from rules import desk_source
from rules.load import Declared, Misfit, nearest, percent, read_yaml, validate
from rules.source_map import DateFormat, MapEntry, Term, date_format, parse_map

__all__ = ["ColumnType", "Contract", "DateFormat", "MapEntry", "Read", "Source", "Term", "load_source"]

Kind = Literal["csv", "tsv", "fixed", "excel", "parquet", "jsonl", "sqlite", "postgresql", "database", "rest", "desk"]
FILE_KINDS = ("csv", "tsv", "fixed", "excel", "parquet", "jsonl", "sqlite")
_ANY = {"key", "mode", "watermark", "order_by"}
_SERVER = _ANY | {"table", "timeout_seconds", "retries"}
_REST = {"endpoint", "items", "page_param", "size_param", "page_size", "next", "token", "timeout_seconds", "retries"}
READ_KEYS: dict[str, set[str]] = {
    "csv": _ANY | {"path", "encoding", "delimiter", "quote"},
    "tsv": _ANY | {"path", "encoding", "delimiter", "quote"},
    "fixed": _ANY | {"path", "encoding", "widths"},
    "excel": _ANY | {"path", "sheet"},
    "parquet": _ANY | {"path"},
    "jsonl": _ANY | {"path", "encoding"},
    "sqlite": _ANY | {"path", "table", "timeout_seconds"},
    "postgresql": _SERVER,
    "database": _SERVER,
    "rest": _ANY | _REST,
    desk_source.KIND: {"key"},
}
"""Keys of `read` that mean something for each kind."""
ISO_DATE = ("%Y-%m-%d",)
ISO_DATETIME = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d")
TYPES = ("text", "integer", "decimal", "bool", "date", "datetime", "list")


def _words(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]


class ColumnType(Declared):
    """Declared type of a column; values stay text, dates carry their formats."""

    kind: Literal["text", "integer", "decimal", "bool", "date", "datetime", "list"]
    date: DateFormat | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if isinstance(value, str):
            return _typed(value, None)
        if isinstance(value, dict) and (form := next((key for key in ("date", "datetime") if key in value), None)):
            if set(value) - {form, "pivot"} and "kind" not in value:
                raise Misfit(f"unknown key '{_odd(value, form)}' of a {form} column", "use date: […] and pivot:")
            return value if "kind" in value else _typed(form, value)
        return value


def _odd(value: Mapping[str, Any], form: str) -> str:
    return sorted(str(key) for key in value if key not in (form, "pivot"))[0]


def _typed(kind: str, value: Mapping[str, Any] | None) -> dict[str, Any]:
    if kind not in TYPES:
        raise Misfit(f"'{kind}' is no column type", nearest(kind, TYPES, f"use one of {', '.join(TYPES)}"))
    if kind not in ("date", "datetime"):
        return {"kind": kind}
    formats = value[kind] if value else (ISO_DATE if kind == "date" else ISO_DATETIME)
    pivot = value.get("pivot") if value else None
    return {"kind": kind, "date": {"pivot": pivot, **date_format(formats)}}


class Contract(Declared):
    """What a read must look like to be accepted; `max_drop` is a share against the last snapshot."""

    min_rows: int = Field(default=1, ge=0)
    max_rows: int | None = Field(default=None, ge=1)
    max_drop: Annotated[Decimal | None, BeforeValidator(percent)] = Field(default=None, ge=0, le=1)
    required: Words = ()
    columns: dict[str, ColumnType] = Field(min_length=1)
    ignore: Words = ()


class Read(Declared):
    """How rows are fetched; which keys mean something depends on the source's kind (READ_KEYS)."""

    path: Words = ()
    table: str | None = None
    key: Words = Field(min_length=1)
    mode: Literal["full", "key", "watermark"] = "full"
    watermark: str | None = None
    order_by: Words = ()
    encoding: str = "utf-8"
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    quote: str = Field(default='"', max_length=1)
    widths: dict[str, tuple[int, int]] | None = None
    sheet: str | None = None
    endpoint: str = ""
    items: str | None = None
    page_param: str = "page"
    size_param: str = "page_size"
    page_size: int = Field(default=500, ge=1, le=100_000)
    next: str | None = None
    token: str | None = None
    timeout_seconds: float | None = Field(default=None, gt=0)
    retries: int = Field(default=3, ge=0, le=3)


class Source(Declared):
    """One source system; `columns` and the map are checked against each other when it loads."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Kind
    owner: str | None = None
    connection: str | None = None
    legal_entity: str | None = None
    read: Read
    trust: int = Field(default=50, ge=0, le=100)
    issues_numbers_for: str | None = None
    duplicate_free: StrictBool = False
    when_gone: Literal["keep", "close", "remove"] = "close"
    stale_nights: int = Field(default=1, ge=0)
    contract: Contract
    map: tuple[MapEntry, ...]

    @model_validator(mode="before")
    @classmethod
    def _parse_map(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("kind") == desk_source.KIND:
            value = {**cls._of_desk(), **value}
        raw = value.get("map") if isinstance(value, dict) else None
        if not isinstance(raw, list) or any(isinstance(item, MapEntry) for item in raw):
            return value
        contract = value.get("contract")
        columns = contract.get("columns") if isinstance(contract, dict) else None
        return {**value, "map": parse_map(raw, columns if isinstance(columns, dict) else {})}

    @classmethod
    def _of_desk(cls) -> dict[str, Any]:
        """What `kind: desk` declares by itself."""
        return desk_source.source_shape()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        self._check_read_keys()
        self._check_columns()
        if self.kind == "fixed":
            self._check_widths()
        self._check_map()
        return self

    def _check_map(self) -> None:
        if not any(entry.target == "party_type" for entry in self.map):
            raise Misfit("'map' has no party_type", "add - {party_type: person} or a value map", ("map",))

    def _check_read_keys(self) -> None:
        valid = READ_KEYS[self.kind]
        for key in sorted(self.read.model_fields_set - valid):
            raise Misfit(f"'read.{key}' means nothing for kind {self.kind}", nearest(key, valid), ("read", key))
        needed = {"sqlite": ("path", "table"), "fixed": ("path", "widths"), "rest": (), desk_source.KIND: ()}
        for key in needed.get(self.kind, ("path",) if self.kind in FILE_KINDS else ("table",)):
            if not getattr(self.read, key):
                raise Misfit(f"kind {self.kind} needs 'read.{key}'", f"add {key}: under read", ("read",))
        local = self.kind in (*FILE_KINDS, desk_source.KIND)
        if (self.connection is None) != local:
            wanted = "reads a file and takes no" if local else "needs a"
            raise Misfit(f"kind {self.kind} {wanted} 'connection'", "use connection: ${NAME}, or read.path", ("kind",))
        if self.read.mode == "watermark" and not self.read.watermark:
            raise Misfit("mode watermark needs 'read.watermark'", "name the column that changes", ("read", "mode"))

    def _check_columns(self) -> None:
        read, contract = self.read, self.contract
        named = {
            ("read", "key"): read.key,
            ("read", "order_by"): read.order_by,
            ("read", "watermark"): (read.watermark,) if read.watermark else (),
            ("contract", "required"): contract.required,
        }
        for loc, columns in named.items():
            for column in columns:
                if column not in contract.columns:
                    raise Misfit(f"'{column}' is not a column of the contract", nearest(column, contract.columns), loc)
        reserved = {"row", "gone_since"} | (set() if read.key == ("record_id",) else {"record_id"})
        for column in sorted(reserved & set(contract.columns)):
            raise Misfit(f"'{column}' is a name the registry uses", "rename it in a query", ("contract", "columns"))
        for column in sorted(set(contract.ignore) & set(contract.columns)):
            raise Misfit(f"'{column}' is declared and ignored", "keep it in one place", ("contract", "ignore"))

    def _check_widths(self) -> None:
        widths, known = self.read.widths or {}, {*self.contract.columns, *self.contract.ignore}
        for column in sorted(set(widths) ^ known):
            problem = f"'{column}' must stand both in read.widths and in the contract"
            raise Misfit(problem, nearest(column, known - {column}), ("read", "widths", column))

    @property
    def series(self) -> str:
        """Where its snapshots are kept: name and a digest of how it is read, since other reading gives other rows."""
        declared = self.model_dump(mode="json", include={"kind", "read", "contract"})
        digest = hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()
        return f"{self.name}/{digest[:12]}"

    def date_of(self, column: str) -> DateFormat | None:
        """Declared formats of a date or datetime column."""
        return self.contract.columns[column].date


def load_source(path: Path) -> Source:
    """Read one source YAML; ConfigError names the file, the line and the nearest key or column."""
    data, node = read_yaml(path)
    return validate(Source, data, path, node)
