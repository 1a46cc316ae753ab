"""How long a night takes and how much memory it needs, stage by stage, against bare Splink on the same records.

Here: the command, the nights, the meter. Not here: equality of nights (benchmarks/equivalence), accuracy.
"""
