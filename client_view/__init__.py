"""The client view: golden records and child rows → what belongs to each client, how risky it is, what is due.

Here: one module per question, each a few SQL steps over tables. Not here: golden records, matching, the rules
themselves (rules/defaults/view).
"""
