"""Search before create: which clients of a version a typed one may be, with weight, band and reasons.

Here: typed text → standard forms → the projection that matching reads, by the night's own steps; then candidates and
weights (matching/search), and the clients they are. Not here: who asks, and asking for several together
(stewardship/searching).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from matching import search
from matching.explanation import evidence
from matching.model import MICRO, Model, load
from matching.projection import project
from quality.standardise.driver import Cache
from rules.contracts.columns import MODEL_OF
from rules.placeholders import Placeholders
from rules.typed import Typed
from stages.as_typed import forms_of
from stages.index.read import Index
from stages.match import learnt_by
from store.duck import connect, refill
from store.steps import Steps

SHOWN = 10
"""Clients that an answer names at most."""
_TIDIED = 100
"""Searches after which rows that were deleted are given back."""
Row = dict[str, Any]
_NO_VALUES: Mapping[str, Any] = defaultdict(lambda: None)
"""The reasons name comparisons and levels; values are for who may see the client."""
_FIRST = {
    party: [Typed.model_validate({
        "party_type": party, "birth_date": "1990-01-01", "names": [{"full": "Anna Иванова 王芳"}],
        "identifiers": [{"type": "passport", "number": "0000000"}], "addresses": [{"full": "1 Main street, Baku"}],
        "contacts": [{"kind": "email", "value": "a@example.com"}, {"kind": "mobile", "value": "+994500000000"}],
    })] for party in ("person", "organisation")
}  # fmt: skip
"""Typed before anybody types."""


class Finder:
    """The index of a version, opened for searching; for one thread at a time."""

    def __init__(self, index: Index, declared: Placeholders) -> None:
        self.index, self.placeholders = index, declared
        self._closing = ExitStack()
        self._opened: dict[str, _Opened] = {}

    def find(self, typed: Sequence[Typed], most: int = SHOWN) -> list[list[Row]]:
        """For each typed client the clients it may be, the likeliest first; at least to be reviewed, at most `most`.

        Each with client_number, display_name, party_type, birth_date, `weight` in bits, `band`, the `record` that
        matches best, and `steps`: what each comparison adds, in bits.
        """
        found: list[list[Row]] = [[] for _ in typed]
        for party in sorted({MODEL_OF[one.party_type] for one in typed} & set(self.index.version.models)):
            places = [place for place, one in enumerate(typed) if MODEL_OF[one.party_type] == party]
            for place, hits in zip(places, self._found(party, [typed[place] for place in places], most), strict=True):
                found[place] = hits
        return found

    def warm(self) -> "Finder":
        """Open what answers are made of, and load the libraries that standardise, by a first search of each kind."""
        for party in sorted(self.index.version.models):
            self._found(party, _FIRST[party], SHOWN)
        return self

    def close(self) -> None:
        """Close what was opened."""
        self._closing.close()

    def _found(self, party: str, typed: Sequence[Typed], most: int) -> list[list[Row]]:
        if party not in self._opened:
            self._opened[party] = self._open(party)
        opened = self._opened[party]
        pairs = opened.weigh(self._forms(typed))
        return [self._clients(opened, pairs.get(-place - 1, []), most) for place in range(len(typed))]

    def _open(self, party: str) -> "_Opened":
        """A connection with what the models learnt, and the searching of one kind of party prepared."""
        home, models = self.index.home, self.index.version.models
        con = self._closing.enter_context(connect([home.root], home.cache, threads=1, as_written=True))
        every = {name: load(home.models, name, models[name]) for name in sorted(models)}
        learnt_by(con, list(every.values()))
        for name, frame in self._forms(_FIRST[party]).items():
            con.from_arrow(frame.to_arrow()).create(name)
        return _Opened(con, party, every[party], self.index.folder / party)

    def _forms(self, typed: Sequence[Typed]) -> dict[str, pl.DataFrame]:
        given = [one.model_dump() for one in typed]
        return forms_of(given, self.placeholders, self.index.version.business_date, Cache(self.index.home.cache))

    def _clients(self, opened: "_Opened", pairs: Sequence[Row], most: int) -> list[Row]:
        """The clients of one new record's pairs, strongest first, each with the record that matches best."""
        found: dict[str, Row] = {}
        for pair in pairs:
            if len(found) == most or pair["weight"] < opened.model.review_weight:
                break
            record = opened.search.record(pair["record_key_r"])
            if record["client_number"] not in found:
                found[record["client_number"]] = self._told(opened.model, pair, record)
        return sorted(found.values(), key=lambda hit: (-hit["weight"], hit["client_number"]))

    def _told(self, model: Model, pair: Row, record: Row) -> Row:
        party = self.index.client(record["client_number"])["party"]
        steps = evidence(model, pair, _NO_VALUES, _NO_VALUES)
        return {
            **{name: party[name] for name in ("client_number", "display_name", "party_type", "birth_date")},
            "record": {"source": record["source"], "record_id": record["record_id"]},
            "weight": pair["weight"] / MICRO, "band": steps.band,
            "steps": [{"name": step.name, "label": step.label, "bits": (step.weight + step.frequency) / MICRO}
                      for step in steps.steps if step.gamma != -1],
        }  # fmt: skip


class _Opened:
    """Searching for one kind of party in a connection of its own; everything is prepared, only rows change."""

    def __init__(self, con: duckdb.DuckDBPyConnection, party: str, model: Model, folder: Path) -> None:
        self.con, self.model, self._asked = con, model, 0
        steps, asked = Steps(), f"match_input_{party}"
        project(steps, party)
        statement = steps.query(f"FROM {asked}")
        con.execute(f"CREATE TABLE {asked} AS {statement}")
        self.search = search.Search(con, model, folder, asked)
        con.execute(f"PREPARE search_project AS INSERT INTO {asked} {statement}")
        self._clear = f"DELETE FROM {asked}"

    def weigh(self, forms: Mapping[str, pl.DataFrame]) -> dict[int, list[Row]]:
        """Weighed pairs by the key of the new record, the strongest first; the first typed client has the key -1."""
        for name, frame in forms.items():
            refill(self.con, name, frame.to_arrow())
        self.con.execute(self._clear)
        self.con.execute("EXECUTE search_project")
        found: dict[int, list[Row]] = {}
        for pair in self.search.find():
            found.setdefault(pair["record_key_l"], []).append(pair)
        self._asked += 1
        if self._asked % _TIDIED == 0:
            self.con.execute("CHECKPOINT")
        return found
