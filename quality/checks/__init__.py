"""Saying whether tables are right: violations counted in DuckDB, judged by Great Expectations.

Here: rules derived from the contracts, rules across tables, bounds of a raw snapshot, the verdict. Not here: making
a value right (`quality/standardise`), or what happens after a failed check (`pipelines`).
"""
