"""How far the cells of a workbook reach, told from its XML before the reader makes a table of them.

Here: bounds on cells and text, because the reader reserves memory for the whole rectangle of a far cell and a copy of a
shared text for each cell that names it. Not here: reading values (excel.py).
"""

import zipfile
from functools import lru_cache
from pathlib import Path
from pyexpat import ExpatError, ParserCreate, XMLParserType

MOST_CELLS = 50_000_000
MOST_CHARACTERS = 1_000_000_000
_CHUNK = 1 << 20
_SHARED_CELL = len('<c t="s"><v>0</v></c>')
"""No cell that names a shared text takes fewer bytes."""
_SKIPPED = (".rels", ".vml", ".bin", ".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf")


class BadWorkbook(Exception):
    """What is wrong with a workbook; its text holds no value."""


def check_extent(path: Path) -> None:
    """Raise BadWorkbook when a sheet reaches over 50 million cells, or its texts over a thousand million characters.

    A file that is no archive (.xls) has bounds of its own and passes.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_twins(archive)
            texts = _Texts()
            for part in archive.namelist():
                if part.lower() == "xl/sharedstrings.xml":
                    _parse(archive, part, texts.parser())
            for part in archive.namelist():
                if not part.lower().endswith(_SKIPPED) and _is_xml(archive, part):
                    _check_part(archive, part, texts.lengths)
    except (zipfile.BadZipFile, ExpatError, ValueError, OSError, EOFError, NotImplementedError, RuntimeError):
        raise BadWorkbook("not a whole workbook") from None


def _refuse_twins(archive: zipfile.ZipFile) -> None:
    """The reader finds parts whatever their case: of two it may read the one that was not looked at."""
    names = [part.lower() for part in archive.namelist()]
    if len(set(names)) < len(names):
        raise BadWorkbook("a part stands twice in it")


def _is_xml(archive: zipfile.ZipFile, part: str) -> bool:
    with archive.open(part) as file:
        return b"<" in file.read(64)


def _check_part(archive: zipfile.ZipFile, part: str, lengths: list[int]) -> None:
    size = archive.getinfo(part).file_size
    may_be_long = size + size // _SHARED_CELL * max(lengths, default=0) > MOST_CHARACTERS
    cells = _Cells(lengths, may_be_long)
    _parse(archive, part, cells.parser())
    cells.end_cell()


def _parse(archive: zipfile.ZipFile, part: str, parser: XMLParserType) -> None:
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)


def _refuse_doctype(*_: object) -> None:
    raise BadWorkbook("its XML declares a document type")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


@lru_cache(maxsize=20_000)
def column_number(letters: str) -> int:
    """Place of a column from 1: A is 1, XFD is 16384."""
    if not letters.isalpha() or not letters.isascii() or len(letters) > 3:
        raise ValueError("no column")
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


class _Texts:
    """Lengths of the shared texts, in their order."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def parser(self) -> XMLParserType:
        parser = ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._text
        return parser

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if _local(name) == "si":
            self.lengths.append(0)

    def _text(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


class _Cells:
    """The farthest row and column that hold something, and the characters of all cells of a sheet.

    Called for every cell of a file, so it holds no handler it can do without: a cell ends where the next one starts,
    and text is looked at only when the part is large enough for too much of it.
    """

    def __init__(self, lengths: list[int], may_be_long: bool) -> None:
        self._lengths, self._may_be_long = lengths, may_be_long
        self._row = self._column = self._last_row = self._last_column = self._characters = 0
        self._shared = False
        self._reference = ""

    def parser(self) -> XMLParserType:
        parser = ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        if self._may_be_long:
            parser.buffer_text = True
            parser.CharacterDataHandler = self._text
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = _local(name)
        if name == "c":
            self.end_cell()
            self._move(attributes.get("r"))
            self._shared = attributes.get("t") == "s"
        elif name in ("v", "is", "f"):
            if self._row > self._last_row or self._column > self._last_column:
                self._reach()
        elif name == "row":
            self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0

    def _move(self, place: str | None) -> None:
        if place is None:
            self._column += 1
            return
        letters = place.rstrip("0123456789")
        self._column, self._row = column_number(letters), int(place[len(letters) :])

    def _reach(self) -> None:
        self._last_row, self._last_column = max(self._last_row, self._row), max(self._last_column, self._column)
        if self._last_row * self._last_column > MOST_CELLS:
            raise BadWorkbook(f"a sheet reaches over more than {MOST_CELLS // 1_000_000} million cells")

    def _text(self, text: str) -> None:
        if self._shared:
            self._reference += text
        else:
            self._characters += len(text)

    def end_cell(self) -> None:
        """Count the shared text that the cell refers to."""
        if self._reference:
            place = self._reference.strip()
            known = place.isdecimal() and len(place) < 10 and int(place) < len(self._lengths)
            self._characters += self._lengths[int(place)] if known else len(self._reference)
            self._reference = ""
        if self._characters > MOST_CHARACTERS:
            raise BadWorkbook("the texts of a sheet are longer than a thousand million characters")
