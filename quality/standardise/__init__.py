"""Standard forms of single values, one module per kind; each works on distinct values.

Here: names, organisations, identifiers, dates, phones, e-mails, addresses, codes. Not here: which field is which.
"""
