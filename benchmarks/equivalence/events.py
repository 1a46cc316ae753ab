"""What happens between two nights: people decide and take back, a new model is promoted, a version is rolled back.

Here: chosen at random from the live version by the seed and entered as people enter them, into both homes alike. Not
here: records that come, change and go (the bank). A decision that the log refuses is as good as none.
"""

import random
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from benchmarks.demo.run import systems
from benchmarks.equivalence.homes import Bank, opened, share
from matching import promotions
from pipelines.run import train
from rules.errors import DecisionRefused, RegistryError
from stages import decide
from stages.decide import Decider
from store import opening, versions
from store.decisions import open_log
from store.decisions.place import FILE, NOTE
from store.home import Home

AUTHOR, OTHER = Decider("steward one", "benchmark"), Decider("steward two", "benchmark")
Act = Callable[[Home, random.Random], object]


def decisions(homes: tuple[Path, Path], rng: random.Random, day: date, share: float) -> int:
    """Enter random decisions, and end some, in the first home; the other gets the same log. How many were entered."""
    home = Home(homes[0])
    before = open_log(home).head()[0]
    for act in _acts(home, rng, day, share):
        try:
            act(home, rng)
        except (DecisionRefused, RegistryError):
            continue
    for file in (FILE, NOTE):
        if (homes[0] / file).exists():
            shutil.copyfile(homes[0] / file, homes[1] / file)
    return open_log(home).head()[0] - before


def _acts(home: Home, rng: random.Random, day: date, share: float) -> list[Act]:
    """Each kind of decision as often as `share` of the clients says, at least once, in random order."""
    often = max(1, round(_table(home, "golden_party").height * share))
    kinds: tuple[Act, ...] = (_merge, _split, _must_link, _cannot_link, _confirm, _override(day), _end)
    acts = [act for act in kinds for _ in range(often)]
    rng.shuffle(acts)
    return acts


def _merge(home: Home, rng: random.Random) -> None:
    made = decide.merge(home, *_two_clients(home, rng), AUTHOR)
    decide.approve(home, made.id, OTHER)


def _split(home: Home, rng: random.Random) -> None:
    members = _members(home).filter(pl.col("record").list.len() > 2).sort("client_number")
    client, records = rng.choice(members.select("client_number", "record").rows())
    made = decide.split(home, client, rng.sample(sorted(records), len(records) // 2), AUTHOR)
    decide.approve(home, made.id, OTHER)


def _must_link(home: Home, rng: random.Random) -> None:
    made = decide.link(home, "must_link", *_two_clients(home, rng), AUTHOR)
    decide.approve(home, made.id, OTHER)


def _cannot_link(home: Home, rng: random.Random) -> None:
    members = _members(home).filter(pl.col("record").list.len() > 1).sort("client_number")
    made = decide.link(home, "cannot_link", *rng.sample(sorted(rng.choice(members["record"].to_list())), 2), AUTHOR)
    decide.approve(home, made.id, OTHER)


def _confirm(home: Home, rng: random.Random) -> None:
    decide.link(home, "confirm", *_two_clients(home, rng), AUTHOR)


def _override(day: date) -> Act:
    def act(home: Home, rng: random.Random) -> None:
        parties = _table(home, "golden_party").filter(pl.col("party_type") == "person")
        client = rng.choice(sorted(parties["client_number"]))
        decide.override(home, client, "education", "university", day + timedelta(days=rng.randint(1, 4)), AUTHOR)

    return act


def _end(home: Home, rng: random.Random) -> None:
    """Undo an earlier decision."""
    open_ones = sorted(open_log(home).decisions())
    if open_ones:
        chosen = rng.choice(open_ones)
        decide.end(home, chosen, AUTHOR)
        if open_log(home).decisions()[chosen].ending_by:
            decide.end(home, chosen, OTHER)


def _two_clients(home: Home, rng: random.Random) -> tuple[str, str]:
    """Two persons: of a review item where there is one, else any."""
    crosswalk = _table(home, "crosswalk")
    number = dict(crosswalk.select("record_key", "client_number").iter_rows())
    review = _table(home, "review").sort("record_key_l", "record_key_r").select("record_key_l", "record_key_r").rows()
    pairs = [(number[left], number[right]) for left, right in review if number[left] != number[right]]
    if pairs and rng.random() < 0.7:
        return rng.choice(pairs)
    persons = sorted(crosswalk.filter(pl.col("party_type") == "person")["client_number"].unique())
    left, right = rng.sample(persons, 2)
    return left, right


def _members(home: Home) -> pl.DataFrame:
    told = pl.concat_str("source", "record_id", separator=":").alias("record")
    return _table(home, "crosswalk").select("client_number", told).group_by("client_number").agg("record")


def _table(home: Home, name: str) -> pl.DataFrame:
    with opening.opened(home, [name]) as con:
        found: pl.DataFrame = con.sql(f"FROM {name}").pl()
    return found


def new_model(bank: Bank, homes: tuple[Path, Path], day: date) -> None:
    """Train on the day's records and promote, by two people, in both homes."""
    place = opened(bank, homes[0])
    with systems(place, bank.folder, day):
        made = train(place, day)
    for party, name in made.items():
        models = place.home.models
        promotions.propose(models, party, name, "bootstrap", AUTHOR.user, ("comparison", ""))
        proposal = promotions.open_proposal(models, party, name, "bootstrap")
        if proposal:
            promotions.approve(models, proposal, OTHER.user)
    share(*homes, "models")


def roll_back(homes: tuple[Path, Path]) -> None:
    """Make the version before the live one live again in both homes."""
    for home in map(Home, homes):
        live = versions.manifest(home)
        if live.parent:
            versions.rollback(home, live.parent)
