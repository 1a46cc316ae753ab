"""Faults 22 and 23, and every misspelling a source YAML can hold: the message names file, line and nearest word."""

from decimal import Decimal
from pathlib import Path

import pytest

from rules.errors import ConfigError
from rules.sources import load_source

GOOD = """\
name: core
kind: csv
legal_entity: bank_az
read: {path: "c_{date}.csv", key: [branch, client_no], delimiter: ";"}
contract:
  max_drop: 30%
  required: [client_no]
  columns: {branch: text, client_no: text, fio: text, birth: {date: ["%d.%m.%Y"], pivot: 2030}, mob1: text, mob2: text,
    emails: text, gender: text, fin: text, kind: text, y: text, m: text, adr: text}
  ignore: [legacy]
map:
  - {party_type: {column: kind, values: {P: person, C: organisation}}}
  - {roles: {constant: client}}
  - {name.full: fio, order: family given patronymic, script: latin}
  - {name: {given: fio, family: fio, kind: former}}
  - {birth_date: birth}
  - {sex: {column: gender, values: {male: M, female: F}}}
  - {country: AZ}
  - {death_date: {columns: [y, m], join: "-", date: ["%Y-%m"]}}
  - {identifier: {type: az_fin, number: fin, country: AZ}}
  - {contact: {kind: phone, value: [mob1, mob2], country: AZ}}
  - {contact: {kind: email, value: emails, split: ";"}}
  - {address: {kind: registered, full: adr, country: {constant: AZ}}}
"""


def put(folder: Path, text: str) -> Path:
    path = folder / "core.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_short_form_is_understood(tmp_path: Path) -> None:
    source = load_source(put(tmp_path, GOOD))
    assert source.contract.max_drop == Decimal("0.3")
    assert source.date_of("birth").pivot == 2030  # type: ignore[union-attr]
    targets = [entry.target for entry in source.map]
    assert targets.count("contact") == 3 and targets.count("name") == 2
    phone = next(entry for entry in source.map if entry.target == "contact")
    assert phone.fields["kind"].constant == "phone" and phone.fields["value"].columns == ("mob1",)


@pytest.mark.parametrize(
    ("good", "bad", "line", "message"),
    [
        ("legal_entity:", "legal_entiti:", 3, "did you mean 'legal_entity'"),
        ("required:", "requird:", 7, "did you mean 'required'"),
        ("value: emails", "value: emial", 22, "'emial' is not a column.*did you mean 'emails'"),
        ("kind: former", "kid: former", 15, "unknown field 'kid'.*did you mean 'kind'"),
        ("birth_date:", "birth_dat:", 16, "did you mean 'birth_date'"),
        ("C: organisation", "C: organization", 12, "did you mean 'organisation'"),
        ("kind: registered", "kind: registred", 23, "did you mean 'registered'"),
        ("mob1: text", "mob1: txt", 8, "did you mean 'text'"),
        ("delimiter:", "sheet:", 4, "means nothing for kind csv"),
        ("client_no], d", "clientno], d", 4, "did you mean 'client_no'"),
        ("number: fin, ", "", 20, "'identifier' needs 'number'"),
        ("country: AZ}}\n  - {contact", "country: NO}}\n  - {contact", 20, "quotes"),
        ("gender, values", "gender, vals", 17, "did you mean 'values'"),
        ("kind: csv", "kind: cvs", 2, "is none of csv, tsv.*did you mean 'csv'"),
        ("kind: csv", "kind: csv\nwhen_gone: clsoe", 3, "did you mean 'close'"),
        ("delimiter:", "mode: watermarks, delimiter:", 4, "did you mean 'watermark'"),
        ("required: [client_no]", "required: [no]", 7, "'contract.required.0' is a bare no.*→ put it in quotes"),
        ("key: [branch, client_no]", "key: yes", 4, "'read.key' is a bare yes.*put it in quotes"),
        ("key: [branch, client_no]", "key: 12", 4, "YAML reads a number here → put it in quotes"),
        ("{branch: text", "{branch: no", 8, "'contract.columns.branch' is a bare no"),
        ("kind: csv\n", "", 1, "'kind' is missing → add kind:"),
        ("max_drop:", "min_rows: -1\n  max_drop:", 6, "'contract.min_rows' must be at least 0"),
        ("branch: text", "branch: text, branch: text", 8, "the key 'branch' stands twice, first in line 8"),
        ("- {roles", "- !!python/object:os.system {roles", 13, "could not determine a constructor"),
    ],
)  # fmt: skip
def test_mistake_names_file_line_and_nearest_word(tmp_path: Path, good: str, bad: str, line: int, message: str) -> None:
    assert good in GOOD
    with pytest.raises(ConfigError, match=rf"core\.yaml:{line}: .*{message}"):
        load_source(put(tmp_path, GOOD.replace(good, bad, 1)))


def test_kind_needs_its_keys(tmp_path: Path) -> None:
    text = (
        GOOD.replace("kind: csv", "kind: postgresql")
        .replace('path: "c_{date}.csv", ', "")
        .replace('delimiter: ";"', "")
    )
    with pytest.raises(ConfigError, match=r"needs 'read\.table'"):
        load_source(put(tmp_path, text))
    with pytest.raises(ConfigError, match="needs a 'connection'"):
        load_source(put(tmp_path, text.replace("read: {", "read: {table: client, ")))


def test_map_without_party_type(tmp_path: Path) -> None:
    lines = [line for line in GOOD.splitlines() if "party_type" not in line]
    with pytest.raises(ConfigError, match="no party_type"):
        load_source(put(tmp_path, "\n".join(lines)))
