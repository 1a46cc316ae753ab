import shutil
from pathlib import Path

from benchmarks.synthetic.serve import CorePostgres, CrmServer
from pipelines.sources.snapshot import snapshot
from rules.settings import load_registry

from .conftest import DATES

DEMO = Path(__file__).parents[2] / "benchmarks" / "demo"


def test_the_six_declared_sources_read_what_the_bank_delivers(bank, tmp_path, monkeypatch):
    home = tmp_path / "bank"
    shutil.copytree(DEMO, home)
    shutil.copytree(bank.folder / "files", home / "files")
    settings, tables = load_registry(home / "registry.yaml"), bank.tables(DATES[0])
    with CrmServer(tables / "crm_client.parquet") as crm, CorePostgres(tmp_path / "core") as core:
        core.load(tables)
        monkeypatch.setenv("CRM_URL", crm.url)
        monkeypatch.setenv("CORE_DSN", core.dsn)
        read = {source.name: snapshot(source, home, DATES[0]) for source in settings.sources}
    assert read.pop("desk").rows == 0, "nobody entered anything yet"
    assert list(read) == ["core", "crm", "cards", "loans", "leads", "companies"]
    for name, taken in read.items():
        assert taken.frame.height > 50, name
        assert set(taken.quarantine["rule"]) == {"null_key", "duplicate_key"}, name
