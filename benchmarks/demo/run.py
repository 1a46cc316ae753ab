"""Making the demo bank and running its nights.

Here: starting the source systems, training once, the nights. Not here: any of these themselves. What exists already
is not made again: the same home and dates give the same versions without recomputing.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.synthetic import generate
from benchmarks.synthetic.serve import CorePostgres, CrmServer
from pipelines.context import Place, set_place
from pipelines.run import Ran, has_models, run_night, train
from pipelines.steps import Listener
from store import versions
from store.home import Home
from store.manifest import Manifest

DATES = (date(2026, 3, 2), date(2026, 3, 3))
SEED = 20260302
_DECLARED = Path(__file__).parent
_SEALED = ((5, "staff"), (6, "staff"), (7, "staff"), (10, "protected"))
"""Rows of the core's clients, and why they are sealed."""
TWO_FILES = _DECLARED / "two_files.yaml"
"""A registry of the bank's two file sources alone."""
Teller = Callable[[str], Listener]


def demo(home: Path, clients: int, teller: Teller, dates: Sequence[date] = DATES, seed: int = SEED) -> list[Ran]:
    """Make the bank, train once, run a night per date; return what each night left."""
    bank = make_bank(Home(home).prepare(), clients, dates, seed, teller("bank"))
    return [_night(bank, home, day, teller) for day in dates]


def make_bank(home: Home, clients: int, dates: Sequence[date], seed: int, told: Listener) -> Path:
    """The bank's folder in the home: its declared files and what its systems deliver on each date."""
    bank, done = home.root / "bank", home.root / "bank" / "bank.json"
    asked = {"clients": clients, "seed": seed, "dates": [day.isoformat() for day in dates]}
    if not done.exists() or json.loads(done.read_text(encoding="utf-8")) != asked:
        told("synthetic bank", "started", {})
        shutil.rmtree(bank, ignore_errors=True)
        generate(bank, clients, seed, dates)
        shutil.copy(_DECLARED / "registry.yaml", bank)
        for folder in ("sources", "feeds"):
            shutil.copytree(_DECLARED / folder, bank / folder)
        _seal(bank, dates[0])
        done.write_text(json.dumps(asked), encoding="utf-8")
        told("synthetic bank", "finished", {"clients": clients})
    return bank


def _seal(bank: Path, day: date) -> None:
    """The bank's list of sealed clients: three of its staff, and one who asked for it. No source says so."""
    keys = pl.read_parquet(bank / "tables" / day.isoformat() / "core_client.parquet")["client_no"]
    rows = [f"core,{keys[place]},{why}" for place, why in _SEALED]
    (bank / "sealed.csv").write_text("\n".join(["source,record_id,why", *rows]) + "\n", encoding="utf-8")


def _night(bank: Path, home: Path, day: date, teller: Teller) -> Ran:
    place = set_place(bank / "registry.yaml", home)
    live = versions.live(place.home)
    if live and versions.manifest(place.home).business_date > day:
        return Ran(_of_date(place, day), False)
    with systems(place, bank, day):
        if not has_models(place.home):
            train(place, day, teller("train"))
        return run_night(place, day, listener=teller(f"night {day}"))


def _of_date(place: Place, day: date) -> Manifest:
    """The newest version of an earlier date."""
    found = (versions.manifest(place.home, number) for number in reversed(versions.numbers(place.home)))
    return next(manifest for manifest in found if manifest.business_date <= day)


@contextmanager
def systems(place: Place, bank: Path, day: date) -> Iterator[None]:
    """Core banking in PostgreSQL and the CRM's REST service, in the state of `day`."""
    tables = bank / "tables" / day.isoformat()
    with CorePostgres(place.home.root / "postgres") as core, CrmServer(tables / "crm_client.parquet") as crm:
        core.load(tables)
        os.environ |= {"CORE_DSN": core.dsn, "CRM_URL": crm.url, "CRM_TOKEN": crm.token or ""}
        yield
