"""The desk: where people see clients and decide what the matching cannot, and the API that answers other systems.

Here: the web alone, FastAPI over the tables of the live version. It reads versions, appends to the decision log, and
keeps its own users, sessions, claims and audit trail. Not here: what a decision needs (stages/decide), what it does to
a night (stages/decisions), look-ups (stages/lookup). Nothing here changes a version.
"""
