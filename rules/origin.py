"""Where each column of the golden tables is from: the standard column that it is taken from, and by which rule.

Here: what contracts and declared survivorship say. Not here: how it is shown (cli/lineage_page, pipelines/lineage), the
record that a value of a single client is from, which `golden_lineage` says.
"""

from collections.abc import Iterator
from typing import NamedTuple

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
_MADE_OF = {
    "party_type": ("std_record", "party_type"), "roles": ("std_record", "roles"), "display_name": ("std_name", "full"),
    "updated_at": ("std_record", "updated_at"),
}  # fmt: skip


class Origin(NamedTuple):
    """A golden column, the standard column it is of, if it is of one, the rule, and how people are told."""

    table: str
    column: str
    standard: str
    of: str
    rule: str
    told: str

    @property
    def field(self) -> str:
        """What a source's map calls it; nothing for what is computed."""
        if self.rule == "computed":
            return ""
        return self.of if self.standard == "std_record" else f"{self.standard.removeprefix('std_')}.{self.of}"


def origins(declared: Survivorship | None = None) -> Iterator[Origin]:
    """Every column of the golden tables, in the contracts' order."""
    policy = declared or load_survivorship()
    for name in ("golden_party", *_UNITS):
        for column in GOLDEN[name].column_names():
            yield _origin(name, column, policy)


def _origin(table: str, column: str, declared: Survivorship) -> Origin:
    if table == "golden_party" and column in SCALARS:
        rule = f"`{declared.strategy(column)}`, or a decision"
        return Origin(table, column, "std_record", column, rule, f"`std_record.{column}`")
    standard, unit = _UNITS.get(table, ("", None))
    if standard and column in STANDARD[standard].column_names() and column not in _COMPUTED:
        rule = f"`{getattr(declared.units, unit)}`, the unit as a whole" if unit else "every distinct one"
        return Origin(table, column, standard, column, rule, f"`{standard}.{column}`")
    made_of = _MADE_OF.get(column, ("", "")) if table == "golden_party" else ("", "")
    return Origin(table, column, *made_of, "computed", _COMPUTED[column])
