"""Incremental nights against full ones: the same bank, night by night, computed in both ways.

Here: the two homes, what happens between the nights, the comparison. Not here: the bank (benchmarks/synthetic).
"""
