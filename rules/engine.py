"""Where a night computes: this machine with DuckDB, or a Spark cluster.

Here: the typed section `spark:` of registry.yaml. Not here: opening a session (store/spark), which steps are spread
(stages/spread).
"""

from typing import Literal

from pydantic import Field, field_validator

from rules.load import Declared, Misfit

Engine = Literal["duckdb", "spark"]
MASTERS = ("spark://", "local[")
"""A standalone cluster, and Spark in one process for trying it out: what the registry is tested with."""


class Spark(Declared):
    """A Spark cluster: its master, into how many shards a step is dealt, the memory of one shard, Spark's own settings.

    `shards` should be a few times the cluster's cores. `settings` are Spark's properties as its manual names them.
    """

    master: str
    shards: int = Field(default=64, ge=1, le=100_000)
    task_memory: str = Field(default="1GB", pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$")
    settings: dict[str, str] = Field(default_factory=dict)

    @field_validator("master")
    @classmethod
    def _is_supported(cls, master: str) -> str:
        if not master.startswith(MASTERS):
            raise Misfit(f"'{master}' is no standalone cluster", "write spark://HOST:7077, the address of its master")
        return master

    @field_validator("settings")
    @classmethod
    def _are_sparks(cls, settings: dict[str, str]) -> dict[str, str]:
        for name in settings:
            if not name.startswith("spark."):
                raise Misfit(f"'{name}' is no property of Spark", "names of properties begin with spark.")
        return settings
