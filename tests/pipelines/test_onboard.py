"""A proposal loads as it stands, names columns and patterns, never a value or a secret."""

import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.onboard import propose
from rules.errors import SourceError
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


@pytest.mark.parametrize(
    "location", ["nothing.csv", "a.docx", "postgresql://me:hunter2@127.0.0.1:1/x#t", "http://127.0.0.1:1/x"]
)
def test_what_cannot_be_sampled_is_an_error_without_the_secret(location: str) -> None:
    with pytest.raises(SourceError) as caught:
        propose(location)
    assert "hunter2" not in str(caught.value)
