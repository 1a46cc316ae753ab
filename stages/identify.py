"""Identity and golden record of a night: clusters → client numbers → golden tables, and what changed.

Here: composition. Not here: the ledger's rules or survivorship (golden_record).
"""

import duckdb

from golden_record.changes import diff
from golden_record.identity import assign_numbers
from golden_record.survivorship import survive
from rules.contracts.golden import GOLDEN
from rules.contracts.identity import IDENTITY
from rules.survivorship import load_survivorship
from stages.match import STANDARD, learnt
from stages.night import Night


def identify(night: Night) -> dict[str, int]:
    """Stage the crosswalk and the ledger: every cluster gets the number its records' history gives it."""
    with night.open("std_record", "clusters", parent=IDENTITY) as con:
        assign_numbers(con, night.version, night.business_date)
        return night.save(con, *IDENTITY)


def golden(night: Night) -> dict[str, int]:
    """Stage the golden tables with lineage, and the change events against the live version."""
    overlay = night.settings.overlay("survivorship.yaml")
    with night.open(*STANDARD, "crosswalk", parent=("golden_party", "crosswalk")) as con:
        learnt(con, night)
        _trust(con, night)
        survive(con, load_survivorship(overlay if overlay and overlay.exists() else None))
        diff(con)
        return night.save(con, *GOLDEN)


def _trust(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    con.execute("CREATE TABLE source_trust (source VARCHAR, trust INTEGER)")
    con.executemany("INSERT INTO source_trust VALUES (?, ?)", [(s.name, s.trust) for s in night.settings.sources])
