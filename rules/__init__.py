"""What the bank declares, and the typed loaders for it.

Here: table contracts, source descriptions, settings, matching settings, survivorship, reference lists and the
error tree. Not here: anything that reads a client record.
"""
