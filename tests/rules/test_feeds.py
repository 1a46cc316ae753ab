"""Feeds as declared: rows that hang on a source's records."""

import pytest

from rules.contracts.children import UNITS
from rules.errors import ConfigError
from rules.settings import load_registry

SOURCE = """
name: core
kind: csv
owner: Core team
legal_entity: bank_az
read: {path: core.csv, key: id}
contract: {columns: {id: text}}
map: [{party_type: person}]
"""
FEED = """
name: account
of: core
record: client
kind: csv
read: {path: account.csv, key: nr}
contract: {columns: {nr: text, client: text, what: text, sum: decimal}}
map:
  - {holding: {product: {column: what, values: {D: deposit}}, reference: nr, balance: sum}}
"""


@pytest.fixture
def load(tmp_path):
    def written(feed):
        (tmp_path / "core.yaml").write_text(SOURCE)
        (tmp_path / "account.yaml").write_text(feed)
        (tmp_path / "registry.yaml").write_text(
            "legal_entities: [{id: bank_az, country: AZ}]\nsources: [core.yaml]\nfeeds: [account.yaml]\n"
        )
        return load_registry(tmp_path / "registry.yaml")

    return written


def test_a_feed_takes_owner_and_legal_entity_of_its_source(load):
    settings = load(FEED)
    assert [source.name for source in settings.delivered] == ["core", "account"]
    assert (settings.feeds[0].owner, settings.feeds[0].legal_entity) == ("Core team", "bank_az")


def test_a_feed_is_part_of_the_hash_of_the_rules(load):
    assert load(FEED).rules_hash() != load(FEED.replace("D: deposit", "D: account")).rules_hash()


def test_a_feed_of_the_desk_declares_itself_and_takes_every_unit(load):
    [feed] = load("name: entered\nkind: desk\n").feeds
    assert {entry.target for entry in feed.map} == set(UNITS)
    assert (feed.of.column, feed.record, feed.when_gone) == ("of_source", ("of_record",), "remove")
    assert (feed.contract.min_rows, feed.legal_entity) == (0, None)


@pytest.mark.parametrize(
    ("was", "now", "problem", "mend"),
    [
        ("of: core", "of: cor", "'cor', which is no source", "core"),
        ("of: core", "of: {column: clint}", "'clint' is not a column", "client"),
        ("record: client", "record: clint", "'clint' is not a column", "client"),
        ("D: deposit", "D: depsit", "'depsit' is no product", "deposit"),
        ("balance: sum", "balanc: sum", "unknown field 'balanc'", "balance"),
        (", reference: nr", "", "'holding' needs 'reference'", "reference"),
        ("kind: csv", "kind: csv\ntrust: 5", "'trust' means nothing for a feed", "source"),
        (
            "holding: {product",
            "birth_date: what}\n  - {holding: {product",
            "'birth_date' is not for this map",
            "holding",
        ),
        ("of: core\n", "", "needs both 'of' and 'record'", "watch list"),
        ("of: core\nrecord: client\n", "", "'holding' is not for this map", "listed"),
        ("name: account", "name: core", "two sources are called 'core'", ""),
    ],
)
def test_a_typo_is_refused_with_the_mend(was, now, problem, mend, load):
    with pytest.raises(ConfigError) as found:
        load(FEED.replace(was, now))
    assert problem in found.value.expected and mend in found.value.next_step
