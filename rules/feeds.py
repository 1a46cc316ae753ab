"""A feed as the bank declares it: rows that are no parties but hang on the records of a source.

Here: the typed shape of `feeds/….yaml` and its cross-checks. A feed is read, held to its contract and kept as a source
is. Not here: sources of parties (rules.sources), what a map may fill (rules.contracts.children).
"""

from pathlib import Path
from typing import Any, Self

from rules import desk_source
from rules.contracts.children import NOBODYS, UNITS
from rules.load import Declared, Misfit, nearest, read_yaml, validate
from rules.sources import Source, Words

_OF_PARTIES = ("trust", "issues_numbers_for", "duplicate_free")
"""What only a source of parties declares."""


class SourceColumn(Declared):
    """The column that names a row's source, of a feed whose rows hang on records of several."""

    column: str


class Feed(Source):
    """One feed: `of` names the source, or its column, `record` the columns that hold the key of one of its records.

    A feed without both delivers nobody's rows: a watch list, or the bank's managers.
    """

    of: str | SourceColumn | None = None
    record: Words = ()

    @classmethod
    def _of_desk(cls) -> dict[str, Any]:
        return desk_source.feed_shape()

    @property
    def columns_of_record(self) -> tuple[str, ...]:
        """The columns that say which record a row hangs on."""
        return (*self.record, *((self.of.column,) if isinstance(self.of, SourceColumn) else ()))

    def _check_map(self) -> None:
        for key in sorted(self.model_fields_set & set(_OF_PARTIES)):
            raise Misfit(f"'{key}' means nothing for a feed", "declare it in the source", (key,))
        for column in self.columns_of_record:
            if column not in self.contract.columns:
                hint = nearest(column, self.contract.columns)
                raise Misfit(f"'{column}' is not a column of the contract", hint, ("record",))
        if bool(self.record) != bool(self.of):
            raise Misfit("a feed needs both 'of' and 'record'", "watch lists and managers have neither", ("of",))
        units = tuple(UNITS if self.of else NOBODYS)
        hint = f"a feed with{'' if self.of else 'out'} 'of' maps {', '.join(units)}"
        for place, entry in enumerate(self.map):
            if entry.target not in units:
                raise Misfit(f"'{entry.target}' is not for this map", hint, ("map", place))
        if not self.map:
            raise Misfit("'map' is empty", hint, ("map",))

    def belonging_to(self, source: Source) -> Self:
        """The feed with its source's legal entity and owner where it names none."""
        own = {key: getattr(self, key) or getattr(source, key) for key in ("legal_entity", "owner")}
        return self.model_copy(update=own)


def load_feed(path: Path) -> Feed:
    """Read one feed's YAML; ConfigError names the file, the line and the nearest key or column."""
    data, node = read_yaml(path)
    return validate(Feed, data, path, node)
