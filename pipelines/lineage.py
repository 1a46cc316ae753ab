"""What Dagster is told of columns: golden column ← standard column ← column of a source, from what is declared.

Here: declared origins as Dagster's column lineage. Not here: the origins (rules/origin, a source's map); the record
that a value of one client is from (`golden_lineage`). A step writes several tables, so a column is named with its
table.
"""

from collections.abc import Iterable

from dagster import AssetKey, TableColumnDep, TableColumnLineage

from pipelines.context import Place
from rules.contracts.standard import SCALARS, STANDARD
from rules.origin import origins
from rules.source_map import PARTY_UNITS, RECORD_FIELDS, MapEntry
from rules.sources import Source
from stages.identify import survivorship_of


def golden(place: Place) -> TableColumnLineage:
    """Of every golden column the standard columns of all sources that it may be taken from."""
    declared = survivorship_of(place.settings)
    sources = [AssetKey(f"std_{source.name}") for source in place.settings.sources]
    return TableColumnLineage({
        f"{one.table}.{one.column}": [TableColumnDep(key, f"{one.standard}.{one.of}") for key in sources if one.of]
        for one in origins(declared)
    })  # fmt: skip


def standard(source: Source) -> TableColumnLineage:
    """Of every standard column the columns of a source that its map makes it of."""
    raw = AssetKey(f"raw_{source.name}")
    known = {f"std_record.{field}": _columns(source.map, field, field) for field in (*RECORD_FIELDS, *SCALARS)}
    for unit in PARTY_UNITS:
        table = f"std_{unit}"
        known |= {f"{table}.{column}": _columns(source.map, unit, column) for column in STANDARD[table].column_names()}
    return TableColumnLineage({
        name: [TableColumnDep(raw, column) for column in columns] for name, columns in known.items() if columns
    })  # fmt: skip


def _columns(entries: Iterable[MapEntry], target: str, field: str) -> list[str]:
    """Columns mapped to a field; to a field of a unit that is not mapped itself, those of the whole unit."""
    mine = [entry for entry in entries if entry.target == target]
    terms = [entry.fields[field] for entry in mine if field in entry.fields]
    terms = terms or [term for entry in mine for term in entry.fields.values()]
    return sorted({column for term in terms for column in term.columns})
