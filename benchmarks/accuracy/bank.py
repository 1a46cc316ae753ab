"""The synthetic bank as one more labelled set, run as the demo runs it.

Here: making it before the clock starts. Not here: the bank (benchmarks/synthetic), its systems (benchmarks/demo).
"""

import time
from pathlib import Path

from benchmarks.accuracy.measure import Result, judged, tell
from benchmarks.accuracy.sets import LabelledSet, bank_name
from benchmarks.demo.run import DATES, SEED, demo, make_bank
from store.home import Home


def measure_bank(clients: int, home: Path, examples: int | None = None) -> Result:
    """Figures, seconds and failing pairs of a bank with so many clients; making it does not count."""
    bank = make_bank(Home(home).prepare(), clients, DATES, SEED, tell)
    one, started = LabelledSet(bank_name(clients), bank, bank / "registry.yaml"), time.monotonic()
    demo(home, clients, lambda _title: tell)
    return judged(one, Home(home), time.monotonic() - started, examples)
