"""A flat OpenDocument sheet from rows of typed cells."""

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Day:
    iso: str


@dataclass(frozen=True)
class Money:
    value: float


@dataclass(frozen=True)
class Formula:
    text: str


@dataclass(frozen=True)
class Merged:
    """A text over several rows; the cells below it are ``None``."""

    text: str
    rows: int = 1
    columns: int = 1


Cell = str | Number | Day | Money | Formula | Merged | None
Rows = list[list[Cell]]


def flat_document(rows: Rows, sheet: str) -> str:
    body = "".join(f"<table:table-row>{_cells(row)}</table:table-row>" for row in rows)
    old = "<table:table-row><table:table-cell office:value-type='string'><text:p>Name</text:p>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
        ' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
        ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.2"'
        ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
        "<office:automatic-styles>"
        '<number:date-style style:name="D"><number:day number:style="long"/>'
        '<number:text>/</number:text><number:month number:style="long"/>'
        '<number:text>/</number:text><number:year number:style="long"/></number:date-style>'
        '<number:number-style style:name="M"><number:number number:decimal-places="2"'
        ' number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
        '<style:style style:name="day" style:family="table-cell" style:data-style-name="D"/>'
        '<style:style style:name="money" style:family="table-cell" style:data-style-name="M"/>'
        '<style:style style:name="hidden" style:family="table">'
        '<style:table-properties table:display="false"/></style:style>'
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f"<table:table table:name={quoteattr(sheet)}>{body}</table:table>"
        f'<table:table table:name="Old" table:style-name="hidden">{old}'
        "</table:table-cell></table:table-row></table:table>"
        "</office:spreadsheet></office:body></office:document>"
    )


def _cells(row: list[Cell]) -> str:
    return "".join(map(_cell, row)) or "<table:table-cell/>"


def _cell(cell: Cell) -> str:
    match cell:
        case None | "":
            return "<table:table-cell/>"
        case str():
            return f'<table:table-cell office:value-type="string">{_text(cell)}</table:table-cell>'
        case Number(value):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        case Money(value):
            return (
                '<table:table-cell table:style-name="money" office:value-type="float"'
                f' office:value="{value}"/>'
            )
        case Day(iso):
            return (
                '<table:table-cell table:style-name="day" office:value-type="date"'
                f' office:date-value="{iso}"/>'
            )
        case Formula(text):
            return f"<table:table-cell table:formula={quoteattr(text)}/>"
        case Merged(text, down, across):
            return (
                f'<table:table-cell office:value-type="string" table:number-rows-spanned="{down}"'
                f' table:number-columns-spanned="{across}">{_text(text)}</table:table-cell>'
            )


def _text(text: str) -> str:
    return "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
