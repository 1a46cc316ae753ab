"""Search before create: which clients of a version a typed one may be, with weight, band and reasons.

Here: typed text → standard forms → the projection that matching reads, by the night's own steps; then candidates and
weights (matching/search), and the clients they are. Not here: who asks, and asking for several together
(stewardship/searching).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import duckdb
import polars as pl

from matching import search
from matching.explanation import evidence
from matching.model import MICRO, Model, load
from matching.projection import project
from quality.mapping import Mapped
from quality.standardise.driver import Cache
from rules.contracts.columns import MODEL_OF
from rules.placeholders import Placeholders
from rules.source_map import DATE_FIELDS, DEFAULT_KIND, FRAME_OF, PARTY_UNITS, RECORD_FIELDS, DateFormat
from rules.sources import ISO_DATE
from rules.typed import Typed
from stages.match import learnt_by
from stages.standardise import standard_forms
from store import keymap, versions
from store.duck import connect
from store.home import Home
from store.manifest import Manifest

SHOWN = 10
"""Clients that an answer names at most."""
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
_DATES = {
    f"{frame}.{name}": DateFormat(formats=ISO_DATE) for name in DATE_FIELDS for frame in ("records", *FRAME_OF.values())
}


@dataclass
class Finder:
    """A version opened for searching; for one thread at a time."""

    home: Home
    version: Manifest
    placeholders: Placeholders
    _opened: dict[str, duckdb.DuckDBPyConnection] = field(default_factory=dict)
    _closing: ExitStack = field(default_factory=ExitStack)

    def find(self, typed: Sequence[Typed], most: int = SHOWN) -> list[list[Row]]:
        """For each typed client the clients it may be, the likeliest first; at least to be reviewed, at most `most`.

        Each with client_number, display_name, party_type, birth_date, `weight` in bits, `band`, the `record` that
        matches best, and `steps`: what each comparison adds, in bits.
        """
        found: list[list[Row]] = [[] for _ in typed]
        for party in sorted({MODEL_OF[one.party_type] for one in typed}):
            places = [place for place, one in enumerate(typed) if MODEL_OF[one.party_type] == party]
            for place, hits in zip(places, self._found(party, [typed[place] for place in places], most), strict=True):
                found[place] = hits
        return found

    def warm(self) -> None:
        """Open what answers are made of, and load the libraries that standardise, by a first search of each kind."""
        for party in sorted(self.version.models):
            model = self.model(party)
            if model is not None:
                self._found(party, _FIRST[party], SHOWN)

    def close(self) -> None:
        """Close what was opened."""
        self._closing.close()

    def model(self, party: str) -> Model | None:
        """The model that the version was matched with."""
        name = self.version.models.get(party)
        return load(self.home.models, party, name) if name else None

    def _found(self, party: str, typed: Sequence[Typed], most: int) -> list[list[Row]]:
        model = self.model(party)
        if model is None:
            return [[] for _ in typed]
        con = self._connection(party, model)
        _project(con, party, typed, self.placeholders, self.version, Cache(self.home.cache))
        pairs = search.search(con, model, f"match_input_{party}").filter(pl.col("weight") >= model.review_weight)
        return _clients(con, model, pairs, len(typed), most)

    def _connection(self, party: str, model: Model) -> duckdb.DuckDBPyConnection:
        if party not in self._opened:
            con = self._closing.enter_context(connect([self.home.root], self.home.cache, threads=1))
            versions.attach(con, self.home, self.version, [f"match_input_{party}", "crosswalk", "golden_party"])
            keymap.attach(con, self.home)
            _hold(con, party)
            every = (self.model(name) for name in sorted(self.version.models))
            learnt_by(con, [one for one in every if one is not None])
            search.index(con, model, "held")
            con.execute("DROP TABLE held")
            self._opened[party] = con
        return self._opened[party]


def _hold(con: duckdb.DuckDBPyConnection, party: str) -> None:
    """The version's projection with record ids, and the clients of its records, in memory."""
    con.execute(f"""
        CREATE TABLE held AS SELECT m.*, x.record_id FROM match_input_{party} m
        JOIN crosswalk x USING (record_key, source)""")
    con.execute("""
        CREATE TABLE client_of AS
        SELECT x.source, x.record_id, p.client_number, p.display_name, CAST(p.party_type AS VARCHAR) AS party_type,
               p.birth_date
        FROM crosswalk x JOIN golden_party p USING (client_number) ORDER BY x.source, x.record_id""")
    for name in (f"match_input_{party}", "crosswalk", "golden_party"):
        con.execute(f"DROP VIEW {name}")


