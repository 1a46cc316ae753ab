"""A proposal loads as it stands, names columns and patterns, never a value or a secret."""

import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.onboard import propose
from rules.errors import ConfigError, SourceError
from rules.sources import Source, load_source


def loaded(folder: Path, text: str) -> Source:
    path = folder / "proposal.yaml"
    path.write_text(text, encoding="utf-8")
    return load_source(path)


def targets(source: Source) -> set[str]:
    units = {"name", "identifier", "contact", "address"}
    fields = {(e.target, f) for e in source.map for f in e.fields}
    return {t if t not in units else f"{t}.{f}" for t, f in fields}


def test_azerbaijani_csv(tmp_path: Path) -> None:
    rows = "".join(
        f"{i:04};Nağıyev{i} Əli;{i % 28 + 1:02}.07.1990;x{i}@m.az;+99450123456{i % 10};qeyd\n" for i in range(1, 30)
    )
    (tmp_path / "müştəri.csv").write_text("Müştəri no;FİO;Doğum tarixi;e-mail;Telefon;qeyd\n" + rows)
    text = propose(str(tmp_path / "müştəri.csv"))
    source = loaded(tmp_path, text)
    assert source.read.delimiter == ";" and source.read.key == ("Müştəri no",)
    assert {"name.full", "birth_date", "contact.value"} <= targets(source)
    assert source.date_of("Doğum tarixi").formats == ("%d.%m.%Y",)  # type: ignore[union-attr]
    assert "Nağıyev" not in text and "@m.az" not in text
    assert "??: qeyd" in text


def test_day_and_month_that_cannot_be_told_apart_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,dob\n" + "".join(f"{i},0{i}/0{i + 1}/1990\n" for i in range(1, 8)))
    assert "day or month first" in propose(str(tmp_path / "a.csv"))


