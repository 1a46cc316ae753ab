"""Which column tells persons from organisations, and what its values mean.

Here: words of such columns and their values; a value that no word knows is judged by the columns that its rows fill.
Not here: the other columns (header_words.py, profile.py). Only codes of such a column are ever written down.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.header_words import folded
from pipelines.profile import Column

_MOST_VALUES = 6
_KIND = r"(type|kind|tip|tipi|novu?|turu?|category|kateqoriya|class|sinif|тип|вид|категория)"
_PARTY_TYPE = (
    r"((client|customer|cust|party|person|entity|holder|owner|subject|counterparty|member|musteri|sexs|kisi)_?)?"
    rf"{_KIND}(_?(client|customer|party|person|entity|klienta|persoana|клиента|лица))?"
)
_ANY_TYPE = rf"\w+_{_KIND}"
"""A type of something: a party's if its values say so in words; letters may as well be kinds of documents."""
_OF = r"(_?(flag|yn|ind|client|customer))?"
_ORGANISATION_FLAG = (
    rf"(is_?)?(a_)?(company|org(ani[sz]ation)?|legal(_entity|_person)?|corporate|business|firm|juridical|yur(idik)?(_sexs)?"
    rf"|huquqi(_sexs)?|юр(_?лицо)?){_OF}"
)
_PERSON_FLAG = (
    rf"(is_?)?(a_)?(person|individual|natural(_person)?|private|physical|fiz(iki)?(_sexs)?|физ(_?лицо)?){_OF}"
)
_YES, _NO = r"1|y|yes|t|true|beli|he|da|да", r"0|n|no|f|false|xeyr|yox|nu|net|нет"
_MEANS: tuple[tuple[str, str], ...] = (
    ("bank", r"banks?|correspondent(_bank)?"),
    ("institution", r"institution|government|gov|state_body|public(_body|_authority)?|ministry"),
    ("person", r"p|f|np|pf|fl|ф|фл|persons?|people|individual|natural(_person)?|private(_person|_individual)?"
     r"|physical(_person)?|fiz(ik|iki|iceskoe)?(_sexs|_lico|_l)?|persoana_fizica|fizica?|gercek(_kisi)?|bireysel|retail"
     r"|consumer|физ\w*"),
    ("organisation", r"c|o|j|l|co|le|lp|pj|ul|ю|юл|company|corp(orate|oration)?|org(ani[sz]ation)?"
     r"|legal(_entity|_person)?|business|firm|juridical(_person)?|yur(idik|ik|idiceskoe)?(_sexs|_lico|_l)?|huquqi(_sexs)?|persoana_juridica"
     r"|juridica?|tuzel(_kisi)?|kurumsal|enterprise|юр\w*"),
)  # fmt: skip
_OF_PERSONS = ("birth_date", "sex", "marital_status", "name.given", "name.patronymic")
_OF_ORGANISATIONS = ("name.org", "registration_date")
_IDS_OF_ORGANISATIONS = ("az_voen", "md_idno", "ro_cui", "ru_ogrn", "cn_uscc", "lei", "bic", "registration_number")
_MOSTLY, _HARDLY = 0.5, 0.1
"""Shares of rows: most persons have a birth date or a given name, while firms often lack their numbers."""


@dataclass(frozen=True)
class PartyTypes:
    """The column that tells the party type, its values' meanings, and how many values have none yet."""

    column: str
    values: Mapping[str, str]
    unknown: int


def of_persons(column: Column) -> bool:
    """True for a column that only persons fill."""
    return column.target in _OF_PERSONS


def of_organisations(column: Column) -> bool:
    """True for a column that only organisations fill."""
    target = column.target or ""
    return target in _OF_ORGANISATIONS or target.removeprefix("identifier.") in _IDS_OF_ORGANISATIONS


def party_types(frame: pl.DataFrame, columns: list[Column]) -> PartyTypes | None:
    """The first column whose name and values tell at least two types of party apart; None if there is none."""
    for column in columns:
        if column.target is None and 2 <= column.distinct <= _MOST_VALUES and column.kind != "list":
            found = _meanings(frame, columns, column.name)
            known = {value: means for value, means in found.items() if means}
            if len(set(known.values())) > 1:
                return PartyTypes(column.name, known, len(found) - len(known))
    return None


def _meanings(frame: pl.DataFrame, columns: list[Column], name: str) -> dict[str, str | None]:
    """Value → party type, None where neither word nor rows tell; empty for a column of another matter."""
    header, values = folded(name), _values(frame, name)
    if re.fullmatch(_PARTY_TYPE, header) or re.fullmatch(_ANY_TYPE, header):
        letters = 1 if re.fullmatch(_PARTY_TYPE, header) else 3
        said = {value: _means(value) if len(value) >= letters else None for value in values}
        by_rows = _by_rows(frame, columns, name) if None in said.values() else {}
        return {value: means or by_rows.get(value) for value, means in said.items()}
    for pattern, yes, no in ((_ORGANISATION_FLAG, "organisation", "person"), (_PERSON_FLAG, "person", "organisation")):
        if re.fullmatch(pattern, header):
            flags = {value: _flag(value, yes, no) for value in values}
            return {} if None in flags.values() else flags
    return {}


def _values(frame: pl.DataFrame, name: str) -> list[str]:
    texts = frame.get_column(name).cast(pl.String).str.strip_chars()
    return sorted(texts.filter(texts != "").unique().drop_nulls())


def _means(value: str) -> str | None:
    return next((party for party, words in _MEANS if re.fullmatch(words, folded(value))), None)


def _flag(value: str, yes: str, no: str) -> str | None:
    word = folded(value)
    return yes if re.fullmatch(_YES, word) else no if re.fullmatch(_NO, word) else None


def _by_rows(frame: pl.DataFrame, columns: list[Column], name: str) -> dict[str, str | None]:
    """What the rows of each value fill: birth dates and given names, or company names and their numbers."""
    persons = [_filled(frame, c.name) for c in columns if of_persons(c)]
    organisations = [_filled(frame, c.name) for c in columns if of_organisations(c)]
    shares = frame.group_by(pl.col(name).cast(pl.String).str.strip_chars().alias("value")).agg(
        pl.any_horizontal(persons or [pl.lit(False)]).mean().alias("person"),
        pl.any_horizontal(organisations or [pl.lit(False)]).mean().alias("organisation"),
    )
    return {value: _leans(person, organisation) for value, person, organisation in shares.rows() if value}


def _filled(frame: pl.DataFrame, name: str) -> pl.Expr:
    filled = pl.col(name).is_not_null()
    return filled & (pl.col(name).str.strip_chars() != "") if frame.schema[name] == pl.String else filled


def _leans(person: float, organisation: float) -> str | None:
    if person >= _MOSTLY and organisation <= _HARDLY:
        return "person"
    return "organisation" if organisation > _HARDLY >= person else None
