"""registry.yaml: defaults, validators, the hash over everything declared."""

from pathlib import Path

import pytest

from rules.errors import ConfigError
from rules.settings import load_registry

SOURCE = """\
name: {name}
kind: postgresql
connection: ${{DSN}}
read: {{table: t, key: id}}
contract: {{columns: {{id: text, fio: text}}}}
map: [{{party_type: person}}, {{name.full: fio}}]
"""


def put(folder: Path, text: str = "sources: [a.yaml, b.yaml]\n") -> Path:
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text(SOURCE.format(name=f"src_{name}"))
    (folder / "registry.yaml").write_text(text)
    return folder / "registry.yaml"


def test_defaults_and_declared_order(tmp_path: Path) -> None:
    settings = load_registry(put(tmp_path, "sources: [b.yaml, a.yaml]\n"))
    assert [source.name for source in settings.sources] == ["src_b", "src_a"]
    assert settings.registry.schedule == "30 2 * * *" and settings.registry.models.person == "bootstrap"
    assert settings.folder == tmp_path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources: [a.yaml]\ntime_zone: Asia/Bakuu\n", r"yaml:2: .*did you mean 'Asia/Baku'"),
        ("sources: [a.yaml]\nlegal_entities: [{id: x, country: AZ}, {id: x, country: AZ}]\n", "'x' is declared twice"),
        ("sources: [a.yaml]\nmemmory: 1GB\n", "did you mean 'memory'"),
        ("sources: [a.yaml]\nmemory: lots\n", "number with a unit"),
        ("sources: [a.yaml]\nspill: some\n", "'spill' must be a number with a unit"),
        ("sources: [a.yaml]\nschedule: daily\n", "five cron fields"),
        ("sources: [a.yaml]\nrules: nowhere\n", "rules folder 'nowhere'"),
        ("sources: [nowhere.yaml]\n", "does not exist"),
        ("sources: []\n", "sources"),
        ("sorces: [a.yaml]\n", r"yaml:1: .*did you mean 'sources'"),
        ("sources:\n  - a.yaml\n  - name: x\n    kind: cvs\n", r"yaml:4: .*did you mean 'csv'"),
        ("sources: [a.yaml]\nthreads: 2\nthreads: 4\n", r"yaml:3: the key 'threads' stands twice, first in line 2"),
        ("sources: [a.yaml]\nengine: sparc\n", r"yaml:2: .*did you mean 'spark'"),
        ("sources: [a.yaml]\nengine: spark\n", r"yaml:2: .*needs a cluster.*spark: \{master: spark://HOST:7077\}"),
        ("sources: [a.yaml]\nspark: {master: yarn}\n", r"yaml:2: .*'yarn' is no standalone cluster"),
        ("sources: [a.yaml]\nspark: {master: 'spark://h:1', settings: {memory: 1g}}\n", "begin with spark."),
        ("sources: [a.yaml]\npublish: [{kind: parket}]\n", r"yaml:2: .*none of parquet, csv.*did you mean 'parquet'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_registry(put(tmp_path, text))


def test_source_of_an_undeclared_legal_entity(tmp_path: Path) -> None:
    path = put(tmp_path, "sources: [a.yaml]\nlegal_entities: [{id: bank_az, country: AZ}]\n")
    (tmp_path / "a.yaml").write_text(SOURCE.format(name="src_a") + "legal_entity: bank_a\n")
    with pytest.raises(ConfigError, match="did you mean 'bank_az'"):
        load_registry(path)


def test_two_sources_with_one_name(tmp_path: Path) -> None:
    path = put(tmp_path)
    (tmp_path / "b.yaml").write_text(SOURCE.format(name="src_a"))
    with pytest.raises(ConfigError, match="two sources are called 'src_a'"):
        load_registry(path)


def test_hash_follows_what_is_declared_and_not_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path)
    first = load_registry(path).rules_hash()
    monkeypatch.setenv("DSN", "postgresql://me:hunter2@host/x")
    assert load_registry(path).rules_hash() == first
    (tmp_path / "a.yaml").write_text(SOURCE.format(name="src_a") + "trust: 90\n")
    assert load_registry(path).rules_hash() != first


def test_hash_follows_the_banks_own_rules(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    path = put(tmp_path, "sources: [a.yaml]\nrules: own\n")
    first = load_registry(path).rules_hash()
    (tmp_path / "own" / "extra.yaml").write_text("a: 1\n")
    assert load_registry(path).rules_hash() != first


def test_engine_changes_no_result_and_no_hash(tmp_path: Path) -> None:
    first = load_registry(put(tmp_path)).rules_hash()
    text = "sources: [a.yaml, b.yaml]\nengine: spark\nspark: {master: 'spark://h:7077', shards: 8}\n"
    assert load_registry(put(tmp_path, text)).rules_hash() == first


def test_a_path_takes_nothing_from_the_environment(tmp_path: Path) -> None:
    path = put(tmp_path, "sources: [a.yaml]\n")
    text = SOURCE.format(name="src_a").replace("kind: postgresql\nconnection: ${DSN}\n", "kind: csv\n")
    (tmp_path / "a.yaml").write_text(text.replace("table: t", 'path: "${SECRET}/in.csv"'))
    with pytest.raises(ConfigError, match=r"'src_a': read\.path takes nothing from the environment"):
        load_registry(path)
