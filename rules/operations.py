"""The catalogue of operations: what may be asked of the system that keeps a product, and what each asks for.

Here: the typed shape of `operations.yaml`. Not here: asking (stages/operations).
"""

from pathlib import Path

from pydantic import field_validator

from rules.contracts.children import PRODUCTS
from rules.load import DEFAULTS, Declared, Misfit, nearest, parse

FILE = "operations.yaml"


class Operation(Declared):
    """Fields that must be filled, and kinds of document of which one must be cited, not expired."""

    fields: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


class Operations(Declared):
    """The whole file: operations by product and name."""

    products: dict[str, dict[str, Operation]]

    @field_validator("products")
    @classmethod
    def _known(cls, products: dict[str, dict[str, Operation]]) -> dict[str, dict[str, Operation]]:
        for product in products:
            if product not in PRODUCTS:
                raise Misfit(f"'{product}' is no product", nearest(product, PRODUCTS), (product,))
        return products


def load_operations(overlay: Path | None = None) -> Operations:
    """The shipped catalogue, overlaid key by key by the bank's own file."""
    return parse(Operations, DEFAULTS / FILE, overlay)
