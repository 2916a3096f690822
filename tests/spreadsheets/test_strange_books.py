"""Books made by hand: several sheets, merged and hidden cells, formulas, subtotals, a far cell."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import xlsxwriter

from tests.spreadsheets.sheet_outcomes import outcomes

Rows = Sequence[Sequence[object]]


def book(
    sheets: Mapping[str, Rows],
    *,
    merged: Sequence[tuple[str, int, int, int, int]] = (),
    far: tuple[str, int, int, str] | None = None,
    formula: tuple[str, int, int, str, object] | None = None,
) -> bytes:
    """Return an XLSX book. ``merged``: sheet, first row and column, last row and column."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as made:
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for line, row in enumerate(rows):
                for place, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(line, place, datetime.combine(value, _MIDNIGHT), day)
                    elif value != "":
                        sheet.write(line, place, value)
            for one, *cells in merged:
                if one == name:
                    sheet.merge_range(*cells, rows[cells[0]][cells[1]])
            if far is not None and far[0] == name:
                sheet.write(*far[1:])
            if formula is not None and formula[0] == name:
                sheet.write_formula(formula[1], formula[2], formula[3], None, formula[4])
    return data.getvalue()


_MIDNIGHT = datetime.min.time()


def test_a_greek_book_of_customers_trips_and_payments_joins_by_code_and_name() -> None:
    data = book(
        {
            "Ταξίδια": [
                ["ΤΑΞΙΔΙΑ 2025"],
                ["Κωδ. πελάτη", "Προορισμός", "Αναχώρηση", "Επιστροφή", "Τιμή (€)"],
                ["Π-1", "Ρώμη", date(2025, 5, 12), date(2025, 5, 18), 900],
                ["Π-2", "Παρίσι", date(2025, 6, 3), "", 1200.5],
                ["Π-9", "Βιέννη", date(2025, 7, 1), "", 300],
                ["Σύνολο", "", "", "", 2400.5],
            ],
            "Πελάτες": [
                ["ΠΕΛΑΤΟΛΟΓΙΟ"],
                [],
                ["Κωδ. πελάτη", "Ον/μο", "Κινητό", "Ημ/νία γέν.", "Σχόλια"],
                ["Π-1", "ΠΑΠΑΔΟΠΟΥΛΟΥ ΕΛΕΝΗ", 6944123456, 29344, "παλιά πελάτισσα"],
                ["Π-2", "ΓΕΩΡΓΙΟΥ ΝΙΚΟΣ", "6944 123 457", date(1975, 8, 14), ""],
                ["Π-3", "ΚΡΥΦΟΣ ΠΕΤΡΟΣ", "6944123458", "3/8/62", ""],
            ],
            "Πληρωμές": [
                ["Πελάτης", "Ποσό", "Λήξη", "Κατάσταση"],
                ["Παπαδοπούλου Ελένη", "400,50 €", "2025-04-01", "πληρώθηκε"],
                ["Παπαδοπούλου Ελένη", 499.5, "2025-05-01", "οφείλεται"],
                ["Γεωργίου Νίκος", 200, "2025-05-01", ""],
                ["Άγνωστος Ένας", 10, "", ""],
            ],
        },
        far=("Πελάτες", 4, 40, "δες και παλιό αρχείο"),
        formula=("Πελάτες", 3, 5, '=A4&"x"', "Π-1x"),
    )
    eleni, nikos = (
        "ΕΛΕΝΗ/ΠΑΠΑΔΟΠΟΥΛΟΥ | +306944123456=mobile",
        "ΝΙΚΟΣ/ΓΕΩΡΓΙΟΥ | +306944123457=mobile",
    )
    fields, rows = outcomes(data, "GR", "Ταξίδια", "Πληρωμές")

    assert fields["Ον/μο"] == "family_first"
    assert rows == [
        "3 - ! 6:unknown_column",
        f"4 {eleni} | birthday=1980-05-03 | code=Π-1 | notes=παλιά πελάτισσα",
        f"5 {nikos} | birthday=1975-08-14 | code=Π-2 | notes=δες και παλιό αρχείο ! :far_cell",
        "6 ΠΕΤΡΟΣ/ΚΡΥΦΟΣ | +306944123458=mobile | birthday=1962-08-03 | code=Π-3",
        f"2000003 {eleni} | code=Π-1 | trip Ρώμη 2025-05-12 2025-05-18 900 EUR",
        f"2000004 {nikos} | code=Π-2 | trip Παρίσι 2025-06-03 1201 EUR ! Τιμή (€):cents_rounded",
        "2000005 - ! Κωδ. πελάτη:no_customer_of_code",
        "2000006 - ! Κωδ. πελάτη:totals",
        f"4000002 {eleni} | code=Π-1 | payment 40050 EUR paid",
        f"4000003 {eleni} | code=Π-1 | payment 49950  due",
        f"4000004 {nikos} | code=Π-2 | payment 20000  due",
        "4000005 - ! :payment_no_customer",
    ]


