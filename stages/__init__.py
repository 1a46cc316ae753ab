"""A night as pure steps, table in, table out: which step reads and writes which table.

Here: composition of the rooms below, shared by the nightly job, the command line and the desks. Not here: Dagster,
the web, or any rule of matching, survivorship or standardisation.
"""
