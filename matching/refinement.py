"""Rules that exceed the cap: their common values are joined with further fields, or left out and counted.

Here: the blocks of one rule within declared limits, and the columns Splink blocks on in their place. Not here: the
counts of rules within the cap (matching/blocking). One phone number of ten thousand clients must not cost the rule that
finds everybody else, and nothing is left out in silence. Blocks depend on the records alone: neither on their order nor
on their keys.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import duckdb

from matching.blocking import Rule, count_pairs, keys_sql
from matching.model import Model
from rules.matching import key
from store.duck import scalar


@dataclass(frozen=True)
class Limits:
    """Pairs a rule may make, records a block may then hold, and the parts that common values are joined with."""

    pairs: int
    block: int
    refine: Rule = ()


@dataclass(frozen=True)
class Refined:
    """What is left of a rule that exceeded the cap.

    `declared`: pairs it would make; `pairs`: pairs it makes now; `block`: records a block may hold; `values`: common
    values; `left_out`: records of blocks that stay too large, each as often as it lost a key.
    """

    declared: int
    pairs: int
    block: int
    values: int
    left_out: int


class Guarded(NamedTuple):
    """A model with no rule over its cap on some records, the rules that were, and the pairs that all rules make.

    A pair that several rules find counts for each of them.
    """

    model: Model
    refined: dict[Rule, Refined]
    pairs: int


def refine(
    con: duckdb.DuckDBPyConnection, table: str, rule: Rule, limits: Limits, output: str = "refined_blocks"
) -> Refined:
    """Create `output(record_key, block)` with the blocks of a rule, none too large and all within the cap.

    The limit of a block is halved until the pairs fit; at the latest they do when no pair is left.
    """
    declared, block = count_pairs(con, table, rule), limits.block
    also = [part for part in limits.refine if key(part).field not in {key(own).field for own in rule}]
    con.execute(f"CREATE OR REPLACE TEMP TABLE refined_keys AS {_keyed(table, rule, also)}")
    while True:
        values, left_out = _split(con, block, len(also), output)
        pairs = _pairs(con, output)
        if pairs <= limits.pairs:
            con.execute("DROP TABLE refined_keys")
            return Refined(declared, pairs, block, values, left_out)
        block = (block + 1) // 2


def blocks(con: duckdb.DuckDBPyConnection, table: str, rule: Rule, output: str) -> None:
    """Create `output(record_key, block)` with the blocks of a rule as declared."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {output} AS {_keyed(table, rule, ())}")


def _keyed(table: str, rule: Rule, also: Sequence[str]) -> str:
    whole = " || chr(31) || ".join(f"c{place}" for place in range(len(rule)))
    kept = "".join(f", a{place}" for place in range(len(also)))
    return f"SELECT record_key, {whole} AS block{kept} FROM ({keys_sql(table, rule, also)})"


def _split(con: duckdb.DuckDBPyConnection, block: int, depth: int, output: str) -> tuple[int, int]:
    """Join the keys of too large blocks with one part after the other; how many there were, and rows left out.

    A longer key never equals a shorter one, because every step adds a separator; an empty part leaves the record out.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {output} AS SELECT * FROM refined_keys")
    values, rows = scalar(con, f"SELECT count(*) FROM ({_large(output, block)})"), _rows(con, output)
    for place in range(depth):
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE {output} AS
            SELECT t.* REPLACE (CASE WHEN g.block IS NULL THEN t.block ELSE t.block || chr(31) || t.a{place} END
                                AS block)
            FROM {output} t LEFT JOIN ({_large(output, block)}) g ON g.block = t.block""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {output} AS
        SELECT record_key, block FROM {output} t ANTI JOIN ({_large(output, block)}) g ON g.block = t.block
        WHERE block IS NOT NULL""")
    return values, rows - _rows(con, output)


def _large(table: str, block: int) -> str:
    return f"SELECT block FROM {table} WHERE block IS NOT NULL GROUP BY block HAVING count(*) > {block}"


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return scalar(con, f"SELECT count(*) FROM {table}")


def _pairs(con: duckdb.DuckDBPyConnection, table: str) -> int:
    sizes = f"SELECT count(*)::HUGEINT AS n FROM {table} GROUP BY block"
    return scalar(con, f"SELECT sum(n * (n - 1) // 2) FROM ({sizes})")


def within_limits(con: duckdb.DuckDBPyConnection, table: str, model: Model) -> Guarded:
    """The model with no blocking rule over its cap on `table`.

    `table` gets a column `block_<n>` for each of them, equal where the refined rule finds a pair; the order of rules
    stays.
    """
    limits, found, pairs = limits_in(model.facts), {}, 0
    settings = copy.deepcopy(model.settings)
    for place, rule in enumerate(model.blocking):
        made = count_pairs(con, table, rule)
        if made > limits.pairs:
            found[rule] = refine(con, table, rule, limits)
            made = found[rule].pairs
            _add_column(con, table, f"block_{place}")
            settings["blocking_rules_to_generate_predictions"][place] = _exploded(f"block_{place}")
        pairs += made
    return Guarded(replace(model, settings=settings), found, pairs)


def blocks_queries(con: duckdb.DuckDBPyConnection, table: str, model: Model) -> tuple[list[str], dict[str, Rule]]:
    """A query per blocking rule of the blocks (record_key, block) it puts records of `table` into, named by a list.

    Blocks of two rules never have one name. A rule over its cap has its refined blocks, in a table of the connection;
    these tables with their rules.
    """
    most, queries, over = limits_in(model.facts).pairs, [], {}
    for place, rule in enumerate(model.blocking):
        parts, source = ", ".join(f"c{part}" for part in range(len(rule))), f"({keys_sql(table, rule)})"
        if count_pairs(con, table, rule) > most:
            parts, source = "block", f"refined_{place}"
            over[source] = rule
        queries.append(f"SELECT record_key, ['{place}', {parts}] AS block FROM {source}")
    return queries, over


def any_over(con: duckdb.DuckDBPyConnection, table: str, model: Model) -> bool:
    """Whether some rule of the model exceeds its cap on `table`."""
    most = limits_in(model.facts).pairs
    return any(count_pairs(con, table, rule) > most for rule in model.blocking)


def limits_in(facts: dict[str, Any]) -> Limits:
    """The limits that a model's facts hold."""
    held = facts["limits"]
    return Limits(int(held["pairs"]), int(held["block"]), tuple(held["refine"]))


def _add_column(con: duckdb.DuckDBPyConnection, table: str, column: str) -> None:
    con.execute(f"""
        CREATE OR REPLACE TABLE {table} AS
        SELECT t.*, b.blocks AS {column} FROM {table} t LEFT JOIN (
            SELECT record_key, list(block ORDER BY block) AS blocks FROM refined_blocks GROUP BY record_key) b
        USING (record_key) ORDER BY record_key""")
    con.execute("DROP TABLE refined_blocks")


def _exploded(column: str) -> dict[str, Any]:
    return {"blocking_rule": f"l.{column} = r.{column}", "sql_dialect": "duckdb", "arrays_to_explode": [column]}
