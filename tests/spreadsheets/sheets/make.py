"""Writes the sheets beside this file, with LibreOffice.

Only who changes a sheet needs it (``apt-get install libreoffice-calc``); the tests read what is
committed. Each language is one flat document, opened by LibreOffice and saved as XLSX, XLS, ODS and
CSV in the encoding an office of that country has. What is expected of every row stands in the JSON
file of the same name; nobody writes that one but a person who has read the row.
"""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

HERE = Path(__file__).parent

_CSV = "csv:Text - txt - csv (StarCalc):{separator},34,{encoding},1"
_ENCODINGS = {"utf-8": 76, "cp1253": 35, "cp1256": 38, "utf-16": 65535}
"""As LibreOffice numbers them."""


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

ENGLISH: Rows = [
    [Merged("Customers of Blue Sky Travel, updated 12 November 2026", columns=6)],
    [],
    [
        "No.",
        "Title",
        "First Name",
        "Last Name",
        "Mobile",
        "Home Tel.",
        "E-mail",
        "Date of Birth",
        "Loyalty",
        "Balance (EUR)",
        "Language",
        "VIP?",
        "Shoe size",
        "Comments",
    ],
    # Everything in order, phones as numbers, a true day.
    [
        Number(1),
        "Dr",
        "Laleh",
        "Karimi",
        Number(6912345678),
        Number(2101234567),
        "laleh@example.com",
        Day("1986-08-03"),
        "Gold",
        Money(1250.5),
        "English",
        "yes",
        Number(38),
        "Likes tea",
    ],
    # Titles in front of the name, spaces, an international number, a day as text.
    [
        Number(2),
        None,
        "Mrs. Eleni ",
        " Papadopoulou",
        "+44 7400 123456",
        "-",
        None,
        "3/8/1969",
        "silver",
        "€ 1.250,40",
        "el",
        "no",
        None,
        "Two lines:\naisle, no fish",
    ],
    # Two numbers in a cell, a day as the number Excel keeps, a credit.
    [
        Number(3),
        "Mr",
        "James Albert",
        "Whitfield",
        "6987654321 / 210 7654321",
        None,
        None,
        Number(31627),
        "none",
        "(300)",
        None,
        None,
        None,
        None,
    ],
    # Not understood: the number, the day, the tier. All of it is kept as written.
    [
        Number(4),
        None,
        "Ali",
        "Nouri",
        "691234",
        None,
        "not an address",
        "31/02/1980",
        "diamond",
        Number(0),
        None,
        None,
        None,
        None,
    ],
    # No name: left out.
    [Number(5), None, None, None, Number(6911111111), None, None, None, None, None, None, None],
    # No number: comes in, and is told.
    [Number(6), None, "Sara", "Amini", None, None, "sara@example.com", None, "platinum"],
    # The first customer again, with one more number.
    [
        Number(7),
        None,
        "KARIMI",
        "Laleh",
        "0030 691 234 5678",
        "(210) 999-8888",
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        "again",
    ],
    # The headings again, where the page began.
    [
        "No.",
        "Title",
        "First Name",
        "Last Name",
        "Mobile",
        "Home Tel.",
        "E-mail",
        "Date of Birth",
        "Loyalty",
        "Balance (EUR)",
        "Language",
        "VIP?",
        "Shoe size",
        "Comments",
    ],
    # A sum, and a sum that cannot be.
    [
        Number(8),
        None,
        "Nima",
        "Moradi",
        Number(6922222222),
        None,
        None,
        None,
        None,
        Formula("of:=100+150"),
    ],
    [
        Number(9),
        None,
        "Mina",
        "Rad",
        Number(6933333333),
        None,
        None,
        None,
        None,
        Formula("of:=1/0"),
    ],
    # A spouse on the same number, a phone kept as text with an apostrophe, month before day.
    [
        Number(10),
        "Mr",
        "Nikos",
        "Karimi",
        "'6912345678",
        None,
        None,
        "12/25/1990",
        None,
        Money(-20),
        None,
        None,
        None,
        "husband of Laleh",
    ],
    [],
    ["", "", "", "Total", None, None, None, None, None, Formula("of:=SUM([.J4:.J15])")],
]

