"""Files that grow chunk by chunk: CSV, JSON lines, Parquet, Excel, in bytes that depend on the rows alone.

Here: formats. Not here: what is written where (bank.py).
"""

from pathlib import Path
from types import TracebackType
from typing import IO, Self

import polars as pl
import pyarrow.parquet as pq

from benchmarks.synthetic.excel import write_excel


class Files:
    """Open files by path; `append` opens on first use. Use as a context manager: leaving it closes them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._text: dict[str, IO[bytes]] = {}
        self._parquet: dict[str, pq.ParquetWriter] = {}
        self._excel: dict[str, list[pl.DataFrame]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._text.values():
            stream.close()
        for writer in self._parquet.values():
            writer.close()
        if error is None:
            for name, frames in self._excel.items():
                write_excel(self.folder / name, pl.concat(frames), "Leads")

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Add rows to the file `name` under the folder; its ending says the format."""
        kind = name.rsplit(".", 1)[-1]
        if kind == "xlsx":
            self._excel.setdefault(name, []).append(frame)
        elif kind == "parquet":
            self._append_parquet(name, frame)
        elif kind == "csv":
            first = name not in self._text
            self._append_text(name, frame.write_csv(separator=";", include_header=first))
        else:
            self._append_text(name, frame.write_ndjson())

    def write(self, name: str, data: bytes) -> None:
        """Write a whole file."""
        self._fresh(name).write_bytes(data)

    def _append_text(self, name: str, text: str) -> None:
        if name not in self._text:
            self._text[name] = self._fresh(name).open("wb")
        self._text[name].write(text.encode())

    def _append_parquet(self, name: str, frame: pl.DataFrame) -> None:
        rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if name not in self._parquet:
            self._parquet[name] = pq.ParquetWriter(self._fresh(name), rows.schema, compression="zstd")
        self._parquet[name].write_table(rows)

    def _fresh(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
