"""Tables of a web page, which many programs export as ``.xls``, and sheets of Excel 2003 XML.

https://learn.microsoft.com/en-us/previous-versions/office/developer/office-xp/aa140066(v=office.10)
Both are read by the parser of web pages, which expands no entities but those of characters and
opens nothing. Rows are parsed piece by piece, so that the first ones come at once.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser

from typing_extensions import override

from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import (
    MAX_COLUMNS,
    MAX_ROWS,
    Row,
    Table,
    Workbook,
    cell_text,
)

_STEP = 64 * 1024
_MOST_SHEETS = 100
_LONGEST_PENDING = 1024 * 1024
"""Characters of one tag, comment or text: the parser goes through it again with each piece."""
_BREAKS = frozenset(("br", "p", "div", "li"))
_UNSEEN = frozenset(("script", "style", "title", "comment"))

_Attributes = dict[str, str]


def open_web_tables(text: str, name: str) -> Workbook:
    """Return the rows of all tables of a web page as one sheet.

    Raises ``SheetRefusedError`` for a page without a table.
    """

    def rows() -> Iterator[Row]:
        return _parsed(text, _PageParser())

    if next(rows(), None) is None:
        raise SheetRefusedError("web_page")
    return Workbook("html", (Table(name, False, rows),))


def open_xml_workbook(text: str) -> Workbook:
    """Return the sheets of Excel 2003 XML. Raises ``SheetRefusedError``."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SheetRefusedError("external_entities")
    listing = _SheetParser(-1)
    for _ in _parsed(text, listing):
        pass
    if not listing.sheets:
        raise SheetRefusedError("no_rows")

    def rows_of(place: int) -> Callable[[], Iterator[Row]]:
        return lambda: _parsed(text, _SheetParser(place))

    tables = (
        Table(sheet.name, sheet.hidden, rows_of(place))
        for place, sheet in enumerate(listing.sheets)
    )
    return Workbook("xml", tuple(tables))


def _parsed(text: str, parser: "_RowParser") -> Iterator[Row]:
    for start in range(0, len(text), _STEP):
        parser.feed(text[start : start + _STEP])
        if len(parser.rawdata) > _LONGEST_PENDING:
            raise SheetRefusedError("oversized")
        yield from parser.take()
    parser.close()
    yield from parser.take(end=True)


@dataclass(slots=True)
class _Cell:
    column: int
    words: list[str] = field(default_factory=list)
    type: str = ""
    exact: str = ""
    """The number as stored, where the text is its rounded form."""
    is_formula: bool = False

    def text(self) -> str:
        lines = " ".join("".join(self.words).replace("\n", " ").split(" ")).split("\v")
        text = "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
        if self.exact and ("E+" in text or text.startswith("#")):
            return _number(self.exact)
        match self.type:
            case "Number":
                return _number(text)
            case "DateTime":
                with suppress(ValueError):
                    return cell_text(datetime.fromisoformat(text))
            case "Boolean":
                return cell_text(text == "1")
            case _:
                pass
        return text


def _number(text: str) -> str:
    try:
        return cell_text(float(text))
    except (ValueError, OverflowError):
        return text


