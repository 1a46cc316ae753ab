"""A model version: one directory with settings, trained weights, frequencies, placeholders and thresholds.

Here: writing, reading and naming model versions. Not here: training, scoring, which version is promoted (promotions).
A model is never changed; its name ends in the hash of its content, so the same data and seed give the same version.
"""

import json
import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from matching import promotions
from matching.blocking import Rule, parsed
from rules.errors import ModelError
from rules.matching import Firewall
from store import chain
from store.hashing import file_sha256, text_sha256
from store.home import sync_file, sync_folder

ERASURES = "erasures.jsonl"
"""Log beside the models: which files lost the values of an erased subject, with their hashes before and after."""
REPORT = "report.html"
"""A page drawn from the other files of a version; no part of its content, so no drawing library names a model."""
_FILES = ("model.json", "settings.json")
_NEEDED = (
    "blocking", "columns", "comparisons", "match_weight", "review_weight", "relatives", "associated", "costs", "limits",
    "firewall", "refused_rules",
)  # fmt: skip
"""Facts without which a model means something else in this release than in the one that trained it."""
PRIOR = "probability_two_random_records_match"
"""Splink's name for the chance that two random records are one client."""
MICRO = 1_000_000
"""Weights are kept as whole millionths of a bit, so that sums and thresholds never depend on rounding."""


@dataclass(frozen=True)
class Model:
    """One promoted or candidate model version of `person` or `organisation`."""

    folder: Path
    party_type: str
    settings: dict[str, Any]
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        """`person-<first 12 digits of its hash>`."""
        return self.folder.name

    @property
    def chance(self) -> float:
        """Chance that two random records are one client."""
        return float(self.settings[PRIOR])

    @property
    def match_weight(self) -> int:
        """Match threshold in millionths of a bit."""
        return int(self.facts["match_weight"])

    @property
    def review_weight(self) -> int:
        """Review threshold in millionths of a bit."""
        return int(self.facts["review_weight"])

    @property
    def columns(self) -> list[str]:
        """Columns of the match projection that the model reads."""
        return [str(column) for column in self.facts["columns"]]

    @property
    def blocking(self) -> list[Rule]:
        """Blocking rules in their declared order."""
        return [parsed(rule) for rule in self.facts["blocking"]]

    @property
    def refused(self) -> list[Rule]:
        """Rules that training refused, because no pair was left within their cap."""
        return [parsed(rule) for rule in self.facts["refused_rules"]]

    @property
    def narrowed(self) -> list[Rule]:
        """Wide rules that training left out for narrower ones."""
        return [parsed(rule) for rule in self.facts.get("narrowed_rules", ())]

    @property
    def comparisons(self) -> dict[str, list[str]]:
        """Level labels by comparison, in model order."""
        found = self.facts["comparisons"]
        return {name["output_column_name"]: found[name["output_column_name"]] for name in self.settings["comparisons"]}

    @property
    def relatives(self) -> list[dict[str, Any]]:
        """Kinds of relatives a pair is told apart from: name, shares by field, odds."""
        found: list[dict[str, Any]] = self.facts["relatives"]
        return found

    @property
    def firewall(self) -> Firewall:
        """The firewall's settings, frozen with the model: they change with its promotion only."""
        return Firewall.model_validate(self.facts["firewall"])

    @property
    def associated(self) -> list[dict[str, Any]]:
        """Fields that agree together among strangers: `fields`, and how many times as often (`factor`)."""
        found: list[dict[str, Any]] = self.facts["associated"]
        return found

    @property
    def left_over(self) -> dict[str, Any]:
        """What pairs of records gain that duplicate-free sources leave over: `sources`, `weight` (left_over)."""
        found: dict[str, Any] = self.facts.get("left_over", {"sources": [], "weight": 0})
        return found

    @property
    def within(self) -> dict[str, list[str]]:
        """Fields whose values are counted within the groups of another (matching/within); an older model has none."""
        found: dict[str, list[str]] = self.facts.get("within", {})
        return found

    @property
    def adjusted(self) -> set[str]:
        """Comparisons of which some level is adjusted by term frequency."""
        return {
            declared["output_column_name"]
            for declared in self.settings["comparisons"]
            if any(level.get("tf_adjustment_column") for level in declared["comparison_levels"])
        }

    @property
    def parts(self) -> dict[str, str]:
        """SQL of each comparison's weight in bits over Splink's predictions, its frequency adjustment included."""
        adjusted = self.adjusted
        return {name: f"mw_{name}" + (f" + mw_tf_adj_{name}" if name in adjusted else "") for name in self.comparisons}

    def exact_weight(self, field: str) -> float:
        """Bits of the level of a comparison that its own term frequency adjusts, before the adjustment."""
        declared = next(c for c in self.settings["comparisons"] if c["output_column_name"] == field)
        level = next(level for level in declared["comparison_levels"] if level.get("tf_adjustment_column") == field)
        return math.log2(level["m_probability"] / level["u_probability"])

    def frequencies(self) -> dict[str, Path]:
        """Term-frequency table by column."""
        return {path.stem.removeprefix("tf_"): path for path in sorted(self.folder.glob("tf_*.parquet"))}


