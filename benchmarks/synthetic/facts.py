"""The small fact tables that ship with the package: names, places, confusions.

Here: reading them, once. Not here: composing names of them (names.py). Their origin is named in NOTICE.
"""

from functools import cache
from pathlib import Path

import polars as pl

DATA = Path(__file__).parent / "data"


@cache
def table(name: str) -> pl.DataFrame:
    """The fact table `name` (all columns text; an empty cell is an empty text)."""
    return pl.read_csv(DATA / f"{name}.csv", infer_schema=False).fill_null("")


def column(name: str, field: str, **where: str) -> list[str]:
    """The values of `field` in the rows of table `name` that have the given values, in file order."""
    return table(name).filter(**where).get_column(field).to_list()
