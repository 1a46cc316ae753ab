"""Source connectors: one module per format or technology, all listed in extract.CONNECTORS.

Here: reading a source as declared, holding it to its contract, the day's snapshot. Not here: mapping to canonical
fields (quality.mapping) and storing snapshots (store).
"""
