"""The generated pages of the documentation: `python -m cli.docs` writes them, a test compares them.

Here: what the declared tables, the shipped YAML and the command line say of themselves, as Markdown. Not here: pages
written by hand (docs/).
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import dataframely as dy
import typer

from benchmarks.speed import page as speed
from benchmarks.speed import sizing
from cli import examples, lineage_page
from rules.contracts import TABLES, consumers
from rules.contracts.children import FEEDS
from rules.contracts.decisions import DECISIONS
from rules.contracts.golden import GOLDEN
from rules.contracts.history import HISTORY
from rules.contracts.identity import IDENTITY
from rules.contracts.matched import MATCHED
from rules.contracts.quality import QUALITY
from rules.contracts.standard import STANDARD
from rules.contracts.view import VIEW
from rules.load import DEFAULTS
from rules.survivorship import load_survivorship
from rules.view.packs import PACKS
from rules.view.shape import Pack, shipped

FOLDER = Path(__file__).parent.parent / "docs"
_MADE = "<!-- Written by `python -m cli.docs`. Do not edit by hand. -->\n\n"
_STAGES = {
    "Standardised": STANDARD,
    "What hangs on records": FEEDS,
    "Decided": DECISIONS,
    "Matched": MATCHED,
    "Identity": IDENTITY,
    "Golden": GOLDEN,
    "History": HISTORY,
    "Quality": QUALITY,
    "Client view": VIEW,
}


def data_dictionary() -> str:
    """Every declared table with its columns: type, key, nullability, PII class, description."""
    parts = [_MADE, "# Data dictionary\n\n", _DICTIONARY_HEAD, _ASKED, *map(_example, examples.EXAMPLES)]
    for stage, tables in _STAGES.items():
        parts.append(f"## {stage}\n\n")
        parts += [_table_section(name, schema) for name, schema in tables.items()]
    assert {name for tables in _STAGES.values() for name in tables} == set(TABLES)
    return _page(parts)


_DICTIONARY_HEAD = """Declared once in `rules/contracts`; DDL, checks, content hashes and this page derive from it.

- **Key**: `primary` is part of the primary key. `record` is an integer record key; content hashes replace it by its
  `(source, record_id)`. `pair` is one end of an unordered pair of record keys.
- **PII**: `-` none, `P` personal, `S` sensitive. Columns with `P` or `S` never appear in logs, previews or messages.

"""


_ASKED = """## Example queries

Of a published version, in its folder. PostgreSQL has the tables as views in the declared schema. polars begins with
`t = lambda table: pl.read_parquet(f"{table}.parquet")`, Spark with
`spark.read.parquet(f"{table}.parquet").createOrReplaceTempView(table)` for each table.

