"""Where tables live and how a version becomes live.

Here: the home's folders, content-addressed files, manifests, the pointer, the key map, locks, the safe DuckDB
connection. Not here: matching, survivorship or anything that knows what a client is.
"""
