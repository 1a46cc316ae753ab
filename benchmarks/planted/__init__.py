"""Planted cases: a small bank with one client per capability, and the answer each must have.

Here: the bank's files, the cases, running and judging them. Not here: the synthetic bank of many clients (synthetic).
"""