"""


def _example(one: examples.Example) -> str:
    sql = dedent(one.sql).strip()
    shown = {
        "sql DuckDB": examples.duckdb(sql), "python polars": f"(\n{indent(dedent(one.polars).strip(), ' ' * 4)}\n)",
        "sql Spark": examples.dialect(sql, "spark"), "sql PostgreSQL": examples.dialect(sql, "postgres"),
    }  # fmt: skip
    blocks = (f'```{kind.split()[0]} title="{kind.split()[1]}"\n{text}\n```\n\n' for kind, text in shown.items())
    return f"### {one.asks}\n\n" + "".join(blocks)


def _table_section(name: str, schema: type[dy.Schema]) -> str:
    rows = [_column(column, declared) for column, declared in schema.columns().items()]
    about = " ".join((schema.__doc__ or "").split())
    return f"### {name}\n\n{about}\n\n" + _table(("column", "type", "key", "empty", "PII", "description"), rows)


def _column(name: str, declared: dy.Column) -> tuple[str, ...]:
    facts = declared.metadata or {}
    keys = [*(["primary"] if declared.primary_key else []), *([str(facts["key"])] if "key" in facts else [])]
    empty = "yes" if declared.nullable and not declared.primary_key else "no"
    return f"`{name}`", _type(declared), ", ".join(keys), empty, str(facts.get("pii", "-")), declared.description or ""


def _type(declared: dy.Column) -> str:
    if isinstance(declared, dy.Enum):
        return "text: " + ", ".join(str(value) for value in declared.categories)
    if isinstance(declared, dy.Decimal):
        return f"decimal({declared.precision}, {declared.scale})"
    if isinstance(declared, dy.List):
        return "list of text"
    return {"String": "text", "Bool": "true/false"}.get(type(declared).__name__, type(declared).__name__.lower())


def survivorship() -> str:
    """The shipped strategy of every field and unit."""
    policy = load_survivorship()
    fields = [(f"`{name}`", str(strategy)) for name, strategy in policy.fields.model_dump().items()]
    units = [(f"`{name}`", str(strategy)) for name, strategy in policy.units.model_dump().items()]
    comment = (DEFAULTS / "survivorship.yaml").read_text(encoding="utf-8").split("fields:")[0]
    shown = "\n".join(line.removeprefix("#")[1:] for line in comment.strip().splitlines()[1:])
    return _page([
        _MADE, "# Survivorship defaults\n\nFrom `rules/defaults/survivorship.yaml`; see ",
        "[how to change them](../sources.md#rules-overlay).\n\n", f"```text\n{shown}\n```\n\n",
        "## Fields\n\n", _table(("field", "strategy"), fields),
        "## Units\n\nA unit survives whole: parts of two records are never mixed.\n\n",
        _table(("unit", "strategy"), units),
        f"A document counts as verified outside when its `verified_result` is one of: "
        f"{', '.join(f'`{word}`' for word in policy.verified_results)}.\n",
    ])  # fmt: skip


def invariants() -> str:
    """Every invariant with the query of the rows that break it."""
    from stages.verify import EVERY

    parts = [_MADE, "# Invariants\n\n", _INVARIANTS_HEAD]
    parts.append(_table(("invariant", "says"), ((f"[`{i.id}`](#{i.id.replace('.', '')})", i.name) for i in EVERY)))
    parts += [f"## {i.id}\n\n{i.name[0].upper()}{i.name[1:]}.\n\n```sql\n{_sql(i.sql)}\n```\n\n" for i in EVERY]
    return _page(parts)


_INVARIANTS_HEAD = """What must hold in every version. `registry verify` runs them: each is a query that must return no
row. They read the version's tables, and facts that are laid beside them: `damaged_file`, `delivered`, `fed`,
`failed_check`, `built_on` of the manifest; `match_threshold`, `cluster_part` of matching; `broken_decision`,
`self_approved`, `may_count` of the decision log; `erased_record`, `erased_client` of the erasures; `replayed_*`, the
parent's tables with tonight's events applied.

Two more hold over several runs: *determinism* (the same inputs give the same content hashes; `registry replay`) and
*reversibility* (an undone merge leaves the tables as they were; ending a decision).

