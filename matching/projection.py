"""Standard records → the narrow projection that matching reads, one per model.

Here: which standard value stands for a record in matching; placeholders and invalid values stay out. Not here: how
values are compared. One SQL step per child table, joined once.
"""

from matching.name_order import swapped
from matching.organisation_levels import COLUMNS as ORGANISATION
from rules.contracts.columns import TYPES_OF
from store.steps import Runs

STEPS = ("mi_name", "mi_identifier", "mi_contact", "mi_address")
_MISDIALLED = "c.kind IN ('mobile', 'phone') AND c.reason <> 'placeholder' AND length(c.value) >= 7"
"""A number of no country's plan, long enough to be equal to another for one reason only."""
_MISWRITTEN = "i.reason <> 'placeholder' AND length(i.number) >= 4"
"""A number of a wrong form: the same one in two records is still no chance."""
_NUMBER = "if(valid, value, ltrim(value, '+'))"
"""A phone number; one that is not in its country's plan has no + in front, for its country is a guess."""
_ADDRESS_ORDER = "array_position(['registered', 'actual', 'mailing', 'work'], kind)"


def project(con: Runs, model: str, records: str = "std_record") -> None:
    """Create `match_input_<model>` of `records` from `std_*`, `placeholder(kind, value)` and `name_role`."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mi_record AS
        SELECT * FROM {records} WHERE CAST(party_type AS VARCHAR) IN ({TYPES_OF[model]})""")
    _names(con)
    _identifiers(con)
    _contacts(con)
    _addresses(con)
    con.execute(f"CREATE OR REPLACE TABLE match_input_{model} AS {_join(model)} ORDER BY record_key")
    for step in ("mi_record", *STEPS):
        con.execute(f"DROP TABLE {step}")


def _known(kind: str, value: str) -> str:
    """Condition: the value is no placeholder of its kind."""
    return f"NOT EXISTS (SELECT 1 FROM placeholder p WHERE p.kind = '{kind}' AND p.value = {value})"


def _names(con: Runs) -> None:
    """The first valid current name by parts, in their learned order, and every ASCII name form."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mi_name AS
        WITH usable AS (
            SELECT n.* FROM std_name n SEMI JOIN mi_record r ON r.record_key = n.record_key
            WHERE n.valid AND n.ascii IS NOT NULL AND {_known("name", "n.ascii")}),
        main AS (
            SELECT * FROM usable
            QUALIFY row_number() OVER (PARTITION BY record_key ORDER BY kind <> 'current', ordinal) = 1),
        ordered AS (
            SELECT main.*, {swapped("g", "f")} AS swapped, g.known AS given_seen, f.known AS family_seen
            FROM main LEFT JOIN name_role g ON g.value = given_ascii LEFT JOIN name_role f ON f.value = family_ascii)
        SELECT m.record_key, {_parts()}, coalesce(nullif(m.org_core, ''), m.ascii) AS name, {_words()}, a.names
        FROM ordered m JOIN (
            SELECT record_key, list_sort(list(DISTINCT ascii)) AS names FROM usable GROUP BY record_key) a
        USING (record_key)""")


def _parts() -> str:
    """Given, middle and family name with their keys; given and family exchanged where they stand in the wrong order."""
    exchanged = [("given_ascii", "family_ascii", "given"), ("family_ascii", "given_ascii", "family"),
                 ("given_key", "family_key", "given_key"), ("family_key", "given_key", "family_key")]  # fmt: skip
    parts = [f"nullif(if(swapped, m.{other}, m.{own}), '') AS {name}" for own, other, name in exchanged]
    known = """m.given_known AND NOT swapped
        OR coalesce(if(swapped, m.family_seen, m.given_seen), false) AS given_known"""
    middle = "nullif(m.middle_ascii, '') AS middle, nullif(m.middle_key, '') AS middle_key"
    return ", ".join([*parts, known, middle, "nullif(m.suffix, '') AS suffix", "m.native_key"])


def _words() -> str:
    """What the name of an organisation is compared by."""
    return ", ".join(f"{made} AS {name}" for name, made in ORGANISATION.items() if name != "name")


def _identifiers(con: Runs) -> None:
    """Numbers as type:number, those of a wrong form too; apart the valid lifelong ones with no wrong check digit."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mi_identifier AS
        SELECT record_key, list_sort(list(DISTINCT id)) AS identifiers,
               list_sort(list(DISTINCT id) FILTER (WHERE lifelong)) AS lifelong
        FROM (
            SELECT i.record_key, concat(i.type, ':', i.number) AS id,
                   i.valid AND i.lifelong AND coalesce(i.check_ok, true) AS lifelong
            FROM std_identifier i SEMI JOIN mi_record r ON r.record_key = i.record_key
            WHERE (i.valid OR {_MISWRITTEN}) AND i.number IS NOT NULL)
        WHERE {_known("identifier", "id")} GROUP BY record_key""")


def _contacts(con: Runs) -> None:
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mi_contact AS
        SELECT record_key, list_sort(list(DISTINCT {_NUMBER}) FILTER (WHERE kind IN ('mobile', 'phone'))) AS phones,
               list_sort(list(DISTINCT value) FILTER (WHERE kind = 'email')) AS emails
        FROM std_contact c SEMI JOIN mi_record r ON r.record_key = c.record_key
        WHERE (c.valid OR {_MISDIALLED}) AND c.value IS NOT NULL AND {_known("contact", "c.value")}
        GROUP BY record_key""")


def _addresses(con: Runs) -> None:
    """The first valid address, registered before actual."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mi_address AS
        SELECT record_key, nullif(street_ascii, '') AS street, house, unit, nullif(city_ascii, '') AS city,
               lower(region) AS region, postcode, nullif(ascii, '') AS address, country AS address_country
        FROM std_address a SEMI JOIN mi_record r ON r.record_key = a.record_key
        WHERE a.valid
        QUALIFY row_number() OVER (PARTITION BY record_key ORDER BY {_ADDRESS_ORDER} NULLS LAST, ordinal) = 1""")


def _join(model: str) -> str:
    date = "birth_date" if model == "person" else "registration_date"
    known = f"coalesce(CAST(r.{date} AS VARCHAR), d.standard)"
    born = f"CASE WHEN {_known('birth_date', known)} THEN {known} END"
    form = "NULL" if model == "person" else "coalesce(r.legal_form, n.legal_form)"
    return f"""
        SELECT r.record_key, r.source, r.legal_entity, n.given, n.middle, n.family, n.name, n.names,
               n.given_key, n.given_known, n.middle_key, n.family_key, n.suffix, n.native_key,
               n.name_words, n.name_set, n.own_words, n.own_set, n.numbers, n.initials, {form} AS legal_form,
               r.sex, {born} AS birth_date, r.birth_place, r.occupation,
               coalesce(r.residence_country, r.country, a.address_country) AS country, i.identifiers, i.lifelong,
               c.phones, c.emails, a.street, a.house, a.unit, a.city, a.region, a.postcode, a.address
        FROM mi_record r LEFT JOIN mi_name n USING (record_key) LEFT JOIN mi_identifier i USING (record_key)
        LEFT JOIN mi_contact c USING (record_key) LEFT JOIN mi_address a USING (record_key)
        LEFT JOIN ({_no_dates(date)}) d USING (record_key)"""


def _no_dates(field: str) -> str:
    """The digits of a date that is none (a month 95, a missing day): what is right of it still counts."""
    return f"""SELECT record_key, standard FROM std_value
        WHERE field = '{field}' AND NOT valid AND reason <> 'placeholder' AND standard IS NOT NULL"""
