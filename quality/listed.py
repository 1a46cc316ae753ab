"""Names of watch lists in the forms that clients' names have, so that the two can be compared.

Here: the keys of `std_listed`. Not here: reading a list (children), comparing it with clients (client_view/screening).
"""

import polars as pl

from quality.standardise.names import standardise_names

KEYS = ("ascii", "given_key", "family_key", "org_key")
_RAW = ("full", "given", "middle", "patronymic", "family", "suffix", "title", "order", "script", "party_type")


def with_name_keys(listed: pl.DataFrame) -> pl.DataFrame:
    """`listed` (name, party_type) with KEYS; a name of unknown kind is read as a person's."""
    distinct = listed.select("name", "party_type").unique(maintain_order=True)
    given = {"full": pl.col("name"), "party_type": pl.col("party_type")}
    raw = distinct.select(given.get(name, pl.lit(None, pl.String)).alias(name) for name in _RAW)
    keys = pl.concat([distinct, standardise_names(raw).select(KEYS)], how="horizontal")
    return listed.join(keys, on=["name", "party_type"], how="left", nulls_equal=True, maintain_order="left")
