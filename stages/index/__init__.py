"""The index of a version: its tables once more, in the order in which they are looked up, in files that are mapped.

Here: writing it (build), looking up in it (read). Not here: searching before create (stages/search), who asks
(stewardship). It is derived: `cache/index/` may be deleted at any time, is removed by an erasure, and is made again.
"""