def test_a_persian_sheet_with_merged_headings_has_the_unit_of_the_group_in_each_column() -> None:
    data = book(
        {
            "لیست": [
                ["مشتریان تور نوروز"],
                ["نام و نام خانوادگی", "تلفن", "", "مبلغ (هزار تومان)", "", "تولد", "مقصد"],
                ["", "همراه", "ثابت", "کل", "پرداختی", "", ""],
                ["رضایی علی", "۰۹۱۲۱۱۱۰۰۲۳", "۰۲۱۲۲۳۳۴۴۰۱", 8500, "", "۱۲ مرداد ۱۳۵۵", "کیش"],
                ["کریمی مریم", 9121110022, "", 8500, 0, "سوم مهر ۱۳۶۰", "کیش"],
                ["حسینی نژاد زهرا", "0912-111-0024 / 25", "", 4000, 4000, "1365", "کیش"],
                ["جمع کل", "", "", 21000, 8250],
            ]
        },
        merged=[
            ("لیست", 0, 0, 0, 6),
            ("لیست", 1, 0, 2, 0),
            ("لیست", 1, 1, 1, 2),
            ("لیست", 1, 3, 1, 4),
            ("لیست", 6, 0, 6, 2),
        ],
        formula=("لیست", 3, 4, "=D4/2", 4250),
    )
    fields, rows = outcomes(data, "IR")

    assert fields == {
        "نام و نام خانوادگی": "family_first",
        "تلفن همراه": "mobile",
        "ثابت": "home_phone",
        "مبلغ (هزار تومان) کل": "price",
        "پرداختی (هزار تومان)": "paid",
        "تولد": "birthday",
        "مقصد": "destination",
    }
    assert rows == [
        "4 علی/رضایی | +989121110023=mobile +982122334401=home | birthday=1976-08-03"
        " | trip کیش 8500000 IRT 4250000 ! پرداختی (هزار تومان):formula_value",
        "5 مریم/کریمی | +989121110022=mobile | birthday=1981-09-25 | trip کیش 8500000 IRT",
        "6 زهرا/حسینی نژاد | +989121110024=mobile +989121110025=mobile | notes=تولد: 1365"
        " | trip کیش 4000000 IRT 4000000 ! تولد:bad_date",
        "7 - ! نام و نام خانوادگی:totals",
    ]


def test_a_row_for_each_trip_repeats_or_leaves_out_the_customer() -> None:
    headings = ["Client", "Mob", "Dest", "Dep Date", "Pax", "Cost", "Sent by", "Emergency contact"]
    alan = ["Mr & Mrs Alan Thorn", "07400 900301"]
    wren = "Wren & Sons Ltd - attn Bella Wren"
    data = book(
        {
            "Bookings": [
                headings,
                [*alan, "Crete", 45789, 2, "£1,250.40", "Hetty", "07400 900999"],
                [*alan, "Rome", "12/05/2026", "2+1", "£900", "Hetty"],
                ["", "", "Bath", 45999, 1, "£90"],
                [wren, "020 7946 0321", "Athens", "2026-06-01", "6", "TBC"],
                ["Smith (deceased)", "07400 900302"],
            ]
        }
    )
    _, rows = outcomes(data, "GB")

    assert rows == [
        "1 - ! Sent by:unknown_column",
        "2 Alan/Thorn | +447400900301=mobile | notes=Mr & Mrs Alan Thorn\nEmergency contact:"
        " 07400 900999 | trip Crete 2025-05-12 1250 GBP 2 ! Cost:cents_rounded",
        "3 Alan/Thorn | +447400900301=mobile | notes=Mr & Mrs Alan Thorn"
        " | trip Rome 2026-05-12 900 GBP 2 1",
        "4 (above) |  | trip Bath 2025-12-08 90 GBP 1",
        f"5 Wren & Sons Ltd | +442079460321=other | company=Wren & Sons Ltd | notes={wren}"
        " | trip Athens 2026-06-01 6 ! Cost:bad_amount",
        "6 Smith | +447400900302=mobile | notes=Smith (deceased)",
    ]