class _RowParser(HTMLParser):
    """Collects the rows of a table; cells that span several have their text once or in each row."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._ready: list[Row] = []
        self._line = 0
        self._cells: dict[int, _Cell] = {}
        self._cell: _Cell | None = None
        self._next = 0
        self._hidden = False
        self._spans: dict[int, tuple[int, str]] = {}
        """By column: the last line of a cell that hangs over several rows, and its text."""
        self._hanging: dict[int, int] = {}

    def take(self, *, end: bool = False) -> list[Row]:
        """Return the rows that were completed since the last call; ``end``: the last one too."""
        if end:
            self._end_row()
        ready, self._ready = self._ready, []
        return ready

    @override
    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.words.append(data)

    def _begin_row(self, line: int, *, hidden: bool = False) -> None:
        self._end_row()
        if line > MAX_ROWS:
            raise SheetRefusedError("too_many_rows", limit=MAX_ROWS)
        self._line, self._next, self._hidden = line, 0, hidden

    def _begin_cell(self, column: int, across: int, down: int, cell: _Cell) -> None:
        """``across``, ``down``: how many further columns and rows the cell covers."""
        self._line = max(1, self._line)  # a cell outside of any row
        self._cells[column] = self._cell = cell
        self._next = min(column + 1 + max(0, across), MAX_COLUMNS + 1)
        if down > 0 and column < MAX_COLUMNS:
            self._hanging[column] = self._line + min(down, MAX_ROWS)

    def _end_row(self) -> None:
        self._cell = None
        if not self._cells and not self._spans:
            return
        texts = {column: cell.text() for column, cell in self._cells.items()}
        for column, (last, text) in list(self._spans.items()):
            if self._line > last:
                del self._spans[column]
            elif not texts.get(column):
                texts[column] = text
        width = max((column for column, text in texts.items() if text), default=-1) + 1
        if width > MAX_COLUMNS:
            raise SheetRefusedError("too_wide", limit=MAX_COLUMNS)
        if self._cells and width:
            cells = [texts.get(column, "") for column in range(width)]
            formulas = [one.column for one in self._cells.values() if one.is_formula]
            self._ready.append(Row(self._line, cells, tuple(formulas), self._hidden))
        for column, last in self._hanging.items():
            self._spans[column] = last, texts.get(column, "")
        self._cells, self._hanging = {}, {}


class _PageParser(_RowParser):
    """Tables of a web page, one below the other."""

    def __init__(self) -> None:
        super().__init__()
        self._unseen = ""

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen = tag
        elif tag == "tr":
            self._begin_row(self._line + 1)
        elif tag in {"td", "th"}:
            given = _plain(attrs)
            column = self._next
            while self._spans.get(column, (0, ""))[0] >= self._line:
                column += 1
            across, down = _count(given, "colspan") - 1, _count(given, "rowspan") - 1
            self._begin_cell(column, across, down, _Cell(column, exact=given.get("x:num", "")))
        elif tag in _BREAKS:
            self.handle_data("\v")

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in {"td", "th", *_UNSEEN}:
            self.handle_endtag(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = ""
        elif tag in {"td", "th"}:
            self._cell = None
        elif tag in {"tr", "table"}:
            self._end_row()
            if tag == "table":
                self._spans = {}

    @override
    def handle_data(self, data: str) -> None:
        if not self._unseen:
            super().handle_data(data)


@dataclass(slots=True)
class _Sheet:
    name: str
    hidden: bool = False


class _SheetParser(_RowParser):
    """Rows of one sheet of Excel 2003 XML, by its place; -1 only lists the sheets."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.sheets: list[_Sheet] = []
        self._place = place
        self._tag = ""
        self._in_data = False

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = _plain(attrs)
        self._tag = tag = tag.rpartition(":")[2]
        if tag == "worksheet":
            self.sheets.append(_Sheet(given.get("name", "")))
            self._line, self._spans = 0, {}
            if len(self.sheets) > _MOST_SHEETS:
                raise SheetRefusedError("oversized")
        if len(self.sheets) != self._place + 1:
            return
        if tag == "row":
            line = max(self._line + 1, _count(given, "index"))
            self._begin_row(line, hidden=given.get("hidden") == "1")
        elif tag == "cell":
            column = max(self._next, _count(given, "index") - 1)
            across, down = _count(given, "mergeacross", 0), _count(given, "mergedown", 0)
            formula = "formula" in given
            self._begin_cell(column, across, down, _Cell(column, is_formula=formula))
        elif tag == "data" and self._cell is not None:
            self._cell.type, self._in_data = given.get("type", ""), True

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "data":
            self._in_data = False
        elif tag == "cell":
            self._cell = None
        elif tag in {"row", "table", "worksheet"}:
            self._end_row()
        self._tag = ""

    @override
    def handle_data(self, data: str) -> None:
        if self._tag == "visible" and self.sheets:
            self.sheets[-1].hidden = data.strip().startswith("SheetHidden") or (
                data.strip().startswith("SheetVeryHidden")
            )
        elif self._in_data:
            super().handle_data(data.replace("\n", "\v"))


def _plain(attrs: list[tuple[str, str | None]]) -> _Attributes:
    """Return attributes by their name without a prefix; ``x:num`` keeps it."""
    return {
        name if name == "x:num" else name.rpartition(":")[2]: value or "" for name, value in attrs
    }


def _count(given: _Attributes, name: str, otherwise: int = 1) -> int:
    """Return a number of columns or rows; one that makes no sense counts as usual."""
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else otherwise
