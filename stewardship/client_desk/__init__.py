"""The client desk: an employee identifies a client, sees him and serves him.

Here: gathering for its pages, from the live version's tables. Not here: the pages (stewardship/pages), how a table is
computed (client_view), deciding which records are one client (the modules beside this folder).
"""
