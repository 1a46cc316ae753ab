"""The synthetic bank as files: every source's extract of every business date, and the truth.

Here: `generate`. Not here: how anything is made (chunk.py) or served (serve.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.synthetic import children, chunk, pictures
from benchmarks.synthetic.faults import with_faults
from benchmarks.synthetic.writers import Files


@dataclass(frozen=True)
class Bank:
    """What was written, and where."""

    folder: Path
    dates: tuple[date, ...]
    clients: int
    records: int

    @property
    def truth(self) -> Path:
        """source, record_id, entity_id."""
        return self.folder / "truth.parquet"

    @property
    def mutations(self) -> Path:
        """entity_id, source, record_id, field, kind: how the last night's records differ from the truth."""
        return self.folder / "mutations.parquet"

    def tables(self, when: date) -> Path:
        """The folder of that date's Parquets for the database and the REST source."""
        return self.folder / "tables" / when.isoformat()


def generate(folder: Path, clients: int, seed: int, dates: Sequence[date]) -> Bank:
    """Write the bank of `clients` parties on each of the (ascending) `dates` under `folder`.

    Files lie in `files/<source>_<date>.<ending>`, database and REST tables in `tables/<date>/`, pictures of the dossier
    in `archive/`. The same arguments give the same bytes. Raises ValueError for dates that do not ascend or no clients.
    """
    if clients < 1 or not dates or list(dates) != sorted(set(dates)):
        raise ValueError("generate: expects at least one client and ascending dates")
    records = 0
    with Files(folder) as files:
        for number, start in enumerate(range(0, clients, chunk.SIZE)):
            part = chunk.make(seed, number, min(chunk.SIZE, clients - start), dates)
            records += _write(files, part)
    return Bank(folder, tuple(dates), clients, records)


def _write(files: Files, part: chunk.Chunk) -> int:
    truth = chunk.truth(part)
    files.append("truth.parquet", truth)
    size = sum(side.parties.height for side in part.sides)
    for night, when in enumerate(part.nights):
        for source, rows, log in chunk.extracts(part, night):
            whole = with_faults(rows, source.name, source.key, size)
            files.append(source.extract.format(date=when.isoformat()), whole)
            if night == len(part.nights) - 1:
                files.append("mutations.parquet", log)
        for name, table in children.tables(part, night):
            if "serial" in table.columns:
                for path, picture in pictures.archived(table):
                    files.write(path, picture)
                table = table.drop("serial")
            files.append(name.format(date=when.isoformat()), table)
    return truth.height
