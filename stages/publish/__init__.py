"""Publication: every promoted version handed to the declared outputs, in each of the forms they ask for.

Here: one module per form, the tables as an output shows them (tables), which output is due and what became of it
(outputs), who took what (taken). Not here: which version is live (store/versions), what is declared
(rules/publication). Each output is atomic per version, left alone when it has the version already, and read back after
writing; one that fails harms no other and catches up in the next night.
"""

from stages.publish.outputs import failures, point, publish, state

__all__ = ["failures", "point", "publish", "state"]
