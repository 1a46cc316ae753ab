"""Pages for people: a router each.

Here: what is asked and which template answers. Not here: gathering (the modules beside this folder).
"""
