"""Working on distinct values only, and remembering them across nights.

Here: the one way a standardiser meets a large table, and the disposable cache behind it. Not here: any standard.
"""

import os
import tempfile
import time
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


PARTS = 16
"""So many files of one kind are put together into one."""


class Cache:
    """Standard forms of distinct values, a few Parquet files per kind and version; safe to delete at any time.

    They may be larger than memory: only the values that are asked for are read, and what is new is added in a file of
    its own. Left alone where fewer than `least` distinct values are asked for. What is missing in more than one chunk
    is computed `elsewhere`, if there is such a place.
    """

    def __init__(self, folder: Path, least: int = FEW, elsewhere: Elsewhere | None = None) -> None:
        self.folder, self.least, self.elsewhere = folder, least, elsewhere

    def path(self, kind: str, version: str) -> Path:
        """First file of one kind at one version."""
        return self.folder / f"{kind}-{version}.parquet"

    def files(self, kind: str, version: str) -> list[Path]:
        """All its files."""
        return sorted(self.folder.glob(f"{kind}-{version}.*parquet"))

    def read(self, kind: str, version: str, wanted: pl.DataFrame) -> pl.DataFrame | None:
        """What is remembered of the `wanted` keys; None if a file cannot be read, or there is none (begin anew then).

        Two processes may have added the same value.
        """
        files, names = self.files(kind, version), wanted.columns
        try:
            known = pl.scan_parquet(files, glob=False, use_statistics=False) if files else None
            if known is None or any(known.collect_schema().get(name) != dtype for name, dtype in wanted.schema.items()):
                return None
            asked = known.join(wanted.lazy(), on=names, how="semi", nulls_equal=True)
            return asked.collect(engine="streaming").unique(names, keep="any")
        except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException):
            return None

    def begin(self, kind: str, version: str, frame: pl.DataFrame) -> None:
        """Remember this and nothing else; files of other versions of the kind are removed: nothing reads them again."""
        self._write(self.path(kind, version), frame.lazy())
        for old in self.folder.glob(f"{kind}-*.parquet"):
            if old != self.path(kind, version):
                old.unlink(missing_ok=True)

    def add(self, kind: str, version: str, frame: pl.DataFrame) -> None:
        """Remember this too."""
        files = self.files(kind, version)
        self._write(self.folder / f"{kind}-{version}.{time.time_ns()}.parquet", frame.lazy())
        if len(files) >= PARTS:
            whole = self.path(kind, version)
            self._write(whole, pl.scan_parquet(files, glob=False))
            for old in files:
                if old != whole:
                    old.unlink(missing_ok=True)

    def _write(self, path: Path, frame: pl.LazyFrame) -> None:
        """Replace the file in one step: a reader sees the old one or the new one, never half of it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=f".{path.stem}-", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        try:
            frame.sink_parquet(temporary)
            temporary.replace(path)
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
    known = cache.read(kind, version, distinct) if cache else None
    # The sort makes chunks, and so the cache's files, the same for any input order.
    missing = distinct if known is None else distinct.join(known, on=names, how="anti", nulls_equal=True)
    missing = missing.sort(names, nulls_last=True)
    if cache and cache.elsewhere and missing.height > CHUNK:
        fresh = [_beside(missing, cache.elsewhere(_plain(missing), compute))]
    else:
        fresh = _computed(missing, compute, progress) if missing.height or known is None else []
    forms = pl.concat([known, *fresh] if known is not None else fresh)
    if cache and fresh:
        (cache.begin if known is None else cache.add)(kind, version, pl.concat(fresh))
    return keys.join(forms, on=names, how="left", nulls_equal=True, maintain_order="left").drop(names)


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
