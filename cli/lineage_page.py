"""The generated page that says of each golden column where it comes from.

Here: the declared origins as Markdown. Not here: the origins (rules/origin); the record a value is from, which
`golden_lineage` says of every client.
"""

from collections.abc import Iterator

from rules.origin import origins

HEAD = """# Where each column comes from

By column of the golden tables: the standard column it is taken from, by which rule, and what the source's map calls it.
Of a single client `golden_lineage`, `registry client NUMBER` and the desk name the record that won. The other tables
are declared in [the data dictionary](data-dictionary.md); `view_*` are computed by [rule packs](rule-packs.md). Dagster
shows the same down to the columns of each source, at the assets `golden_record` and `std_SOURCE`.

"""


def rows() -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    """Golden table, and of each of its columns: name, standard column, rule, field of a source's map."""
    for one in origins():
        yield one.table, (f"`{one.column}`", one.told, one.rule, f"`{one.field}`" if one.field else "")
