"""Random numbers that depend on (seed, table, chunk) alone.

Here: streams and weighted draws. Not here: what is drawn.
"""

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def stream(seed: int, table: str, chunk: int = 0) -> np.random.Generator:
    """The generator of one table of one chunk; the same three values give the same numbers on every machine."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(table.encode()), chunk])))


def weighted(rng: np.random.Generator, shares: Sequence[float], n: int) -> Ints:
    """`n` places of `shares`, each as likely as its share."""
    total = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(total / total[-1], rng.random(n), side="right").astype(np.int64)


def zipf(rng: np.random.Generator, size: int, n: int) -> Ints:
    """`n` ranks below `size`, frequency falling as in Zipf and Mandelbrot's law."""
    return weighted(rng, (1.0 / (np.arange(size) + 2.7) ** 0.95).tolist(), n)


def chance(rng: np.random.Generator, rate: float, n: int) -> Mask:
    """True with probability `rate`."""
    return np.asarray(rng.random(n) < rate)


def scramble(index: Ints, prime: int, step: int) -> Ints:
    """A one-to-one shuffle of 0..prime-1, so that issued keys tell nothing about the order of making."""
    return (index * step) % prime