"""


def _sql(text: str) -> str:
    even = dedent(text if text.startswith("\n") else f"{' ' * 12}{text}").strip("\n").strip()
    return "\n".join(line if len(line) < 160 else line.replace(" WHEN ", "\n    WHEN ") for line in even.splitlines())


def rule_packs() -> str:
    """Every shipped rule: conditions, results, reason, source."""
    parts = [
        _MADE,
        "# Rule packs\n\nFrom `rules/defaults/view`; see [how to change them](../client-view.md#rule-packs).\n\n",
    ]
    return _page([*parts, *map(_pack, PACKS)])


def _pack(pack: Pack) -> str:
    which = "The first rule that fits decides." if pack.first else "Every rule that fits gives a row."
    named = {schema: f"`{name}`" for name, schema in TABLES.items()}
    asked = ", ".join(named.get(schema, "the sum of a client's factors") for schema in pack.reads)
    rows = [
        (f"`{name}`", _cells(rule.when), _cells(rule.then), rule.reason, rule.cites)
        for name, rule in shipped(pack).items()
    ]
    return f"## {pack.name}\n\nAsks {asked}. {which}\n\n" + _table(("rule", "where", "gives", "reason", "source"), rows)


def _cells(cells: Mapping[str, Any]) -> str:
    shown = (f"{name} {str(cell).lower() if isinstance(cell, bool) else cell}" for name, cell in cells.items())
    return "; ".join(shown) or "always"


def command_line() -> str:
    """Every command with its arguments and options."""
    commands = registry_commands()
    listed = [(f"[`{name}`](#{name.replace(' ', '-')})", command.help or "") for name, command in commands.items()]
    head = f"# Command line\n\nThe console script `registry`. {_EXITS}\n\n"
    return _page([_MADE, head, _table(("command", "does"), listed), *map(_command, commands.items())])


_EXITS = (
    "Exit codes: 0 done; 1 an expected error, a broken invariant, nothing found, or a problem found by `doctor`; "
    "2 a wrong argument, or a defect.\n\n"
    "With `--json` a command prints one JSON value on stdout. When it fails, that is "
    '`{"ok": false, "error": {"place": …, "problem": …, "next": …}}`; the same in words goes to stderr.'
)


def registry_commands() -> dict[str, Any]:
    """The shown commands of `registry` by name, in the order of its help."""
    from cli.main import app

    commands: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    shown = {name: command for name, command in commands.items() if not command.hidden}
    return {name: command for each in shown.items() for name, command in _with_parts(*each)}


def _with_parts(name: str, command: Any) -> list[tuple[str, Any]]:
    """A command, and behind a group the commands in it."""
    return [(name, command), *((f"{name} {part}", each) for part, each in getattr(command, "commands", {}).items())]


def _command(named: tuple[str, Any]) -> str:
    name, command = named
    arguments = "".join(f" {p.name.upper()}" for p in command.params if p.param_type_name == "argument")
    usage = f"```text\nregistry {name}{arguments} [OPTIONS]\n```\n\n"
    rows = [_parameter(parameter) for parameter in command.params]
    return f"## {name}\n\n{command.help}\n\n{usage}" + _table(("argument or option", "default", "meaning"), rows)


def _parameter(parameter: Any) -> tuple[str, ...]:
    argument = parameter.param_type_name == "argument"
    value = "" if argument or parameter.is_flag else f" {parameter.name.upper()}"
    value = " …" * parameter.nargs if not argument and parameter.nargs > 1 else value
    shown = parameter.name.upper() if argument else ", ".join(parameter.opts) + value
    default = "required" if parameter.required else _default(parameter.default)
    read = f" Also read from `{parameter.envvar}`." if parameter.envvar else ""
    return f"`{shown}`", default, f"{(parameter.help or '').rstrip('.')}.{read}"


def lineage() -> str:
    """Where each golden column comes from."""
    parts = [_MADE, lineage_page.HEAD]
    head = ("column", "from", "rule", "field of a map")
    for table in dict.fromkeys(name for name, _ in lineage_page.rows()):
        parts += [f"## {table}\n\n", _table(head, [row for name, row in lineage_page.rows() if name == table])]
    return _page(parts)


def _default(value: object) -> str:
    return "" if value is None or value is False else f"`{value}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def _page(parts: Iterable[str]) -> str:
    return "".join(parts).rstrip("\n") + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "reference/data-dictionary.md": data_dictionary,
    "reference/cli.md": command_line,
    "reference/invariants.md": invariants,
    "reference/survivorship.md": survivorship,
    "reference/rule-packs.md": rule_packs,
    "reference/lineage.md": lineage,
    "reference/speed.md": speed.page,
    "reference/sizing.md": sizing.page,
    "assets/speed.svg": speed.picture,
}
"""Path below docs/ → what writes it."""


def write(folder: Path = FOLDER) -> None:
    """Write every generated page, and the newest contract of consumers unless that would break them."""
    consumers.write()
    for path, page in PAGES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
