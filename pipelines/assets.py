"""The assets of a night, in the order of the data. Each calls one stage and reports what it wrote.

Here: names, dependencies, descriptions. Not here: any work (stages) or how a step is run (pipelines/steps).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    DailyPartitionsDefinition,
    FreshnessPolicy,
    MaterializeResult,
    RetryPolicy,
    asset,
)

from pipelines import lineage
from pipelines.context import Place, current
from pipelines.ingest import land
from pipelines.steps import announce, guarded, run_step
from rules.sources import Source
from stages.finish import complete, finish
from stages.standardise import standardise
from stages.start import begin, done
from stages.steps import COMMON, Work

OWNERS = ["team:customer-registry"]
FRESH = FreshnessPolicy.time_window(fail_window=timedelta(hours=50), warn_window=timedelta(hours=26))
"""A night missed is a warning after 26 hours, a failure when the second one is missed too."""
RETRY = RetryPolicy(max_retries=2, delay=20)
FULL = "registry/full"
"""Run tag: compute even if the live version already is the result of this date."""
Result = MaterializeResult[Any]
Shared = Mapping[str, Any]


def day(context: AssetExecutionContext) -> date:
    """Business date of the run."""
    return date.fromisoformat(context.partition_key)


def build(place: Place, partitions: DailyPartitionsDefinition) -> list[AssetsDefinition]:
    """All assets of the registry that `place` names."""
    shared: Shared = {"partitions_def": partitions, "owners": OWNERS, "freshness_policy": FRESH}
    raw = [_raw_asset(source, shared) for source in place.settings.delivered]
    std = [_std_asset(source, shared) for source in place.settings.sources]
    return [_business_day(shared), *raw, *std, *_common_assets(place, shared)]


def _declared(shared: Shared, **own: Any) -> Callable[[Callable[..., Any]], AssetsDefinition]:
    """`@asset` with what all assets share."""
    declare: Callable[..., Any] = asset
    decorator: Callable[[Callable[..., Any]], AssetsDefinition] = declare(**own, **shared)
    return decorator


def _business_day(shared: Shared) -> AssetsDefinition:
    @_declared(shared, name="business_day", group_name="start", output_required=False)
    def business_day(context: AssetExecutionContext) -> Iterator[Result]:
        """The business date to compute: takes the home, clears leftovers; yields nothing when it is done already."""
        night, full = current().night(day(context)), context.run.tags.get(FULL) == "true"
        plan = guarded("business_day", lambda: begin(night, full))
        made = None if full else guarded("business_day", lambda: done(night))
        if made is None:
            announce(str(plan))
            yield run_step(night, "business_day", lambda: {})
        else:
            guarded("business_day", lambda: complete(night, made))

    return business_day


def _raw_asset(source: Source, shared: Shared) -> AssetsDefinition:
    owner = {"registry/owner": source.owner} if source.owner else {}

    @_declared(
        shared, name=f"raw_{source.name}", group_name="sources", deps=["business_day"], retry_policy=RETRY,
        kinds={source.kind}, tags=_tags(owner),
        description=f"Immutable snapshot of source {source.name} ({source.kind}), values as text.",
    )  # fmt: skip
    def raw(context: AssetExecutionContext) -> Result:
        place = current()
        return run_step(place.night(day(context)), f"raw_{source.name}", lambda: land(place, source, day(context)))

    return raw


def _std_asset(source: Source, shared: Shared) -> AssetsDefinition:
    @_declared(
        shared, name=f"std_{source.name}", group_name="standardise", deps=[f"raw_{source.name}"],
        description=f"Standard forms of source {source.name}: names, identifiers, addresses, contacts, scalars.",
    )  # fmt: skip
    def std(context: AssetExecutionContext) -> Result:
        night = current().night(day(context))
        return run_step(night, f"std_{source.name}", lambda: standardise(night, source), lineage.standard(source))

    return std


def _tags(owner: Mapping[str, str]) -> dict[str, str]:
    return {key: "".join(ch if ch.isalnum() else "-" for ch in value)[:60] for key, value in owner.items()}


def _common_assets(place: Place, shared: Shared) -> list[AssetsDefinition]:
    standard = [f"std_{source.name}" for source in place.settings.sources]
    delivered = [f"raw_{source.name}" for source in place.settings.delivered]
    shown: dict[str, tuple[str, list[str], str]] = {
        "children": ("standardise", delivered, "Products, consents, relations and all else that hangs on records."),
        "match_input": ("matching", standard, "Narrow projection that matching reads, without placeholders."),
        "pairs_person": ("matching", ["match_input"], "Scored pairs of persons."),
        "pairs_organisation": ("matching", ["match_input"], "Scored pairs of organisations, institutions and banks."),
        "clusters": ("matching", ["pairs_person", "pairs_organisation"],
                     "Clusters under constraints, and what a steward should review."),
        "crosswalk": ("golden", ["clusters"], "Client number of every record, and the ledger."),
        "golden_record": ("golden", ["crosswalk"], "Golden records by survivorship, with lineage and history."),
        "client_view": ("view", ["golden_record", "children"],
                        "Everything under its client, relations and groups, and what the rule packs say of each."),
        "scorecard": ("golden", ["client_view"],
                      "Figures, quality scores and issues of the night, beside those of the nights before."),
        "certified": ("golden", ["scorecard"],
                      "A sample of an incremental night computed again from the raw rows; a difference stops it."),
        "live_version": ("publish", ["certified"],
                         "The promoted version, its snapshot for downstream systems, and the night's report."),
    }  # fmt: skip
    return [_step_asset(shared, name, *shown[name], work) for name, work in (*COMMON, ("live_version", finish))]


def _step_asset(
    shared: Shared, name: str, group: str, deps: list[str], description: str, work: Work
) -> AssetsDefinition:
    @_declared(shared, name=name, group_name=group, deps=[AssetKey(dep) for dep in deps], description=description)
    def step(context: AssetExecutionContext) -> Result:
        night = current().night(day(context))
        columns = lineage.golden(current()) if name == "golden_record" else None
        return run_step(night, name, lambda: work(night), columns)

    return step
