"""Sheets as other programs and offices head them: what becomes of each column and cell."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.draft_json import draft_from_json
from screenpop.customers.import_columns import Field
from screenpop.customers.models import Gender, PersonName, Title
from screenpop.spreadsheets.columns.group_headings import HEADING_DIGITS, could_be_heading
from screenpop.spreadsheets.columns.header_aliases import match_heading
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.reading.open_file import workbook_from_bytes
from screenpop.spreadsheets.rows.errors import RowProblem
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.spreadsheets.rows.sheets import select_sheet
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.money import Amount, currency_of_heading, parse_amount
from screenpop.spreadsheets.values.phone_words import (
    _FEWEST_DIGITS,
    _LONGEST_TEXT,
    split_numbers,
)
from screenpop.spreadsheets.values.phones import phone_parser
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

TEHRAN = NumberPlan(Region("IR"), "21")
ATHENS = NumberPlan(Region("GR"), "210")
LONDON = NumberPlan(Region("GB"), "20")
BERLIN = NumberPlan(Region("DE"), "30")
TODAY = date(2026, 11, 22)


def read(text: str, plan: NumberPlan) -> tuple[dict[str, Field], list[CustomerDraft], list[str]]:
    """Return the field of each column, the customers, and the problems as ``line code``."""
    context = ImportContext(plan, TODAY)
    sheet = select_sheet(
        workbook_from_bytes(text.encode(), ""), ReadRequest("", context, only_look=False)
    )
    drafts: list[CustomerDraft] = []
    problems: list[RowProblem] = []
    for row in sheet.understood(context):
        problems += row.problems
        if row.draft is not None:
            drafts.append(draft_from_json(row.draft))
    fields = {column.heading: column.field for column in sheet.look.columns}
    return fields, drafts, [f"{one.line} {one.column} {one.code}" for one in problems]


def numbers(draft: CustomerDraft) -> list[str | None]:
    return [phone.e164 for phone in draft.phones]


def test_a_google_export_has_values_apart_labels_left_out_and_companies_as_customers() -> None:
    fields, [ada, company], problems = read(
        "First Name,Middle Name,Last Name,Name Prefix,Organization Name,E-mail 1 - Label,"
        "E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\n"
        "Ada,,Birch,Prof,,* Work,a@example.org,Mobile,07400 900222 ::: 020 7946 0555\n"
        ",,,,Birch Cruises,,,Work,020 7946 0666\n",
        LONDON,
    )
    assert fields["Phone 1 - Label"] is fields["E-mail 1 - Label"] is Field.IGNORED
    assert ada.names == {"en": PersonName("Ada", "Birch")}
    assert (ada.title, ada.emails, ada.notes) == (Title.PROF, ("a@example.org",), "")
    assert numbers(ada) == ["+447400900222", "+442079460555"]
    assert company.names == {"en": PersonName("", "Birch Cruises")}
    assert (company.company, numbers(company)) == ("Birch Cruises", ["+442079460666"])
    assert not [one for one in problems if "phone" in one or "email" in one]


def test_an_odoo_export_has_its_company_from_the_parent_and_tags_from_categories() -> None:
    fields, [maria], _ = read(
        "name,is_company,parent_id,phone,category_id,customer_rank\n"
        '"Galani, Maria",False,Ionian Lines SA,+30 210 6009988,"Silver,Groups",1\n',
        ATHENS,
    )
    assert fields["is_company"] is fields["customer_rank"] is Field.IGNORED
    assert maria.names == {"en": PersonName("Maria", "Galani")}
    assert (maria.company, maria.tags) == ("Ionian Lines SA", ("Silver", "Groups"))


def test_a_list_with_persian_words_in_latin_letters_is_read() -> None:
    fields, [mina], _ = read(
        "nam,famil,hamrah,tel manzel,maghsad,tarikh raft,mablagh,kod melli,tarikh tavalod\n"
        'Mina,Sadr,09131110022,03136667788,Antalya,1403/5/6,"32,000,000 T",0012345679,1370/2/3\n',
        TEHRAN,
    )
    assert fields["kod melli"] is Field.NATIONAL_CODE
    assert [one.number for one in mina.documents] == ["0012345679"]
    assert mina.names == {"en": PersonName("Mina", "Sadr")}
    assert numbers(mina) == ["+989131110022", "+983136667788"]
    assert mina.birthday == date(1991, 4, 23)
    [trip] = mina.trips
    assert (trip.destination, trip.departs) == ("Antalya", date(2024, 7, 27))
    assert (trip.price, trip.currency) == (32_000_000, "IRT")


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "شماره ملی همسر",
            "Passport of spouse",
            "Passport issue date",
            "تابعیت",
        ),
        *("VAT number", "ΑΜΚΑ", "Ticket No", "شماره بلیط", "شماره قرارداد", "Αρ. συμβολαίου"),
        *("IBAN", "شماره کارت", "Cheque number", "شماره چک", "Booking Ref", "Invoice No"),
        *("Created Time", "Modified On", "Issue Date", "Expiry date", "تاریخ صدور", "Ημ. λήξης"),
        *("تاریخ انقضا", "Lead Id", "شماره پرونده", "Record Id", "Last Activity Time"),
    ],
)
def test_a_document_a_number_of_a_paper_or_the_date_of_a_record_is_no_phone_and_no_trip(
    heading: str,
) -> None:
    assert match_heading(heading) is not None
    fields, [laleh], problems = read(
        f"Name,Phone,{heading}\nLaleh Karimi,0912 345 6789,0912 333 4455\n", TEHRAN
    )
    assert fields[heading] is Field.IGNORED
    assert numbers(laleh) == ["+989123456789"]
    assert laleh.trips == ()
    assert problems == [f"1 {heading} unknown_column"]


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Emergency contact",
            "Emergency phone",
            "تلفن معرف",
            "شماره همسر",
            "نام پدر",
            "Home Address",
        ),
        *("آدرس منزل", "Διεύθυνση οικίας", "Job Title", "سمت", "Spouse's name", "Last trip"),
        *("Συγγενής", "Referred by"),
    ],
)
def test_another_person_an_address_or_a_job_is_kept_in_the_notes_with_its_heading(
    heading: str,
) -> None:
    fields, [laleh], _ = read(
        f"Name,Phone,{heading}\nLaleh Karimi,0912 345 6789,0912 333 4455\n", TEHRAN
    )
    assert fields[heading] is Field.NOTES
    assert laleh.names == {"en": PersonName("Laleh", "Karimi")}
    assert numbers(laleh) == ["+989123456789"]
    assert laleh.notes == f"{heading}: 0912 333 4455"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "0912 345 6789 همراه / 021 2233 4401 منزل",
            ["+989123456789 mobile", "+982122334401 home"],
        ),
        ("همراه: 09123456789 منزل: 77665544", ["+989123456789 mobile", "+982177665544 home"]),
        ("09123456789-09351112233", ["+989123456789 mobile", "+989351112233 mobile"]),
        ("09123456789 – 09351112233", ["+989123456789 mobile", "+989351112233 mobile"]),
        ("09123456789/90", ["+989123456789 mobile", "+989123456790 mobile"]),
        ("031 3324 5678 / 9", ["+983133245678 other", "+983133245679 other"]),
        ("88776660-1", ["+982188776660 other", "+982188776661 other"]),
        ("021-88112233 داخلی 104", ["+982188112233 other"]),
        ("0912-3456789 (بعد از ۱۸)", ["+989123456789 mobile"]),
        ("۰۲۱ـ۸۸۷۷۶۶۵۵", ["+982188776655 other"]),
        ("0912 345 6789 / ندارد", ["+989123456789 mobile"]),
        ("88776655 دفتر", ["+982188776655 work"]),
    ],
)
def test_numbers_with_words_or_shortened_numbers_beside_them_are_read(
    text: str, expected: list[str]
) -> None:
    phones = phone_parser(TEHRAN)(text, "other")
    assert [f"{phone.e164} {phone.label}" for phone in phones] == expected  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "plan", "expected"),
    [
        ("(κιν.) 697 111 2222, οικ. 210 6001122", ATHENS, ["+306971112222", "+302106001122"]),
        ("210 6001122 εσωτ. 12", ATHENS, ["+302106001122"]),
        ("07400 120001 (mob)", LONDON, ["+447400120001"]),
        ("020 7946 0101 ext. 22", LONDON, ["+442079460101"]),
        ("0711 12345-67", BERLIN, ["+497111234567"]),  # its extension, not a second number
    ],
)
def test_words_and_endings_are_read_in_other_countries(
    text: str, plan: NumberPlan, expected: list[str]
) -> None:
    phones = phone_parser(plan)(text, "other")
    assert [phone.e164 for phone in phones] == expected  # type: ignore[union-attr]


@given(
    st.lists(st.integers(0, 9_999_999).map(lambda n: f"0912{n:07d}"), min_size=1, max_size=4),
    st.sampled_from([" همراه / ", "; ", " - ", "، ", " منزل ", "\n"]),
)
def test_numbers_joined_in_any_way_are_all_read_and_none_is_foreign(
    typed: list[str], between: str
) -> None:
    phones = phone_parser(TEHRAN)(between.join(typed), "other")
    assert {phone.e164 for phone in phones} == {f"+98{one[1:]}" for one in typed}  # type: ignore[union-attr]


def test_words_beside_a_number_that_are_no_label_stay_in_the_notes() -> None:
    _, [sam], _ = read('Name,تلفن\nسام افشار,"09123450405 (خودش)، 09123450406 (همسر)"\n', TEHRAN)
    assert numbers(sam) == ["+989123450405", "+989123450406"]
    assert sam.notes == "تلفن: 09123450405 (خودش)، 09123450406 (همسر)"


@pytest.mark.parametrize(
    ("text", "name", "title", "notes"),
    [
        ("Mr & Mrs Alan Thorn", PersonName("Alan", "Thorn"), Title.NONE, "Mr & Mrs Alan Thorn"),
        ("آقا و خانم کریمی", PersonName("", "کریمی"), Title.NONE, "آقا و خانم کریمی"),
        ("سارا راد + ۳ نفر", PersonName("سارا", "راد"), Title.NONE, "سارا راد + ۳ نفر"),
        ("FAIRLEY/PETRA MRS", PersonName("Petra", "Fairley"), Title.MS, ""),
        ("O'Dowd, Dr Fergus", PersonName("Fergus", "O'Dowd"), Title.DR, ""),
        ("Petra Fairley Mrs", PersonName("Petra", "Fairley"), Title.MS, ""),
        ("لاله کریمی (دکتر)", PersonName("لاله", "کریمی"), Title.DR, ""),
    ],
)
def test_couples_groups_ticket_names_and_late_titles_are_understood(
    text: str, name: PersonName, title: Title, notes: str
) -> None:
    _, [one], _ = read(f'Name,Phone\n"{text}",0912 345 6789\n', TEHRAN)
    assert [*one.names.values()] == [name]
    assert (one.title, one.notes) == (title, notes)
    assert one.gender in {Gender.UNSAID, Gender.WOMAN}


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("شرکت پترو راه", "شرکت پترو راه"),
        ("Wren & Sons Ltd", "Wren & Sons Ltd"),
        ("Wren & Sons Ltd - attn Bella Wren", "Wren & Sons Ltd"),
        ("Ελληνικά Ταξίδια Α.Ε.", "Ελληνικά Ταξίδια Α.Ε."),
        ("Laleh Karimi", ""),
        ("Marco Polo", ""),
        ("Co Nguyen", ""),
    ],
)
def test_a_company_is_one_name_and_a_person_is_none(text: str, company: str) -> None:
    _, [one], _ = read(f"Name,Phone\n{text},0912 345 6789\n", TEHRAN)
    assert one.company == company
    if company:
        assert [*one.names.values()] == [PersonName("", company)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45 میلیون", Amount(45_000_000, "")),
        ("۴۵ م تومان", Amount(45_000_000, "IRT")),
        ("450/000/000 ریال", Amount(450_000_000, "IRR")),
        ("12 هزار تومان", Amount(12_000, "IRT")),
        ("1,200,000 Rls", Amount(1_200_000, "IRR")),
        ("4.5 میلیون تومان", Amount(4_500_000, "IRT")),
        ("45,000,000 T", Amount(45_000_000, "IRT")),
    ],
)
def test_amounts_in_words_of_thousands_and_millions_are_read(text: str, expected: Amount) -> None:
    assert parse_amount(text) == expected


@pytest.mark.parametrize(
    ("heading", "currency"),
    [
        *(("مبلغ (تومان)", "IRT"), ("قیمت - ریال", "IRR"), ("Total £", "GBP"), ("Ποσό (€)", "EUR")),
        *(("Price", ""), ("Total t", ""), ("EUR or USD", "")),
    ],
)
def test_a_unit_in_the_heading_is_the_currency_of_its_amounts(heading: str, currency: str) -> None:
    assert currency_of_heading(heading) == currency


def test_a_unit_in_the_heading_counts_for_amounts_without_one_only() -> None:
    _, drafts, _ = read(
        'Name,Phone,Destination,مبلغ (تومان)\nLaleh Karimi,0912 345 6789,Rome,"85,000,000"\n'
        "Sara Rad,0912 345 6780,Rome,900 EUR\n",
        TEHRAN,
    )
    assert [(one.trips[0].price, one.trips[0].currency) for one in drafts] == [
        (85_000_000, "IRT"),
        (900, "EUR"),
    ]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        *(("Mob", Field.MOBILE), ("Contact No", Field.PHONE), ("Dest", Field.DESTINATION)),
        *(("Dep Date", Field.DEPARTS), ("Ret Date", Field.RETURNS), ("Pax Name", Field.NAME)),
        *(("Τηλ. Κιν.", Field.MOBILE), ("Ον/μο", Field.NAME), ("Ημ/νία Γεν.", Field.BIRTHDAY)),
        *(
            ("firstName", Field.GIVEN),
            ("phoneNumber", Field.PHONE),
            ("Account Name", Field.COMPANY),
        ),
        *(
            ("Customer No", Field.CODE),
            ("شماره مشتری", Field.CODE),
            ("Κωδικός", Field.CODE),
            ("Hotel name", Field.TRIP_NOTE),
            ("Email address", Field.EMAIL),
            ("Mailing City", Field.CITY),
        ),
        *(("Ticket price", Field.PRICE), ("Visa status", Field.VISA), ("Title", Field.TITLE)),
    ],
)
def test_short_and_joined_headings_are_known_and_names_of_things_are_no_names(
    heading: str, field: Field
) -> None:
    found = match_heading(heading)
    assert found is not None
    assert found[0] is field


@pytest.mark.parametrize(
    ("text", "birthday", "trip"),
    [
        ("02/07/11", date(2023, 10, 3), date(2023, 10, 3)),
        ("01/12/25", date(2023, 3, 16), date(2023, 3, 16)),
        ("05/09/01", date(2026, 11, 22), date(2026, 11, 22)),  # 1405, today
        ("06/01/15", date(1927, 4, 5), date(2027, 4, 4)),  # a birthday lies behind
        ("55/01/31", date(1976, 4, 20), date(1976, 4, 20)),
        ("1/5/62", date(1983, 7, 23), date(1983, 7, 23)),
        ("۰۲/۰۷/۱۱", date(2023, 10, 3), date(2023, 10, 3)),
    ],
)
def test_a_year_of_two_digits_is_persian_in_an_iranian_office(
    text: str, birthday: date, trip: date
) -> None:
    days = DateParser(TODAY, jalali=True)
    assert (days.birthday(text), days.trip(text)) == (birthday, trip)


def test_a_day_whose_year_had_to_be_guessed_is_reported_and_kept_as_written() -> None:
    _, [one, other], problems = read(
        "نام مشتری,موبایل,مقصد,تاریخ رفت\nسهند نوری,09126110006,وان,02/07/11\n"
        "رکسانا فرجاد,09126110007,کیش,1402/07/11\n",
        TEHRAN,
    )
    assert one.trips[0].departs == other.trips[0].departs == date(2023, 10, 3)
    assert one.trips[0].note == "تاریخ رفت: 02/07/11"
    assert other.trips[0].note == ""
    assert problems == ["2 تاریخ رفت short_year"]


@pytest.mark.parametrize(("digits", "found"), [(4, 0), (5, 1), (6, 1)])
def test_a_number_among_words_has_at_least_five_digits(digits: int, found: int) -> None:
    assert _FEWEST_DIGITS == 5
    assert len(split_numbers(f"تلفن {'7' * digits}")) == found


@pytest.mark.parametrize(("length", "found"), [(799, 1), (800, 1), (801, 0)])
def test_a_text_is_searched_for_numbers_up_to_800_characters(length: int, found: int) -> None:
    assert _LONGEST_TEXT == 800
    assert len(split_numbers("77665544 ".ljust(length, "x"))) == found


@pytest.mark.parametrize(
    "heading",
    ["Onoma;Arithmos;Topos", "Wer;Womit;Wo", "τίτλος α;τίτλος β;τίτλος γ"],
)
def test_a_line_of_unknown_headings_is_found_by_the_numbers_below_and_is_no_customer(
    heading: str,
) -> None:
    _, drafts, _ = read(
        f"Our people in 2024;;\n{heading}\nΝίκος Παπαδόπουλος;697 111 2222;Πάτρα\n"
        "Μαρία Γαλάνη;697 111 3333;Χανιά\n",
        ATHENS,
    )
    assert [numbers(one) for one in drafts] == [["+306971112222"], ["+306971113333"]]
    assert drafts[0].names == {"el": PersonName("Νίκος", "Παπαδόπουλος")}


@pytest.mark.parametrize("first", ["697 111 2222", "", "-", "δεν έχει"])
def test_the_first_customer_of_a_list_without_headings_is_no_heading(first: str) -> None:
    _, drafts, problems = read(
        f"Νίκος Παπαδόπουλος;{first}\nΜαρία Γαλάνη;697 111 3333\nΆννα Ρήγα;697 111 4444\n",
        ATHENS,
    )
    assert len(drafts) + sum("only_a_name" in one for one in problems) == 3


@pytest.mark.parametrize(("digits", "is_heading"), [(3, True), (4, False), (5, False)])
def test_a_heading_has_fewer_than_four_digits(digits: int, is_heading: bool) -> None:
    assert HEADING_DIGITS == 4
    assert could_be_heading("a" + "7" * digits) is is_heading
