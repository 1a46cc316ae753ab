"""The API for other systems: look-ups in the live version under /api/v1.

Here: routes and the shapes they answer with. Not here: queries (stages/lookup, stewardship/clients).
"""
