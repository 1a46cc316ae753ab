"""publish: in registry.yaml: what is handed to which consumer, in which form, with which columns and masks.

Here: the typed declaration. Not here: writing any of it (stages/publish).
"""

from typing import Any, ClassVar, Literal, Self

import dataframely as dy
import polars as pl
from pydantic import Field, ValidationInfo, field_validator, model_validator

from rules.contracts.golden import GOLDEN, GoldenParty
from rules.contracts.history import HISTORY
from rules.contracts.identity import IDENTITY
from rules.contracts.kept import majors, types
from rules.contracts.view import COMPUTED, VIEW
from rules.load import Declared, Misfit, nearest

Mask = Literal["hidden", "last4", "initial", "year"]
_DICTIONARY = "see docs/reference/data-dictionary.md for the columns"
_ALL_OF_A_CLIENT = ("before", "after")
"""Columns of a change that hold any column of golden_party."""


class Publication(Declared):
    """One output; without `columns` everything is published. A record key is published as `source` and `record_id`.

    With `legal_entity` only the clients of that entity are published, and of them only its own records and what hangs
    on these; nothing of WHOLE, which tells of other entities' records and values: no change feed, whose events,
    `before` and `after` do, and nothing computed of a client as a whole.

    `before` and `after` of a change hold any column of golden_party: only who gets all of these, unmasked, gets them.
    """

    TABLES: ClassVar[tuple[str, ...]] = (*GOLDEN, "member_event", "crosswalk", "ledger_number", *VIEW)
    WHOLE: ClassVar[tuple[str, ...]] = ("change_event", "member_event", *COMPUTED)
    SCHEMAS: ClassVar[dict[str, type[dy.Schema]]] = {**GOLDEN, **IDENTITY, **HISTORY, **VIEW}

    kind: Literal["parquet", "csv", "excel", "changes", "delta", "postgresql"]
    consumer: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    legal_entity: str | None = None
    contract: int | None = Field(default=None, ge=1, description="contract of consumers to keep to; else the newest")
    tables: tuple[str, ...] | None = Field(default=None, min_length=1, description="by default every published table")
    columns: tuple[str, ...] | None = None
    mask: dict[str, Mask] = Field(default={}, description="column, or table.column, and how its values are shown")
    connection: str | None = Field(default=None, pattern=r"^\$\{\w+\}$", description="of kind postgresql")
    database_schema: str = Field(default="registry", pattern=r"^[a-z][a-z0-9_]{0,40}$")

    @property
    def name(self) -> str:
        """Kind and consumer: the name of its folder and of its state."""
        return f"{self.kind}-{self.consumer}" if self.consumer else self.kind

    @property
    def published(self) -> tuple[str, ...]:
        """The tables that are published here, in their declared order."""
        return tuple(
            name for name in self.TABLES
            if not (self.legal_entity and name in self.WHOLE) and (self.tables is None or name in self.tables)
        )  # fmt: skip

    def mask_of(self, table: str, column: str) -> Mask | None:
        """How a column of a table is shown; what names the table comes before what names the column alone."""
        return self.mask.get(f"{table}.{column}") or self.mask.get(column)

    def shows(self, table: str, column: str) -> bool:
        """Whether a published table's column is in this output."""
        if column in _ALL_OF_A_CLIENT and table == "change_event" and self.mask:
            return False
        return self.columns is None or column in self.columns

    @field_validator("contract")
    @classmethod
    def _is_served(cls, contract: int | None) -> int | None:
        if contract is not None and contract not in majors():
            served = ", ".join(map(str, majors()))
            raise Misfit(f"contract {contract} is not served, only {served}", "give one of these, or drop the key")
        return contract

    @field_validator("tables")
    @classmethod
    def _tables_are_published(cls, tables: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        known = _published(info.data.get("legal_entity"))
        for place, name in enumerate(tables or ()):
            if name not in known:
                raise Misfit(f"no table '{name}' is published here", nearest(name, known), (place,))
        return tables

    @field_validator("columns")
    @classmethod
    def _columns_are_published(cls, columns: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        if columns is not None and not columns:
            raise Misfit("'columns' is empty", "name the columns, or drop the key to publish all of them")
        pinned = info.data.get("contract")
        known = {name for table in _published(info.data.get("legal_entity")) for name in _columns(table, pinned)}
        for place, name in enumerate(columns or ()):
            if name not in known:
                raise Misfit(
                    f"no published table has a column '{name}'", nearest(name, sorted(known), _DICTIONARY), (place,)
                )
            if name in _ALL_OF_A_CLIENT and not set(columns or ()).issuperset(GoldenParty.column_names()):
                hint = f"publish all of these, or drop '{name}'"
                raise Misfit(f"'{name}' shows every column of golden_party", hint, (place,))
        return columns

    @field_validator("mask")
    @classmethod
    def _masks_fit(cls, mask: dict[str, Mask], info: ValidationInfo) -> dict[str, Mask]:
        known = {table: _columns(table, info.data.get("contract")) for table in cls.TABLES}
        for named, how in mask.items():
            table, _, column = named.rpartition(".")
            held = [columns[column] for name, columns in known.items() if column in columns and table in ("", name)]
            if not held:
                names = sorted({name for columns in known.values() for name in columns})
                raise Misfit(
                    f"no published table has a column '{named}'", nearest(column, names, _DICTIONARY), (named,)
                )
            if how != "hidden" and any(kind not in _MASKABLE[how] for kind in held):
                raise Misfit(f"'{how}' does not fit the type of '{named}'", "use hidden, or name the table", (named,))
        return mask

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "postgresql") != (self.connection is not None):
            wanted = "needs a connection" if self.kind == "postgresql" else "takes no connection"
            raise Misfit(f"kind {self.kind} {wanted}", "write kind: postgresql, connection: ${NAME}", ("connection",))
        if self.kind == "changes" and (self.legal_entity or self.tables or self.columns or self.contract):
            problem = "changes tell of every legal entity's records and values, of all columns as they are now"
            raise Misfit(problem, "drop legal_entity, contract, tables, columns; mask hides the values", ("kind",))
        return self


_MASKABLE: dict[str, tuple[Any, ...]] = {
    "last4": (pl.String(),), "initial": (pl.String(),), "year": (pl.Date(), pl.Datetime("us")),
}  # fmt: skip


def _published(legal_entity: str | None) -> tuple[str, ...]:
    return tuple(name for name in Publication.TABLES if not legal_entity or name not in Publication.WHOLE)


def _columns(table: str, pinned: int | None) -> dict[str, Any]:
    """Columns as they are published, with their types: no record key, but the source's; those of a contract if any."""
    if pinned is not None:
        return dict(types(pinned, table))
    columns = {name: column.dtype for name, column in Publication.SCHEMAS[table].columns().items()}
    if columns.pop("record_key", None) is not None:
        columns = {"source": pl.String(), "record_id": pl.String(), **columns}
    return columns


def check_publications(publish: tuple[Publication, ...], across_entities: bool, entities: list[str]) -> None:
    """Each names a declared legal entity, and must name one where nothing is published across entities.

    Raises Misfit with the problem and the mend.
    """
    names = [target.name for target in publish]
    for target in publish:
        if target.legal_entity is not None and target.legal_entity not in entities:
            problem = f"publish: legal_entity '{target.legal_entity}' is not declared"
            raise Misfit(problem, nearest(target.legal_entity, entities))
        if names.count(target.name) > 1:
            raise Misfit(f"two outputs go to {target.name}", "name a consumer each")
    if across_entities:
        return
    hint = "write publish: [{kind: csv, consumer: NAME, legal_entity: ID}, …]"
    if not publish:
        raise Misfit("publish_across_entities is false, and no output is declared", hint)
    if not all(target.legal_entity for target in publish):
        raise Misfit("publish_across_entities is false, and an output names no legal_entity", hint)
