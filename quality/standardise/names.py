"""Standard forms of distinct names, persons and organisations alike.

Here: the frame in, the frame out. Not here: how one name is read (persons.py, organisations.py), joining back to
records (the standardise stage).
"""

import polars as pl

from quality.standardise.folding import canonical_given, nickname_groups
from quality.standardise.organisations import standard_organisation
from quality.standardise.persons import RawName, StandardName, standard_person

__all__ = ["VERSION", "canonical_given", "nickname_groups", "standardise_names"]

VERSION = "names-2"
"""Names the rules of this module; a change of any rule or list changes it, so that remembered forms are dropped."""

_FLAGS = {"valid", "given_known"}
_SCHEMA = {column: pl.Boolean() if column in _FLAGS else pl.String() for column in StandardName._fields}


def standardise_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Standard forms of distinct raw names, one row per row of `frame`, in its order.

    `frame` has the text columns full, given, middle, patronymic, family, suffix, title, order, script, party_type.
    The result has the value columns of `std_name`. A row whose party_type is neither `person` nor empty is read as
    an organisation. Nothing raises on any text; `valid` and `reason` say what is wrong with it.
    """
    names = [_standard(RawName(*row)) for row in frame.select(RawName._fields).rows()]
    return pl.DataFrame(list(zip(*names, strict=True)) or None, schema=_SCHEMA, orient="col")


def _standard(name: RawName) -> StandardName:
    return standard_person(name) if name.party_type in {None, "person"} else standard_organisation(name)