def store(staged: Path, models: Path, party_type: str) -> Path:
    """Give a staged model directory its name, move it among the models and return the folder."""
    target = models / f"{party_type}-{_digest(staged)}"
    if target.exists():
        shutil.rmtree(staged)
        return target
    for file in staged.iterdir():
        sync_file(file)
    sync_folder(staged)
    staged.replace(target)
    sync_folder(models)
    return target


def _digest(folder: Path) -> str:
    """First 12 digits of the hash of a model's files as they were trained, which end its name."""
    files = sorted(path for path in folder.iterdir() if path.name != REPORT)
    trained = {(line["model"], line["file"], line["now"]): line["was"] for line in chain.read(folder.parent / ERASURES)}
    shas = {path.name: file_sha256(path) for path in files}
    while any((folder.name, name, sha) in trained for name, sha in shas.items()):
        shas = {name: trained.get((folder.name, name, sha), sha) for name, sha in shas.items()}
    return text_sha256(json.dumps(shas))[:12]


def forget_values(models: Path, values: pl.Series) -> int:
    """Take rows about `values` out of every model's frequencies; the log beside them says what each file was before.

    A model keeps its name: no record that is left has one of the values, so no weight is another.
    """
    changed = 0
    for path in sorted(path for kind in ("tf_*", "within_*", "name_role") for path in models.glob(f"*/{kind}.parquet")):
        rows = pl.read_parquet(path)
        about = [name for name, kind in rows.schema.items() if kind == pl.String][-1]
        kept = rows.filter(~pl.col(about).is_in(values.implode()))
        if kept.height < rows.height:
            changed += 1
            staged = path.with_suffix(".tmp")
            kept.write_parquet(staged)
            facts = {"model": path.parent.name, "file": path.name, "was": file_sha256(path)}
            chain.append(models / ERASURES, facts | {"now": file_sha256(staged)})
            sync_file(staged)
            staged.replace(path)
    return changed


def load(models: Path, party_type: str, name: str) -> Model:
    """The model version `name`, or the one an alias such as `bootstrap` was promoted to."""
    folder = models / promotions.aliases(models, party_type).get(name, name)
    if not all((folder / file).exists() for file in _FILES):
        raise ModelError(f"model {name} for {party_type}", "does not exist in this home", "run `registry train` first")
    if not folder.name.endswith(_digest(folder)):
        raise ModelError(f"model {name} for {party_type}", "was changed after training", "restore it, or train again")
    facts, settings = (json.loads((folder / file).read_text(encoding="utf-8")) for file in _FILES)
    if facts.get("party_type", party_type) != party_type:
        raise ModelError(f"model {name}", f"is for {facts['party_type']}, not {party_type}", "correct registry.yaml")
    lacking = [fact for fact in _NEEDED if fact not in facts]
    if lacking:
        problem = f"was trained by another release (no {', '.join(lacking)})"
        raise ModelError(f"model {folder.name}", problem, "run `registry train`")
    return Model(folder, party_type, settings, facts)


def load_promoted(models: Path, party_type: str, name: str) -> Model:
    """The model that a night may use: an alias, or a version that some alias stands or stood for."""
    found = load(models, party_type, name)
    if found.name not in promotions.promoted(models, party_type):
        raise ModelError(f"model {name} for {party_type}", "was never promoted", "see `registry models propose`")
    return found


def versions(models: Path) -> list[tuple[str, str]]:
    """Party type and name of every version of a home, in the order of their names."""
    folders = sorted(path.name for path in models.glob("*-*") if (path / _FILES[0]).exists())
    return [(name.rsplit("-", 1)[0], name) for name in folders]
