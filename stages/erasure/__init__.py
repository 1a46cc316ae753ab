"""Erasing a data subject from everything that a home keeps.

Here: what a row becomes (tombstones), files that change (rewrite), copies that go (leftovers). Not here: the order, the
log, who may (stages/erase).
"""
