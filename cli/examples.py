"""Questions that consumers ask of what is published, each as DuckDB, polars, Spark and PostgreSQL ask it.

Here: the questions, and how each engine comes to the tables. Not here: the page (docs). A question is written once as
SQL; the words of the other engines are sqlglot's, which Splink uses too. Tests ask all of them on a real extract.
"""

import re
from typing import NamedTuple

import sqlglot

from rules.publication import Publication


class Example(NamedTuple):
    """A question in words, in DuckDB's SQL over table names, and as an expression of polars over `t(table)`."""

    asks: str
    sql: str
    polars: str


EXAMPLES = (
    Example(
        "The client of each source's record",
        """
        SELECT x.source, x.record_id, p.client_number, p.display_name, p.birth_date
        FROM crosswalk x JOIN golden_party p USING (client_number)
        ORDER BY x.source, x.record_id""",
        """
        t("crosswalk").join(t("golden_party"), on="client_number")
        .select("source", "record_id", "client_number", "display_name", "birth_date").sort("source", "record_id")""",
    ),
    Example(
        "Every number that was ever given, and the live number that it stands for",
        """
        SELECT client_number, coalesce(resolves_to, client_number) AS stands_for
        FROM ledger_number WHERE state <> 'gone' ORDER BY client_number""",
        """
        t("ledger_number").filter(pl.col("state").cast(pl.String) != "gone")
        .select("client_number", pl.coalesce("resolves_to", "client_number").alias("stands_for")).sort("client_number")
        """,
    ),
    Example(
        "How many clients refuse marketing, by channel and legal entity",
        """
        SELECT channel, legal_entity, count(*) AS clients FROM view_consent_effective
        WHERE purpose = 'marketing' AND NOT given GROUP BY channel, legal_entity ORDER BY channel, legal_entity""",
        """
        t("view_consent_effective").filter(pl.col("purpose") == "marketing", ~pl.col("given"))
        .group_by("channel", "legal_entity").agg(clients=pl.len()).sort("channel", "legal_entity")""",
    ),
    Example(
        "What clients hold in money, by kind of party",
        """
        SELECT p.party_type, count(*) AS clients, sum(v.financial_assets) AS assets
        FROM golden_party p JOIN view_client v USING (client_number) GROUP BY p.party_type ORDER BY p.party_type""",
        """
        t("golden_party").join(t("view_client"), on="client_number").with_columns(pl.col("party_type").cast(pl.String))
        .group_by("party_type").agg(clients=pl.len(), assets=pl.col("financial_assets").sum()).sort("party_type")""",
    ),
)


def tables(sql: str) -> list[str]:
    """Published tables that a question reads."""
    return sorted({name for name in re.findall(r"\b\w+\b", sql) if name in Publication.TABLES})


def duckdb(sql: str) -> str:
    """The question over Parquet files in the current folder."""
    return re.sub(rf"\b(FROM|JOIN) ({'|'.join(tables(sql))})\b", r"\1 '\2.parquet'", sql)


def dialect(sql: str, name: str) -> str:
    """The question in the SQL of another engine, over tables or views of these names."""
    return str(sqlglot.transpile(sql, read="duckdb", write=name, pretty=True)[0])
