"""Labelled sets of a folder and their case files.

Here: which sets there are and how each is read. Not here: running them. A set is a folder with `truth.parquet`; its
case is `<name of the folder>.yaml`, a registry.yaml like any user's.
"""

from dataclasses import dataclass
from pathlib import Path

from rules.errors import ConfigError
from rules.load import nearest

CASES = Path(__file__).parent.parent / "cases"
TRUTH = "truth.parquet"


@dataclass(frozen=True)
class LabelledSet:
    """A folder of records with truth, and the registry.yaml that reads it."""

    name: str
    folder: Path
    case: Path

    @property
    def truth(self) -> Path:
        """source, record_id, entity_id of every record."""
        return self.folder / TRUTH


def bank_name(clients: int) -> str:
    """What the synthetic bank of so many clients is called among the sets."""
    return f"synthetic_{clients}"


def find_sets(data: Path, cases: Path = CASES, only: str | None = None) -> tuple[list[LabelledSet], list[str]]:
    """The sets under `data` that have a case file, by name, and the names of those that have none.

    With `only` just that one; ConfigError where nothing is left to run.
    """
    folders = {path.parent.name: path.parent for path in sorted(data.rglob(TRUTH))}
    if only is not None:
        folders = {name: folder for name, folder in folders.items() if name == only} or _unknown(only, data, folders)
    found = [LabelledSet(name, folders[name], cases / f"{name}.yaml") for name in sorted(folders)]
    runnable = [one for one in found if one.case.exists()]
    if not runnable:
        raise ConfigError(str(data), f"no folder with {TRUTH} has a case file in {cases}", "see benchmarks/cases")
    return runnable, [one.name for one in found if not one.case.exists()]


def _unknown(only: str, data: Path, folders: dict[str, Path]) -> dict[str, Path]:
    raise ConfigError(str(data), f"no set '{only}'", nearest(only, list(folders), f"a set is a folder with {TRUTH}"))
