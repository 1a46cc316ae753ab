"""Holding a read against its contract, and turning it into clean text.

Here: column names and types, text forms, hidden characters. Not here: rows (snapshot.py), what values mean (quality).
"""

import difflib
from collections import Counter
from collections.abc import Mapping

import polars as pl

from pipelines.sources.base import Extract, Raw, Request
from rules.errors import ContractError
from rules.sources import ColumnType

TEXT_KINDS = ("csv", "tsv", "fixed", "excel")
SELF_CHECKED = ("sqlite", "postgresql")
"""Their connectors check types before the database writes everything as text."""
ORDERED_KINDS = ("csv", "tsv", "excel")
HIDDEN = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u{80}-\u{9f}\u{61c}"
    r"\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{feff}]"
)
"""Control and direction characters: never part of a value, and used to disguise one."""
_ENOUGH = 10
_CLOSE = 0.75
MOST_COLUMNS = 5_000
_WHOLE = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.Decimal)
_FITS: dict[str, tuple[type[pl.DataType], ...]] = {
    "text": (pl.String, pl.Categorical, pl.Enum),
    "integer": _WHOLE,
    "decimal": (*_WHOLE, pl.Float32, pl.Float64),
    "bool": (pl.Boolean,),
    "date": (pl.Date, pl.Datetime, pl.String),
    "datetime": (pl.Datetime, pl.Date, pl.String),
    "list": (pl.List,),
}


def accept(request: Request, raw: Raw) -> Extract:
    """Check names and types, then give every declared column as clean text; '' becomes null."""
    if raw.frame.is_empty() and set(raw.frame.columns) <= {"row"}:
        return Extract(_nothing(request), raw.bad_rows, 0)
    check_names(request, [name for name in raw.frame.columns if name != "row"])
    if request.source.kind not in (*TEXT_KINDS, *SELF_CHECKED):
        check_types(request, raw.frame.schema)
    columns = request.source.contract.columns
    frame = raw.frame.select("row", *(_as_text(raw.frame.schema[name], name, kind) for name, kind in columns.items()))
    frame, cleaned = _clean(frame)
    if request.source.kind in TEXT_KINDS:
        check_forms(request, frame)
    return Extract(frame, raw.bad_rows, cleaned)


def _nothing(request: Request) -> pl.DataFrame:
    """No rows, declared columns: formats without a header say nothing about columns when they hold no row."""
    kinds = {"list": pl.List(pl.String)}
    columns = request.source.contract.columns
    return pl.DataFrame(schema={"row": pl.Int64, **{n: kinds.get(c.kind, pl.String()) for n, c in columns.items()}})


def check_names(request: Request, found: list[str]) -> None:
    """Every declared column is there and no other; ContractError names the first that is not."""
    contract = request.source.contract
    known, there = {*contract.columns, *contract.ignore}, set(found)
    missing = [name for name in contract.columns if name not in there]
    new = [name for name in found if name not in known]
    if missing:
        raise _missing(request, missing, new, found)
    if new:
        raise _broken(request, f"column '{new[0]}' is new", "declare it under contract.columns or contract.ignore")
    _check_order(request, [name for name in found if name in contract.columns])


def _missing(request: Request, missing: list[str], new: list[str], found: list[str]) -> ContractError:
    shown = new if is_header(request, found) else [name for name in new[:MOST_COLUMNS] if _is_close(request, name)]
    if not shown and not is_header(request, found):
        return _broken(request, *no_header(request))
    near = difflib.get_close_matches(missing[0], shown, n=1, cutoff=0.4)
    near = near or (shown if len(new) == len(missing) else [])
    hint = f"was it renamed to '{near[0]}'? Then" if near else "if it is gone for good"
    return _broken(request, f"column '{missing[0]}' is missing", f"{hint} change the contract and the map")


def check_header(request: Request, place: str, names: list[str]) -> None:
    """A header has at most 5,000 columns and each name once; ContractError at `place`, naming the one that is not."""
    if len(names) > MOST_COLUMNS:
        raise ContractError(place, f"{len(names)} columns, at most {MOST_COLUMNS} are read", "check the delivery")
    if len(set(names)) == len(names):
        return
    twice = next(name for name, times in Counter(names).items() if times > 1)
    if not is_header(request, names) and not _is_close(request, twice):
        raise ContractError(place, *no_header(request))
    raise ContractError(place, f"column '{twice}' stands twice in the header", "rename one")


def is_header(request: Request, found: list[str]) -> bool:
    """Whether `found` are names: at least half of the declared columns are among them.

    The first line of a file without header holds a client's values, which no message may quote.
    """
    declared = set(request.source.contract.columns)
    return 2 * len(declared & set(found)) >= len(declared)


