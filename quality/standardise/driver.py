"""Working on distinct values only, and remembering them across nights.

Here: the one way a standardiser meets a large table, and the disposable cache behind it. Not here: any standard.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

Compute = Callable[[pl.DataFrame], pl.DataFrame]
Progress = Callable[[int, int], None]
Elsewhere = Callable[[pl.DataFrame, Compute], pl.DataFrame]
"""Has a standardiser compute many distinct rows on other machines; as many rows come back, in order."""
CHUNK = 100_000
FEW = 2_000
"""So few distinct values are computed in the time it takes to read what is remembered of millions."""
_KEY = "key."  # keeps a key column apart from a result column of the same name


class Cache:
    """Standard forms of distinct values, one Parquet file per kind and version; safe to delete at any time.

    Left alone where fewer than `least` distinct values are asked for. What is missing in more than one chunk is
    computed `elsewhere`, if there is such a place.
    """

    def __init__(self, folder: Path, least: int = FEW, elsewhere: Elsewhere | None = None) -> None:
        self.folder, self.least, self.elsewhere = folder, least, elsewhere

    def path(self, kind: str, version: str) -> Path:
        """File of one kind at one version."""
        return self.folder / f"{kind}-{version}.parquet"

    def read(self, kind: str, version: str) -> pl.DataFrame | None:
        """What is remembered; None if there is nothing, or if the file cannot be read (it is then rebuilt)."""
        path = self.path(kind, version)
        try:
            return pl.read_parquet(path, use_statistics=False) if path.exists() else None
        except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException):
            return None

    def write(self, kind: str, version: str, frame: pl.DataFrame) -> None:
        """Replace the file in one step: a reader sees the old one or the new one, never half of it.

        Files of other versions of the kind are removed: nothing reads them again.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=f".{kind}-", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        try:
            frame.write_parquet(temporary)
            temporary.replace(self.path(kind, version))
            for old in self.folder.glob(f"{kind}-*.parquet"):
                if old != self.path(kind, version):
                    old.unlink(missing_ok=True)
        finally:
            temporary.unlink(missing_ok=True)


def remembered(
    frame: pl.DataFrame,
    key: Sequence[str],
    compute: Compute,
    cache: Cache | None,
    kind: str,
    version: str,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """What `compute` gives for each row of `frame` (ALL rows, any columns): its columns only, same height and order.

    `compute` gets a frame of distinct `key` rows and returns one row for each, in order. What it gave earlier is
    taken from `cache`; `version` must change with the code or the declared lists that `compute` uses. `progress` is
    told (done, total) distinct rows that had to be computed.
    """
    keys = frame.select(pl.col(list(key)).name.prefix(_KEY))
    distinct, names = keys.unique(), keys.columns
    cache = cache if cache and distinct.height >= cache.least else None
    known = _known(cache, kind, version, distinct)
    # The sort makes chunks, and so the cache file, the same for any input order.
    missing = distinct if known is None else distinct.join(known, on=names, how="anti", nulls_equal=True)
    missing = missing.sort(names, nulls_last=True)
    if cache and cache.elsewhere and missing.height > CHUNK:
        fresh = [_beside(missing, cache.elsewhere(_plain(missing), compute))]
    else:
        fresh = _computed(missing, compute, progress) if missing.height or known is None else []
    forms = pl.concat([known, *fresh] if known is not None else fresh)
    if cache is not None and fresh:
        cache.write(kind, version, forms.sort(names, nulls_last=True))
    return keys.join(forms, on=names, how="left", nulls_equal=True, maintain_order="left").drop(names)


def _known(cache: Cache | None, kind: str, version: str, distinct: pl.DataFrame) -> pl.DataFrame | None:
    known = cache.read(kind, version) if cache else None
    stale = known is None or any(known.schema.get(name) != dtype for name, dtype in distinct.schema.items())
    return None if stale else known


def _computed(missing: pl.DataFrame, compute: Compute, progress: Progress | None) -> list[pl.DataFrame]:
    parts = []
    for start in range(0, max(missing.height, 1), CHUNK):
        chunk = missing.slice(start, CHUNK)
        parts.append(_beside(chunk, compute(_plain(chunk))))
        if progress:
            progress(start + chunk.height, missing.height)
    return parts


def _plain(keys: pl.DataFrame) -> pl.DataFrame:
    """Keys under their own names."""
    return keys.rename(lambda name: name.removeprefix(_KEY))


def _beside(keys: pl.DataFrame, result: pl.DataFrame) -> pl.DataFrame:
    if result.height != keys.height:
        raise ValueError(f"a standardiser returned {result.height} rows for {keys.height}")
    return pl.concat([keys, result], how="horizontal")
