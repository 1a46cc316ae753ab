"""Connected components of a graph held in arrays.

Here: components alone, for every room that joins rows. Not here: which edges count.
"""

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def components(count: int, edges: pl.DataFrame) -> np.ndarray:
    """Component of each of `count` nodes along `edges` (a, b), named by its least node."""
    ends = edges["a"].to_numpy(), edges["b"].to_numpy()
    graph = coo_matrix((np.ones(len(edges), dtype=np.int8), ends), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    named: np.ndarray = first[inverse]
    return named
