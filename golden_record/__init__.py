"""Clusters → client numbers → golden record by survivorship, with lineage, changes and invariants.

Here: identity over time, survivorship, what changed, the invariants as SQL. Not here: matching, standardising, files.
"""
