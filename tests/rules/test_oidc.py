"""oidc: in registry.yaml: mistakes are named, the secret comes from one place."""

from pathlib import Path

import pytest

from rules.errors import ConfigError
from rules.oidc import secret_of
from rules.settings import load_registry
from tests.rules.test_settings import put

GOOD = {
    "issuer": "https://id.example/realms/staff", "client_id": "registry", "secret": "${OIDC_SECRET}",
    "role": "{claim: groups, values: {mdm: steward}}",
}  # fmt: skip


def load(folder: Path, **changed):
    lines = "".join(
        f"  {key}: {value if value[0] == '{' else repr(value)}\n" for key, value in (GOOD | changed).items() if value
    )
    return load_registry(
        put(folder, f"sources: [a.yaml]\nlegal_entities: [{{id: bank_az, country: AZ}}]\noidc:\n{lines}")
    )


def test_the_secret_is_of_the_environment_or_a_file(tmp_path, monkeypatch):
    found = load(tmp_path).registry.oidc
    monkeypatch.setenv("OIDC_SECRET", "s1")
    assert (found.shown, secret_of(found, tmp_path)) == ("id.example", "s1")
    monkeypatch.delenv("OIDC_SECRET")
    with pytest.raises(ConfigError, match="OIDC_SECRET is not set"):
        secret_of(found, tmp_path)
    filed = load(tmp_path, secret="", secret_file="key.txt").registry.oidc
    with pytest.raises(ConfigError, match="secret_file cannot be read"):
        secret_of(filed, tmp_path)
    (tmp_path / "key.txt").write_text("s2\n")
    assert secret_of(filed, tmp_path) == "s2"


def test_log_in_changes_no_result(tmp_path):
    assert load(tmp_path).rules_hash() == load(tmp_path, client_id="other").rules_hash()


@pytest.mark.parametrize(
    "changed, told",
    [
        ({"issuer": "http://id.example"}, r"yaml:4: .*https"),
        ({"secret": ""}, "from one place"),
        ({"secret_file": "key.txt"}, "from one place"),
        ({"secret": "in clear"}, "secret"),
        ({"role": "{claim: groups, values: {mdm: stewart}}"}, r"yaml:7: .*did you mean 'steward'"),
        ({"role": "{claim: groups, values: {}}"}, "values"),
        ({"legal_entity": "{claim: unit, values: {u1: bank_as}}"}, "did you mean 'bank_az'"),
        ({"scopes": "{}"}, "scopes"),
        ({"isuer": "x"}, "did you mean 'issuer'"),
    ],
)
def test_mistakes_are_named(tmp_path, changed, told):
    with pytest.raises(ConfigError, match=told):
        load(tmp_path, **changed)
