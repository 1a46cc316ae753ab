"""The graph of whom a client belongs with: relations, owners, household, connected clients.

Here: who stands in it and on what line. Not here: where dots lie (stewardship/graph), which relations hold
(client_view).
"""

from collections.abc import Mapping

from stages.lookup import Row
from stewardship import graph
from stewardship.graph import Picture
from stewardship.labels import Translate, plain


def picture(number: str, name: str, parts: Mapping[str, list[Row]], said: Translate) -> Picture:
    """The client in the middle, the others around him with what they are to him, in the words of `said`."""
    kinds: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for other, known_as, kind in _others(number, parts):
        names.setdefault(other, known_as)
        if kind not in kinds.setdefault(other, []):
            kinds[other].append(kind)
    others = [(other, names[other] or other, ", ".join(map(said, kinds[other]))) for other in sorted(kinds)]
    return graph.star((number, name), others)


def _others(number: str, parts: Mapping[str, list[Row]]) -> list[tuple[str, str, str]]:
    related, grouped = parts.get("associated parties", ()), parts.get("groups", ())
    found = [(row["other_number"], row["display_name"], plain(row["kind"])) for row in related]
    found += [(row["owner_number"], row["display_name"], "owner") for row in parts.get("owners", ())]
    return found + [
        (row["client_number"], row["display_name"], str(row["layer"]))
        for row in grouped if row["client_number"] != number
    ]  # fmt: skip
