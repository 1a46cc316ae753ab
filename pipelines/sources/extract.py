"""The connectors, listed, and the one way to read a source.

Here: which module reads which kind. Not here: any format.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

from pipelines.sources import database, delimited, desk, excel, fixed, jsonl, parquet, postgresql, rest, sqlite
from pipelines.sources.base import Connector, Extract, Request
from pipelines.sources.contract import accept
from pipelines.sources.marks import rows_after
from rules.sources import Source

CONNECTORS: tuple[Connector, ...] = (
    delimited.CONNECTOR,
    fixed.CONNECTOR,
    excel.CONNECTOR,
    parquet.CONNECTOR,
    jsonl.CONNECTOR,
    sqlite.CONNECTOR,
    postgresql.CONNECTOR,
    database.CONNECTOR,
    rest.CONNECTOR,
    desk.CONNECTOR,
)


def extract(source: Source, folder: Path, business_date: date, since: str | None = None) -> Extract:
    """Read `source` as text: `row` and every declared column.

    `folder` is the folder of registry.yaml, of `kind: desk` the home; `since` continues a key or watermark read.
    Raises SourceError when it cannot be read, ContractError when columns or types are not as declared.
    """
    request = Request(source, folder, business_date, since)
    connector = next(one for one in CONNECTORS if source.kind in one.kinds)
    read = accept(request, connector.read(request))
    return replace(read, frame=rows_after(source, read.frame, since))
