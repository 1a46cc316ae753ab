"""Identifier types of the registry, by explicit tuple: `ID_TYPES`, `TYPE_OF[name]`."""

from quality.standardise.ids.common import Facts, IdType, Verdict, is_dummy
from quality.standardise.ids.documents import DOCUMENTS, MrzLine, judge_document, mrz_check_digit, mrz_line
from quality.standardise.ids.organisations import ORGANISATIONS
from quality.standardise.ids.persons import PERSONS

ID_TYPES: tuple[IdType, ...] = (*PERSONS, *ORGANISATIONS)
TYPE_OF = {kind.name: kind for kind in ID_TYPES}

__all__ = [
    "DOCUMENTS", "ID_TYPES", "TYPE_OF", "Facts", "IdType", "MrzLine", "Verdict",
    "is_dummy", "judge_document", "mrz_check_digit", "mrz_line",
]  # fmt: skip