def _is_close(request: Request, name: str) -> bool:
    """Whether a found name is a declared one misspelled, and so no value."""
    contract = request.source.contract
    known = [declared.casefold() for declared in (*contract.columns, *contract.ignore)]
    return bool(difflib.get_close_matches(name.casefold()[:200], known, n=1, cutoff=_CLOSE))


def no_header(request: Request) -> tuple[str, str]:
    """Problem and next step when what was found are no column names; nothing of it is quoted."""
    if request.source.kind in ORDERED_KINDS:
        return "the first line is no header", "deliver the file with the declared column names in its first line"
    return "fewer than half of the declared columns are there", "compare the source with contract.columns"


def check_most(request: Request, rows: int) -> None:
    """Not more rows than max_rows, for sources that tell the count before the rows; else ContractError."""
    most = request.source.contract.max_rows
    if most is not None and rows > most:
        raise _broken(request, f"{rows} rows, max_rows is {most}", "check the delivery or the bound")


def _check_order(request: Request, found: list[str]) -> None:
    declared = list(request.source.contract.columns)
    if request.source.kind not in ORDERED_KINDS or found == declared:
        return
    place = next(i for i, (one, other) in enumerate(zip(found, declared, strict=True)) if one != other)
    problem = f"columns are reordered: '{found[place]}' stands where '{declared[place]}' is declared"
    raise _broken(request, problem, "ask the source's owner, then put contract.columns in the file's order")


def check_types(request: Request, schema: Mapping[str, pl.DataType]) -> None:
    """A typed source gives each column a type that fits the declared one; ContractError names both.

    Of a nested or enumerated type only the kind is named: its fields and categories come from the data.
    """
    for name, declared in request.source.contract.columns.items():
        found = schema[name]
        if not _fits(found, declared.kind):
            problem = f"column '{name}' is declared {declared.kind} and comes as {found.base_type().__name__}"
            raise _broken(request, problem, "ask the source's owner, then change the contract")


def _fits(found: pl.DataType, declared: str) -> bool:
    if isinstance(found, pl.Null):
        return True
    if isinstance(found, pl.List) and declared == "list":
        return isinstance(found.inner, (pl.String, pl.Null))
    if isinstance(found, pl.Decimal) and declared == "integer":
        return found.scale == 0
    return isinstance(found, _FITS[declared])


def check_forms(request: Request, frame: pl.DataFrame) -> None:
    """A text column of which no value has the declared form was retyped at the source (one bad value is not)."""
    for name, declared in request.source.contract.columns.items():
        if declared.kind in ("text", "list"):
            continue
        values = frame.get_column(name).drop_nulls().unique().head(100_000)
        if values.len() >= _ENOUGH and not _any_fits(values.str.strip_chars(), declared):
            problem = f"column '{name}' is declared {declared.kind} and no value has that form"
            raise _broken(request, problem, "ask the source's owner, then change the contract")


def _any_fits(values: pl.Series, declared: ColumnType) -> bool:
    if declared.date:
        kind = pl.Date if declared.kind == "date" else pl.Datetime
        return any(values.str.strptime(kind, form, strict=False).is_not_null().any() for form in declared.date.formats)
    pattern = {
        "integer": r"^[+-]?\d+$",
        "decimal": r"^[+-]?[\d\s'.,]*\d$",
        "bool": r"(?i)^(true|false|t|f|yes|no|y|n|0|1|on|off)$",
    }[declared.kind]
    return bool(values.str.contains(pattern).any())


def _as_text(found: pl.DataType, name: str, declared: ColumnType) -> pl.Expr:
    """A column as text; typed dates are written in the first declared format."""
    column = pl.col(name)
    if declared.kind == "list":
        return column.cast(pl.List(pl.String))
    if isinstance(found, (pl.Date, pl.Datetime)) and declared.date:
        if isinstance(found, pl.Datetime) and found.time_zone:
            column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        if declared.kind == "datetime":
            column = column.cast(pl.Datetime("us"))
        return column.dt.strftime(declared.date.formats[0])
    return column.cast(pl.String)


def _clean(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Take hidden characters out, count the values that had one, make empty text null."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    dirty = frame.select(pl.col(texts).str.contains(HIDDEN).sum())
    hit = [name for name in texts if dirty.get_column(name)[0]]
    frame = frame.with_columns(pl.col(hit).str.replace_all(HIDDEN, ""))
    cleaned = int(sum(dirty.get_column(name)[0] for name in hit))
    text = pl.col(texts)
    lists = pl.col(name for name, kind in frame.schema.items() if isinstance(kind, pl.List))
    frame = frame.with_columns(
        pl.when(text.str.strip_chars() != "").then(text).name.keep(),
        lists.list.eval(pl.element().str.replace_all(HIDDEN, "")),
    )
    return frame, cleaned


def _broken(request: Request, expected: str, next_step: str) -> ContractError:
    return ContractError(request.place, expected, next_step)
