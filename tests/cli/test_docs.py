"""The documentation tells the truth: generated pages are current, examples load, commands and links exist."""

import re
from datetime import date
from itertools import chain
from pathlib import Path

import pytest
import yaml

from cli import docs
from quality.standardise.ids import DOCUMENTS, ID_TYPES
from rules import errors
from rules.feeds import Feed, load_feed
from rules.gates import load_gates
from rules.matching import load_matching
from rules.placeholders import load_placeholders
from rules.publication import Publication
from rules.quality import load_quality
from rules.settings import Registry, load_registry
from rules.source_map import KINDS, RECORD_FIELDS, UNITS, parse_map
from rules.sources import FILE_KINDS, READ_KEYS, TYPES, Contract, Read, Source, load_source
from rules.survivorship import load_survivorship
from rules.view.packs import RISK
from rules.view.settings import load_settings
from rules.view.shape import load_pack

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_BLOCK = re.compile(r'^```yaml title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^```(?:bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(kind: str) -> list[tuple[Path, str, str]]:
    return [(page, title, body) for page in PAGES for title, body in _BLOCK.findall(read(page)) if kind in title]


def named(pages) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


@pytest.mark.parametrize("path", docs.PAGES)
def test_a_generated_page_is_current(path):
    assert read(docs.FOLDER / path) == docs.PAGES[path](), "run `python -m cli.docs`"


def test_writing_gives_every_page(tmp_path):
    docs.write(tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.md")} == set(docs.PAGES)


def test_every_command_is_documented():
    reference, readme = read(ROOT / "docs/reference/cli.md"), read(ROOT / "README.md")
    for name, command in docs.registry_commands().items():
        assert command.help, name
        assert f"## {name}\n" in reference
        assert f"`registry {name}" in readme
        for parameter in command.params:
            assert parameter.help, f"{name} {parameter.name}"


@pytest.fixture(scope="module")
def declared(tmp_path_factory):
    """A folder with every source that a page declares."""
    folder = tmp_path_factory.mktemp("declared")
    for kind in ("sources", "feeds"):
        (folder / kind).mkdir()
    for _, title, body in [*blocks("sources/"), *blocks("feeds/")]:
        assert not (folder / title).exists(), f"{title} is declared twice"
        (folder / title).write_text(body, encoding="utf-8")
    return folder


def test_every_source_loads_and_every_kind_is_shown(declared):
    kinds = {load_source(path).kind for path in (declared / "sources").iterdir()}
    assert kinds == set(READ_KEYS)
    assert all(load_feed(path).map for path in (declared / "feeds").iterdir())


@pytest.mark.parametrize(("page", "title", "body"), blocks("registry.yaml"))
def test_every_registry_loads(page, title, body, declared):
    (declared / title).write_text(body, encoding="utf-8")
    assert load_registry(declared / title).sources


class AnyColumn(dict):
    """A contract that has every column of lower-case letters."""

    def __contains__(self, name):
        return re.fullmatch(r"[a-z_]+", str(name)) is not None


@pytest.mark.parametrize(("page", "title", "body"), blocks("part of a map"))
def test_every_part_of_a_map_parses(page, title, body):
    assert len(parse_map(yaml.safe_load(body), AnyColumn())) >= len(yaml.safe_load(body))


def test_every_overlay_loads(tmp_path):
    for _, title, body in blocks("rules/"):
        path = tmp_path / title.removeprefix("rules/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(body, encoding="utf-8")
    assert {rule.id for rule in load_pack(RISK, date(2026, 3, 1), tmp_path)} > {"young_company"}
    assert load_settings(tmp_path).reporting_currency == "EUR"
    assert load_survivorship(tmp_path / "survivorship.yaml") != load_survivorship()
    assert load_matching(tmp_path) != load_matching()
    assert load_placeholders(tmp_path / "placeholders.yaml") != load_placeholders()
    assert load_gates(tmp_path / "gates.yaml") != load_gates()
    assert load_quality(tmp_path / "quality.yaml") != load_quality()


def test_every_key_of_a_declaration_is_in_the_reference():
    page = read(ROOT / "docs/sources.md")
    models = (Registry, Publication, Source, Feed, Contract, Read)
    keys = chain.from_iterable(model.model_fields for model in models)
    kinds = chain(*KINDS.values(), ["person", "organisation", "institution", "bank"])
    fields = chain(RECORD_FIELDS, *UNITS.values(), (kind.name for kind in ID_TYPES), DOCUMENTS, TYPES, FILE_KINDS)
    missing = [word for word in chain(keys, kinds, fields) if not re.search(rf"\b{word}\b", page)]
    assert missing == []


def test_every_error_is_explained():
    page = read(ROOT / "docs/operate.md")
    kinds = [name for name, kind in vars(errors).items() if isinstance(kind, type)]
    assert [name for name in kinds if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=named(PAGES))
def test_links_lead_somewhere(page):
    for link in _LINK.findall(re.sub(r"```.*?```", "", read(page), flags=re.DOTALL)):
        path, _, anchor = link.partition("#")
        if "://" not in link:
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(read(target)), link


def anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", head.lower()).strip()) for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=named(PAGES))
def test_commands_in_examples_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    commands = docs.registry_commands()
    for line in chain.from_iterable(block.splitlines() for block in _FENCED.findall(read(page))):
        if found := re.match(r"make ([a-z-]+)", line):
            assert found[1] in targets, line
        if found := re.match(r"\S*\.venv/bin/registry (([a-z-]+)(?: [a-z-]+)?)(.*)", line):
            command = commands.get(found[1], commands[found[2]])
            options = {option for parameter in command.params for option in parameter.opts}
            assert set(re.findall(r"(?<=\s)--?[a-z-]+", found[0])) <= options, line


def test_no_page_names_a_machine():
    files = [*PAGES, ROOT / "NOTICE", ROOT / "mkdocs.yml", ROOT / "Makefile"]
    told = [
        page for page in files if re.search(r"(?<![\w.])/(work|root|home|tmp|Users)/|index-url|/simple\b", read(page))
    ]
    assert named(told) == []
