"""Rule packs of the client view: declared tables of rules in YAML or Excel, and the settings beside them.

Here: the packs, listed (packs), their typed shape (shape), conditions as SQL (cells), Excel (sheet), settings. Not
here: running rules over clients (client_view).
"""
