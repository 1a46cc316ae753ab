"""The six source systems of the synthetic bank, each with its own script, format and care.

Here: the list. A source module has one function per kind of party: view and noise in, the source's own columns out.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from benchmarks.synthetic import chances
from benchmarks.synthetic.noise import Noise
from benchmarks.synthetic.sources import cards, companies, core, crm, leads, loans

Write = Callable[[pl.DataFrame, Noise], pl.DataFrame]


@dataclass(frozen=True)
class Source:
    """A source system: where its extract lies, how careful it is, how it writes people and organisations,
    and which of the changing attributes it shows."""

    name: str
    extract: str
    key: str
    rates: dict[str, float]
    people: Write | None
    organisations: Write | None
    shows: tuple[str, ...]


SOURCES = (
    Source("core", "tables/{date}/core_client.parquet", "client_no", chances.CLEAN, core.people, core.organisations,
           ("address", "phone", "email", "surname", "passport")),
    Source("crm", "tables/{date}/crm_client.parquet", "id", chances.DIRTY, crm.people, crm.organisations,
           ("address", "phone", "email", "surname")),
    Source("cards", "files/cards_{date}.csv", "holder_id", chances.MIDDLE, cards.people, None,
           ("address", "phone", "surname", "passport")),
    Source("loans", "files/loans_{date}.parquet", "borrower_id", chances.MIDDLE, loans.people, loans.organisations,
           ("address", "phone", "email", "surname", "passport")),
    Source("leads", "files/leads_{date}.xlsx", "lead_no", chances.DIRTY, leads.people, leads.organisations,
           ("phone", "email", "surname")),
    Source("companies", "files/companies_{date}.jsonl", "id", chances.MIDDLE, None, companies.organisations,
           ("address", "phone")),
)  # fmt: skip