def _project(
    con: duckdb.DuckDBPyConnection, party: str, typed: Sequence[Typed], declared: Placeholders, version: Manifest,
    cache: Cache,
) -> None:  # fmt: skip
    """Create `match_input_<party>` of the typed clients, the first with record key -1, the second -2."""
    rows = pl.DataFrame({"row": range(len(typed))}, schema={"row": pl.Int64})
    keys = rows.with_columns(record_key=-pl.col("row") - 1, source=pl.lit(""), row_hash=pl.lit(""))
    forms = standard_forms(_mapped(typed), keys, cache, declared, version.business_date)
    for name, frame in forms.items():
        con.register(f"typed_{name}", frame.to_arrow())
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM typed_{name}")
        con.unregister(f"typed_{name}")
    project(con, party)


def _mapped(typed: Sequence[Typed]) -> Mapped:
    """Typed clients in the frames that a source's rows are mapped to; empty text is no value."""
    given = [one.model_dump() for one in typed]
    records = [{"row": row, "record_id": "", **{name: one.get(name) for name in RECORD_FIELDS}}
               for row, one in enumerate(given)]  # fmt: skip
    frames = {unit: _units(given, unit) for unit in PARTY_UNITS}
    schema = {"row": pl.Int64, "record_id": pl.String, **dict.fromkeys(RECORD_FIELDS, pl.String)}
    frame = pl.DataFrame(records, schema=schema).with_columns(pl.col(pl.String).replace("", None))
    names = frames["name"].join(frame.select("row", "party_type"), on="row", how="left", maintain_order="left")
    return Mapped(frame, names, frames["identifier"], frames["address"], frames["contact"], _DATES, pl.DataFrame())


def _units(given: Sequence[Row], unit: str) -> pl.DataFrame:
    plural = {"address": "addresses"}.get(unit, f"{unit}s")
    rows = [
        {"row": row, "ordinal": ordinal, **said}
        for row, one in enumerate(given) for ordinal, said in enumerate(one[plural])
    ]  # fmt: skip
    schema = {"row": pl.Int64, "ordinal": pl.Int32, **dict.fromkeys(PARTY_UNITS[unit], pl.String)}
    frame = pl.DataFrame(rows, schema=schema).with_columns(pl.col(pl.String).replace("", None))
    return frame.with_columns(pl.col("kind").fill_null(DEFAULT_KIND[unit])) if unit in DEFAULT_KIND else frame


def _clients(
    con: duckdb.DuckDBPyConnection, model: Model, pairs: pl.DataFrame, asked: int, most: int
) -> list[list[Row]]:
    """The clients of the pairs, each with the record that matches best."""
    con.register("search_found", pairs.select("record_key_l", "record_key_r", "weight").to_arrow())
    rows = con.execute(f"""
        SELECT f.record_key_l, f.record_key_r, s.source, s.record_id, c.client_number, c.display_name, c.party_type,
               c.birth_date
        FROM search_found f JOIN {search.RECORDS} s ON s.record_key = f.record_key_r
        JOIN client_of c USING (source, record_id)
        QUALIFY row_number() OVER (PARTITION BY f.record_key_l, c.client_number
                                   ORDER BY f.weight DESC, f.record_key_r) = 1
        ORDER BY f.record_key_l DESC, f.weight DESC, c.client_number""").fetchall()
    con.unregister("search_found")
    scored = {(row["record_key_l"], row["record_key_r"]): row for row in pairs.to_dicts()}
    found: list[list[Row]] = [[] for _ in range(asked)]
    for row in rows:
        if len(found[-row[0] - 1]) < most:
            found[-row[0] - 1].append(_told(model, scored[row[0], row[1]], row))
    return found


def _told(model: Model, scored: Row, row: Sequence[Any]) -> Row:
    steps = evidence(model, scored, _NO_VALUES, _NO_VALUES)
    return {
        "client_number": row[4], "display_name": row[5], "party_type": row[6], "birth_date": row[7],
        "record": {"source": row[2], "record_id": row[3]}, "weight": scored["weight"] / MICRO, "band": steps.band,
        "steps": [{"name": step.name, "label": step.label, "bits": (step.weight + step.frequency) / MICRO}
                  for step in steps.steps if step.gamma != -1],
    }  # fmt: skip