PERSIAN: Rows = [
    [
        "ردیف",
        "نام و نام خانوادگی",
        "شماره موبایل",
        "تلفن ثابت",
        "تاریخ تولد",
        "مقصد",
        "تاریخ رفت",
        "تاریخ برگشت",
        "خدمات",
        "مبلغ کل",
        "پرداخت شده",
        "وضعیت",
        "تعداد نفرات",
        "توضیحات",
    ],
    # A name over the two rows of her two trips, Arabic letters, Persian digits, a Jalali day.
    [
        "۱",
        Merged("خانم دکتر لاله كريمي", rows=2),
        Merged("۰۹۱۲۳۴۵۶۷۸۹", rows=2),
        "۸۸۷۷۶۶۵۵",
        "۱۳۶۵/۰۵/۱۲",
        "استانبول، ترکیه",
        "۱۴۰۵/۱۰/۱۵",
        "۱۴۰۵/۱۰/۲۲",
        "تور",
        "۸۵٬۰۰۰٬۰۰۰ تومان",
        "۴۰٬۰۰۰٬۰۰۰ تومان",
        "رزرو شده",
        "۲+۱",
        "نزدیک دریا",
    ],
    [
        "۲",
        None,
        None,
        None,
        None,
        "دبی",
        "1404/02/01",
        "1404/02/06",
        "بلیط و هتل",
        Number(42000000),
        Number(42000000),
        "انجام شد",
        Number(2),
        None,
    ],
    # A number without its zero, kept as an amount.
    [
        "۳",
        "مهندس محمد رضا احمدی",
        Number(9351112233),
        None,
        "۱۲ مرداد ۱۳۵۸",
        "آتن",
        "۱۴۰۵/۱۱/۰۳",
        None,
        "پرواز",
        "۱۲۵۰ €",
        "بله",
        "صادر شده",
        None,
        None,
    ],
    # Two numbers, a half-space, an amount with the comma of Persian keyboards.
    [
        "۴",
        "آقای علی‌اصغر نوری",
        "۰۹۱۹۱۱۱۲۲۳۳ و ۰۲۱-۲۲۳۳۴۴۵۵",
        None,
        None,
        "مشهد",
        "05/03/1405",
        None,
        "هتل",
        "۹،۵۰۰،۰۰۰ ریال",
        "۰",
        "لغو شد",
        None,
        "هتل کنار حرم",
    ],
    # Not understood: the day of birth, the state. A trip that ends before it begins.
    [
        "۵",
        "سارا امینی",
        "09123334455",
        None,
        "نمی‌دانم",
        "رم",
        "۱۴۰۵/۱۲/۱۰",
        "۱۴۰۵/۱۲/۰۱",
        "ویزا",
        "۲۵۰ یورو",
        None,
        "شاید",
        None,
        None,
    ],
    # The same person further down, in another spelling, for one more trip.
    [
        "۶",
        "دکتر لاله کریمی",
        "+98 912 345 6789",
        None,
        None,
        "کیش",
        Day("2026-03-25"),
        Day("2026-03-30"),
        "تور",
        "۳۰٬۰۰۰٬۰۰۰",
        "۳۰٬۰۰۰٬۰۰۰",
        None,
        None,
        None,
    ],
    # A goodbye at the end of the page.
    ["", "با تشکر از همکاران", None],
]

GREEK: Rows = [
    ["ΠΕΛΑΤΟΛΟΓΙΟ 2026"],
    [
        "Α/Α",
        "Επώνυμο",
        "Όνομα",
        "Κινητό",
        "Τηλ. Σταθερό",
        "Ημ/νία Γέννησης",
        "Κατηγορία",
        "Υπόλοιπο",
        "Προορισμός",
        "Αναχώρηση",
        "Τιμή",
        "Κατάσταση",
        "Παρατηρήσεις",
    ],
    # A title before the given name, a true day, money as money.
    [
        Number(1),
        "Παπαδόπουλος",
        "κ. Νίκος",
        Number(6912345678),
        "210 1234567",
        Day("1969-12-06"),
        "Χρυσό",
        Money(1250.4),
        "Ρώμη",
        Day("2026-12-20"),
        Money(740),
        "Κράτηση",
        "φωτογράφος",
    ],
    # Capitals without accents, a day with points, amounts with a comma for cents.
    [
        Number(2),
        "ΓΕΩΡΓΙΟΥ",
        "ΕΛΕΝΗ",
        "6987654321",
        "2310 555666",
        "03.08.1986",
        "ΑΣΗΜΕΝΙΟ",
        "1.250,40 €",
        None,
        None,
        None,
        None,
        None,
    ],
    # The next of the same person is another trip; day and month in words.
    [
        Number(3),
        "Παπαδόπουλος",
        "Νίκος",
        Number(6912345678),
        None,
        "6 Δεκεμβρίου 1969",
        None,
        None,
        "Κωνσταντινούπολη, Τουρκία",
        "5/4/2025",
        "890,00",
        "Ολοκληρώθηκε",
        None,
    ],
    # A zero before the number that the exchange has put there, a Cypriot number, a count of days.
    [
        Number(4),
        "Μιχαηλίδου",
        "κα Άννα-Μαρία",
        "06944455566",
        "+357 22 123456",
        Number(29000),
        "-",
        Number(0),
        None,
        None,
        None,
        None,
        "Λευκωσία",
    ],
    # Only a family name; a fax is no phone; ΝΑΙ is no tier.
    [Number(5), "Ξενοδοχείο Άστρον", None, "22410 12345", "(fax)", None, "ΝΑΙ"],
    # Nothing but a remark.
    [None, None, None, None, None, None, None, None, None, None, None, None, "ΤΕΛΟΣ"],
]

OFFICES = (
    ("english", ENGLISH, "Customers", 44, "utf-8"),
    ("persian", PERSIAN, "مشتریان", 44, "utf-16"),
    ("greek", GREEK, "Πελάτες", 59, "cp1253"),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        for office, rows, sheet, separator, encoding in OFFICES:
            document = Path(name) / f"{office}.fods"
            document.write_text(_document(rows, sheet), encoding="utf-8")
            csv = _CSV.format(separator=separator, encoding=_ENCODINGS[encoding])
            for kind in ("xlsx", "ods", "xls:MS Excel 97", csv):
                _convert(document, kind, Path(name) / "profile")


def _convert(document: Path, kind: str, profile: Path) -> None:
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{profile}",
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            HERE,
            document,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=120,
    )


def _document(rows: Rows, sheet: str) -> str:
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


if __name__ == "__main__":
    main()