def test_cyrillic_code_page(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("id,фамилия,имя\n1,Иванов,Иван\n2,Петров,Пётр\n".encode("cp1251"))
    source = loaded(tmp_path, propose(str(tmp_path / "a.csv")))
    assert source.read.encoding == "cp1251"
    assert {"name.given", "name.family"} <= targets(source)


def test_parquet_excel_json_lines_and_sqlite(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": ["1", "2"], "company_name": ["A LLC", "B LLC"], "tags": [["x"], []]})
    frame.write_parquet(tmp_path / "p.parquet")
    frame.write_ndjson(tmp_path / "j.jsonl")
    with xlsxwriter.Workbook(tmp_path / "e.xlsx") as book:
        sheet = book.add_worksheet("Partners")
        sheet.write_row(0, 0, ["id", "company_name"])
        sheet.write_row(1, 0, ["1", "A LLC"])
    with closing(sqlite3.connect(tmp_path / "s.db")) as con:
        con.execute("CREATE TABLE client (id TEXT, company_name TEXT)")
        con.execute("INSERT INTO client VALUES ('1', 'A')")
        con.commit()
    for name, kind in (("p.parquet", "parquet"), ("j.jsonl", "jsonl"), ("e.xlsx", "excel"), ("s.db", "sqlite")):
        source = loaded(tmp_path, propose(str(tmp_path / name)))
        assert (source.kind, source.read.key) == (kind, ("id",))
        assert source.map[0].fields["party_type"].constant == "organisation"


def test_postgresql_proposal_holds_no_secret(tmp_path: Path, postgres: str) -> None:
    import adbc_driver_postgresql.dbapi as adbc

    with closing(adbc.connect(postgres)) as con, closing(con.cursor()) as cursor:
        cursor.execute("DROP TABLE IF EXISTS lead")
        cursor.execute("CREATE TABLE lead (id text, dob date, limit_ numeric(10,2), ref uuid, first_name text)")
        cursor.execute("INSERT INTO lead VALUES ('1', '1990-01-01', 5, gen_random_uuid(), 'A')")
        con.commit()
    text = propose(postgres.replace("postgres:@", "postgres:hunter2@") + "#lead")
    assert "hunter2" not in text and "${LEAD_URL}" in text
    assert loaded(tmp_path, text).contract.columns["limit_"].kind == "decimal"


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.partition("map:")[2].splitlines() if line.strip()]


def csv(folder: Path, header: str, *rows: str) -> str:
    (folder / "a.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return propose(str(folder / "a.csv"))


def test_a_surname_and_a_name_make_one_name_and_say_that_it_is_a_guess(tmp_path: Path) -> None:
    text = csv(tmp_path, "no,surname,name", "1,Aliyev,Ali", "2,Babayev,Samir")
    assert (
        "- {name: {kind: current, family: surname, given: name}}   # ? is name the given name, or the whole one?"
        in (lines(text))
    )
    assert [entry.target for entry in loaded(tmp_path, text).map] == ["party_type", "name"]


def test_a_romanian_nume_beside_prenume_is_the_family_name(tmp_path: Path) -> None:
    text = csv(tmp_path, "id,nume,prenume", "1,Popescu,Ion", "2,Ionescu,Ana")
    assert "family: nume" in text and "given: prenume" in text and "full:" not in text


def test_a_whole_name_beside_its_parts_is_one_unit(tmp_path: Path) -> None:
    text = csv(tmp_path, "id,full_name,first_name,last_name", "1,Ali Aliyev,Ali,Aliyev", "2,B C,B,C")
    assert "- {name: {kind: current, full: full_name, given: first_name, family: last_name}}" in lines(text)


def test_a_title_alone_is_no_name(tmp_path: Path) -> None:
    assert lines(csv(tmp_path, "id,title", "1,Dr", "2,Prof"))[1:] == [
        "# - {??: title}   # name.title alone says nothing; or move it to contract.ignore"
    ]


def test_a_company_beside_persons_does_not_make_organisations_of_them(tmp_path: Path) -> None:
    text = csv(tmp_path, "id,full_name,birth_date,company_name", "1,Ali A,1990-01-02,", "2,Vali B,1991-02-03,X MMC")
    assert lines(text)[0].startswith("- {party_type: person}   # ? if persons and organisations are mixed")
    assert "full: company_name}}   # ? the client's own name, or an employer's?" in text


@pytest.mark.parametrize(("values", "kind"), [([0, 1], "integer"), ([True, False], "bool"), ([1.5, 2.5], "decimal")])
def test_numbers_and_truth_values_are_never_names(tmp_path: Path, values: list[float], kind: str) -> None:
    headers = ("name", "company_name", "surname", "full_name", "city")
    pl.DataFrame({"id": ["a", "b"], **dict.fromkeys(headers, values)}).write_parquet(tmp_path / "a.parquet")
    text = propose(str(tmp_path / "a.parquet"))
    assert [entry.target for entry in loaded(tmp_path, text).map] == ["party_type"]
    assert f"name: {kind}" in text


def test_digits_in_a_csv_are_no_names_either(tmp_path: Path) -> None:
    assert "{name" not in csv(tmp_path, "id,name,fio", "1,17,5", "2,18,6")


@pytest.mark.parametrize(
    ("header", "rows", "values"),
    [
        ("type", ("P", "C"), {"P": "person", "C": "organisation"}),
        ("client_type", ("individual", "legal entity"), {"individual": "person", "legal entity": "organisation"}),
        ("is_company", ("0", "1"), {"0": "person", "1": "organisation"}),
        ("isPerson", ("Y", "N"), {"Y": "person", "N": "organisation"}),
        ("Növ", ("fiziki", "hüquqi"), {"fiziki": "person", "hüquqi": "organisation"}),
        ("тип клиента", ("физ", "юр"), {"физ": "person", "юр": "organisation"}),
        ("tip", ("fiz", "yur"), {"fiz": "person", "yur": "organisation"}),
        ("kind", ("person", "bank", "company"), {"person": "person", "bank": "bank", "company": "organisation"}),
        ("contact_type", ("person", "company"), {"person": "person", "company": "organisation"}),
    ],
)
def test_a_column_that_tells_the_party_type_becomes_a_value_map(
    tmp_path: Path, header: str, rows: tuple[str, ...], values: dict[str, str]
) -> None:
    text = csv(tmp_path, f"id,{header}", *(f"{place},{value}" for place, value in enumerate(rows * 2)))
    assert lines(text)[0].endswith("# ?")
    term = loaded(tmp_path, text).map[0].fields["party_type"]
    assert term.columns == (header,) and term.values == values


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("document_type", ("P", "L")),
        ("type", ("VIP", "standard")),
        ("is_company", ("0", "2")),
        ("note", ("person", "company")),
        ("type", ("P", "P")),
    ],
)
def test_a_column_of_another_matter_is_no_party_type(tmp_path: Path, header: str, rows: tuple[str, ...]) -> None:
    text = csv(tmp_path, f"id,{header}", *(f"{place},{value}" for place, value in enumerate(rows * 2)))
    assert loaded(tmp_path, text).map[0].fields["party_type"].constant == "person"


def test_codes_that_no_word_knows_are_told_by_what_their_rows_fill(tmp_path: Path) -> None:
    persons = [f"{i},1,A B,1990-01-{i:02}," for i in range(1, 9)]
    firms = [f"{i},2,X MMC,,12{i}" for i in range(11, 19)]
    text = csv(tmp_path, "id,client_type,full_name,birth_date,voen", *persons, *firms, "20,9,Q,,", "21,,Q,,")
    assert 'values: {"1": person, "2": organisation}}}   # ? 1 more value(s) not understood: add them' in lines(text)[0]


def test_rows_without_a_party_type_are_spoken_of(tmp_path: Path) -> None:
    assert "go to quarantine" in lines(csv(tmp_path, "id,type", "1,P", "2,C", "3,"))[0]


