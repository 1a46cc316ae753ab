"""Dagster: source connectors, assets, checks, the nightly job, its schedule.

Here: thin assets that call one stage and report metadata. Not here: any computing (stages and below).
"""
