"""Making one value right, and saying whether rows are right.

Here: mapping to canonical fields, standard forms, checks, scorecards. Not here: matching, survivorship, files.
"""
