import adbc_driver_postgresql.dbapi as adbc
import httpx
import polars as pl

from benchmarks.synthetic.serve import CorePostgres, CrmServer

from .conftest import DATES


def test_crm_serves_every_row_page_by_page(bank):
    table = bank.tables(DATES[0]) / "crm_client.parquet"
    with CrmServer(table) as crm, httpx.Client(base_url=crm.url) as client:
        rows, path = [], "/clients?page=1&page_size=700"
        while path:
            page = client.get(path).raise_for_status().json()
            rows, path = rows + page["items"], page["next"]
    assert [row["id"] for row in rows] == pl.read_parquet(table)["id"].to_list()
    assert isinstance(rows[0]["phones"], list)


def test_crm_refuses_wrong_tokens_paths_and_pages(bank):
    with CrmServer(bank.tables(DATES[0]) / "crm_client.parquet", token="t") as crm:
        assert httpx.get(f"{crm.url}/clients").status_code == 401
        with httpx.Client(base_url=crm.url, headers={"Authorization": "Bearer t"}) as client:
            assert client.get("/clients?page_size=5").json()["total"] > 5
            assert client.get("/other").status_code == 404
            assert client.get("/clients?page=0").status_code == 400


def test_core_runs_in_postgresql_and_is_replaced_as_a_whole(bank, tmp_path):
    with CorePostgres(tmp_path / "core") as core:
        for day in DATES:
            core.load(bank.tables(day))
        with adbc.connect(core.dsn) as con, con.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM core_client")
            expected = pl.read_parquet(bank.tables(DATES[1]) / "core_client.parquet").height
            assert cursor.fetchone() == (expected,)
