"""Standardised records → candidate pairs → scored edges → clusters under constraints.

Here: the match projection, models and their training, scoring, clustering, evaluation. Not here: client numbers,
golden values, or anything that reads a raw record.
"""
