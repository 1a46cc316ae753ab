"""The generated page that says of each golden column where it comes from.

Here: what contracts and the shipped survivorship say, as Markdown. Not here: the record a value is from, which
`golden_lineage` says of every client.
"""

from collections.abc import Iterator

from rules.contracts.golden import GOLDEN
from rules.contracts.standard import SCALARS, STANDARD
from rules.survivorship import Survivorship, load_survivorship

_UNITS = {
    "golden_name": ("std_name", "name"), "golden_identifier": ("std_identifier", None),
    "golden_address": ("std_address", "address"), "golden_contact": ("std_contact", "contact"),
}  # fmt: skip
"""Golden table → the standard table its units are from, and their strategy; without one all distinct units survive."""
_COMPUTED = {
    "client_number": "the ledger of numbers", "party_type": "`std_record.party_type` of the members",
    "roles": "`std_record.roles` of all members", "display_name": "`golden_name.full` at position 1, or a decision",
    "records": "`crosswalk`, counted", "sources": "`crosswalk`, listed",
    "updated_at": "the latest `std_record.updated_at`",
    "position": "order of preference among the client's units", "record_key": "the record the unit is from",
}  # fmt: skip
HEAD = """# Where each column comes from

By column of the golden tables: the standard column it is taken from, by which rule, and what the source's map calls it.
Of a single client `golden_lineage`, `registry client NUMBER` and the desk name the record that won. The other tables
are declared in [the data dictionary](data-dictionary.md); `view_*` are computed by [rule packs](rule-packs.md).

"""


def rows() -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    """Golden table, and of each of its columns: name, standard column, rule, field of a source's map."""
    declared = load_survivorship()
    for name in ("golden_party", *_UNITS):
        for column in GOLDEN[name].column_names():
            yield name, (f"`{column}`", *_origin(name, column, declared))


def _origin(table: str, column: str, declared: Survivorship) -> tuple[str, str, str]:
    if table == "golden_party" and column in SCALARS:
        return f"`std_record.{column}`", f"`{declared.strategy(column)}`, or a decision", f"`{column}`"
    standard, unit = _UNITS.get(table, ("", None))
    if standard and column in STANDARD[standard].column_names() and column not in _COMPUTED:
        rule = f"`{getattr(declared.units, unit)}`, the unit as a whole" if unit else "every distinct one"
        return f"`{standard}.{column}`", rule, f"`{standard.removeprefix('std_')}.{column}`"
    return _COMPUTED[column], "computed", ""