def test_only_what_the_values_do_not_confirm_is_marked(tmp_path: Path) -> None:
    text = csv(
        tmp_path, "id,dob,e_mail,email2,mobile,passport,pin", "1,1990-01-31,a@b.az,x,0551234567,C123,77", "2,,,,,,"
    )
    marked = {line.partition("   # ?")[0]: "# ?" in line for line in lines(text)}
    assert marked == {
        "- {party_type: person}": True,
        "- {birth_date: dob}": False,
        "- {identifier: {type: passport, number: passport}}": False,
        "- {identifier: {type: az_fin, number: pin}}": True,
        "- {contact: {kind: email, value: e_mail}}": False,
        "- {contact: {kind: email, value: email2}}": True,
        "- {contact: {kind: mobile, value: mobile}}": False,
    }


def test_nested_objects_are_one_address_with_parts_and_lists_are_counted(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "name": {"first": "Ali", "last": "A"}, "address": {"city": "Baku", "street": "N 1"},
         "phones": ["1", "2"], "updated_at": "2026-03-01T10:00:00Z"},
        {"id": "b", "name": {"first": "Vali", "last": "B"}, "address": {"city": "Quba", "street": "N 2"},
         "phones": [], "updated_at": "2026-03-01T10:00:00.250Z"},
    ]  # fmt: skip
    pl.DataFrame(rows).write_ndjson(tmp_path / "a.jsonl")
    text = propose(str(tmp_path / "a.jsonl"))
    source = loaded(tmp_path, text)
    assert '- {address: {kind: registered, city: "address.city", street: "address.street"}}   # ? kind' in lines(text)
    assert '- {name: {kind: current, given: "name.first", family: "name.last"}}' in lines(text)
    assert "phones: list   # 50% empty, 2 distinct" in text
    assert source.date_of("updated_at").formats == ("%Y-%m-%dT%H:%M:%S%.fZ",)  # type: ignore[union-attr]
    assert "updated_at" in targets(source)


def test_a_timestamp_in_utc_is_declared_as_the_registry_reads_it(tmp_path: Path) -> None:
    text = csv(tmp_path, "id,updated_at", "1,2026-03-01T10:00:00Z", "2,2026-03-02T10:00:00Z")
    assert 'updated_at: {datetime: ["%Y-%m-%dT%H:%M:%SZ"]}' in text and "- {updated_at: updated_at}" in lines(text)


def test_two_addresses_are_two_units_of_the_kind_that_their_headers_name(tmp_path: Path) -> None:
    text = csv(tmp_path, "id,home_city,home_zip,mailing_address", "1,Baku,AZ1000,Nizami 1", "2,Quba,AZ4000,Nizami 2")
    assert "- {address: {kind: actual, city: home_city, postcode: home_zip}}" in lines(text)
    assert "- {address: {kind: mailing, full: mailing_address}}" in lines(text)


def test_a_second_column_for_the_same_part_is_left_to_the_reader(tmp_path: Path) -> None:
    text = csv(tmp_path, "id,city,town", "1,Baku,Baku", "2,Quba,Quba")
    assert "# - {??: town}   # address.city has a column already; or move it to contract.ignore" in lines(text)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [("a.csv", b"", "is empty"), ("a.csv", b"\n \n", "blank lines"), ("a.csv", b"PK\3\4\0\0a,b", "is no text"),
     ("a.csv", b'id;name\n1;"unclosed\n2;x\n', "no row behind"),
     ("a.xlsx", b"no book", "could not be sampled"),
     ("a.docx", b"x", "not a known kind"), ("a.db", b"", "is empty"), ("b/../none.csv", None, "no such file")],
)  # fmt: skip
def test_a_file_that_cannot_be_sampled_is_named_as_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports").mkdir()
    if content is not None:
        (tmp_path / "exports" / name).write_bytes(content)
    with pytest.raises(SourceError, match=problem) as caught:
        propose(f"exports/{name}")
    assert caught.value.place == f"exports/{name}" and caught.value.next_step


@pytest.mark.parametrize(
    "location", ["nothing.csv", "a.docx", "postgresql://me:hunter2@127.0.0.1:1/x#t", "http://127.0.0.1:1/x"]
)
def test_what_cannot_be_sampled_is_an_error_without_the_secret(location: str) -> None:
    with pytest.raises(SourceError) as caught:
        propose(location)
    assert "hunter2" not in str(caught.value)


def test_a_column_that_repeats_is_no_key(tmp_path: Path) -> None:
    text = csv(tmp_path, "name,city", "A,Baku", "A,Gence", "B,Baku")
    assert loaded(tmp_path, text).read.key == ("name", "city") and "these two have together" in text
    text = csv(tmp_path, "name,city", "A,Baku", "A,Baku", "B,Baku")
    assert "key: []" in text and "none can be the key" in text
    with pytest.raises(ConfigError, match="key"):
        loaded(tmp_path, text)


def test_a_pair_with_an_empty_value_is_no_key(tmp_path: Path) -> None:
    assert "key: []" in csv(tmp_path, "name,city", "A,Baku", "A,", "B,Baku", "B,Gence")
