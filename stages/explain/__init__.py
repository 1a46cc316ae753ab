"""Why two records, or two clients, are or are not one client, in a version of the registry.

Here: `explain` and the plain data it returns, for the command line and later a desk and an API. Not here: how a weight
is taken apart (matching/explanation), how an explanation is shown (cli/explain) or drawn (stages/report/waterfall).
"""

from stages.explain.compose import explain
from stages.explain.facts import Explanation, Link, ReviewItem, Side
from stages.explain.hide import without_values

__all__ = ["Explanation", "Link", "ReviewItem", "Side", "explain", "without_values"]
