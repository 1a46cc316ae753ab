"""A plain Excel workbook of text cells, written column-wise (a cell-wise writer takes half of the bank's time).

Here: the smallest valid Office Open XML package (ECMA-376), its bytes a function of the rows alone. Not here: which
rows (bank.py).
"""

import zipfile
from pathlib import Path

import polars as pl

ROWS = 1_000_000
"""Rows of one file; a sheet ends at 1,048,576."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def write_excel(path: Path, frame: pl.DataFrame, sheet: str) -> None:
    """Write the text columns of `frame` with a header row; rows beyond ROWS go to `<name>_2.xlsx` and so on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for part in range(0, max(frame.height, 1), ROWS):
        name = path if part == 0 else path.with_stem(f"{path.stem}_{part // ROWS + 1}")
        _write(name, frame.slice(part, ROWS), sheet)


def _write(path: Path, frame: pl.DataFrame, sheet: str) -> None:
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/>'
    parts = {**_PARTS, "xl/workbook.xml": f"{book}</sheets></workbook>", "xl/worksheets/sheet1.xml": _sheet(frame)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name), _HEAD + text, zipfile.ZIP_DEFLATED)


def _sheet(frame: pl.DataFrame) -> str:
    header = pl.DataFrame({name: [name] for name in frame.columns})
    rows = pl.concat([header, frame]).with_row_index("number", offset=1)
    cells = [_cell(name, chr(ord("A") + place)) for place, name in enumerate(frame.columns)]
    number = pl.col("number").cast(pl.String)
    line = pl.concat_str(pl.lit('<row r="'), number, pl.lit('">'), *cells, pl.lit("</row>"))
    body = rows.select(line.str.join("")).item()
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'


def _cell(column: str, letter: str) -> pl.Expr:
    text = pl.col(column)
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.str.replace_all(mark, entity, literal=True)
    place = pl.lit(f'<c r="{letter}') + pl.col("number").cast(pl.String)
    filled = pl.concat_str(place, pl.lit('" t="inlineStr"><is><t xml:space="preserve">'), text, pl.lit("</t></is></c>"))
    return filled.fill_null("")
