"""The value of an override: a field that may be overridden, and a text that its column can hold.

Here: what is refused before it could stop a night. Not here: units (stages/overriding_units), entering it
(stages/decide).
"""

import re

import duckdb

from rules.contracts.golden import GoldenParty
from rules.contracts.standard import SCALARS_ORGANISATION, SCALARS_PERSON
from rules.decisions import OVERRIDABLE, UNITS
from rules.errors import DecisionRefused
from rules.load import nearest
from store.tables import sql_type

_FORMS = {
    "sex": ("[FM]", "F or M"),
    "life_status": ("alive|dead|minor|guardianship", "alive, dead, minor or guardianship"),
    "country": ("[A-Z]{2}", "two letters of ISO 3166-1"),
    "residence_country": ("[A-Z]{2}", "two letters of ISO 3166-1"),
}


def value_of(con: duckdb.DuckDBPyConnection, field: str, value: str, party: str) -> str:
    """`value` as the column of `golden_party` writes it; DecisionRefused where it cannot."""
    if field not in OVERRIDABLE:
        known = (*OVERRIDABLE, *(f"{unit}.KIND" for unit in UNITS))
        raise DecisionRefused(f"field '{field}'", "cannot be overridden", nearest(field, known))
    if field in (SCALARS_ORGANISATION if party == "person" else SCALARS_PERSON):
        raise DecisionRefused(f"field '{field}'", f"does not belong to a client who is {party}", "choose another field")
    kind = sql_type(GoldenParty.columns()[field].dtype)
    found = con.execute(f"SELECT CAST(TRY_CAST(? AS {kind}) AS VARCHAR)", [value.strip()]).fetchall()[0][0]
    if not found:
        raise DecisionRefused(f"value of {field}", f"is no {kind.lower()}", "write dates as YYYY-MM-DD")
    form, expected = _FORMS.get(field, (".*", ""))
    if not re.fullmatch(form, found, re.DOTALL):
        raise DecisionRefused(f"value of {field}", f"{expected} is expected", "write it so")
    return str(found)
