"""Excel workbooks, read by fastexcel (calamine), every cell as text.

Here: sheets, decompression bombs, date cells. Not here: types and names (contract.py).
"""

import zipfile
from pathlib import Path

import fastexcel
import polars as pl

from pipelines.sources.base import Connector, Raw, Request, numbered
from pipelines.sources.contract import check_header
from pipelines.sources.files import file_error, read_files
from pipelines.sources.workbook import BadWorkbook, check_extent
from rules.errors import ContractError

_RATIO = 100
_DATE_CELL = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?$"
"""How fastexcel writes a true date cell; a date typed as text keeps its own form."""


def read(request: Request) -> Raw:
    """All files of an excel source; blank rows are left out."""
    return read_files(request, _read_one)


def _read_one(request: Request, path: Path) -> Raw:
    refuse_bomb(request, path)
    try:
        check_extent(path)
    except BadWorkbook as refused:
        raise file_error(request, path, str(refused), "deliver an ordinary workbook") from None
    try:
        book = fastexcel.read_excel(path)
        sheet = request.source.read.sheet or book.sheet_names[0]
        if sheet not in book.sheet_names:
            raise file_error(request, path, f"no sheet '{sheet}'", "set read.sheet to a sheet of the workbook")
        cells = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        problem = f"not a whole workbook ({type(error).__name__})"
        raise file_error(request, path, problem, "ask for the delivery again") from None
    return numbered(_dated(request, _headed(request, path, cells)))


def _headed(request: Request, path: Path, cells: pl.DataFrame) -> pl.DataFrame:
    """The first row names the columns; columns and rows without anything are left out."""
    if cells.is_empty():
        raise file_error(request, path, "the sheet is empty", "deliver it with a header row")
    names = [str(name).strip() if name is not None else "" for name in cells.row(0)]
    body = cells.slice(1)
    check_header(request, f"{request.place}, file {path.name}", [name for name in names if name])
    for place, name in enumerate(names):
        if name == "" and body.to_series(place).null_count() < body.height:
            raise ContractError(f"{request.place}, file {path.name}", f"column {place + 1} has no name", "name it")
    kept = [body.to_series(place).alias(name) for place, name in enumerate(names) if name]
    frame = pl.DataFrame(kept)
    return frame.filter(pl.any_horizontal(pl.all().is_not_null())) if kept else frame


def _dated(request: Request, frame: pl.DataFrame) -> pl.DataFrame:
    """True date cells of a date column in its first declared format."""
    changed = []
    for name, declared in request.source.contract.columns.items():
        if declared.date and name in frame.columns:
            cell, form = pl.col(name), declared.date.formats[0]
            moment = (
                cell.str.slice(0, 19).str.replace("T", " ").str.strptime(pl.Datetime, "%Y-%m-%d %H:%M:%S", strict=False)
            )
            changed.append(
                pl.when(cell.str.contains(_DATE_CELL)).then(moment.dt.strftime(form)).otherwise(cell).alias(name)
            )
    return frame.with_columns(changed)


def refuse_bomb(request: Request, path: Path) -> None:
    """Refuse a workbook that unpacks to more than a hundred times its size, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        if path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb"):
            raise file_error(request, path, "not a whole workbook", "ask for the delivery again") from None
        return
    packed, unpacked = path.stat().st_size, sum(part.file_size for part in parts)
    worst = max((part.file_size / max(part.compress_size, 1) for part in parts if part.file_size > 1 << 20), default=0)
    if unpacked > _RATIO * packed or worst > _RATIO:
        raise file_error(request, path, f"unpacks to more than {_RATIO} times its size", "deliver an ordinary workbook")


CONNECTOR = Connector(("excel",), read)
