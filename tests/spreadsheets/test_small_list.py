"""The ten-column list of customers."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import Gender, PersonName, Tier, Title
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from tests.spreadsheets.small_list import (
    CustomerSheet,
    SheetRow,
    read_customer_file,
    read_customers,
)

TEHRAN = NumberPlan(Region("IR"), "21")
ATHENS = NumberPlan(Region("GR"), "210")
TODAY = date(2026, 11, 22)

ENGLISH = (
    "Title,First name,Last name,Phone,Second phone,Language,Birthday,Tier,Balance,Notes\n"
    "Dr,Laleh,Karimi,0912 345 6789,021 88776655,fa,1986-08-03,gold,1250,Likes tea\n"
)
PERSIAN = (
    "عنوان;نام;نام خانوادگی;موبایل;تلفن ثابت;زبان;تاریخ تولد;سطح;مانده حساب;توضیحات\n"
    "خانم دکتر;لاله;کریمی;۰۹۱۲۳۴۵۶۷۸۹;۸۸۷۷۶۶۵۵;فارسی;۱۳۶۵/۰۵/۱۲;طلایی"
    ";۱٬۲۵۰٬۰۰۰ ریال;چای دوست دارد\n"
)
GREEK = (
    "Τίτλος\tΌνομα\tΕπώνυμο\tΚινητό\tΣταθερό\tΓλώσσα\tΗμερομηνία γέννησης\tΒαθμίδα\tΥπόλοιπο"
    "\tΣημειώσεις\n"
    "κος\tΝίκος\tΠαπαδόπουλος\t6912345678\t2101234567\tΕλληνικά\t1969-12-06\tχρυσή\t1.250,00 €"
    "\tφωτογράφος\n"
)


def read(text: str, plan: NumberPlan = TEHRAN) -> CustomerSheet:
    return read_customers(text.encode(), plan=plan, today=TODAY)


def one(sheet: CustomerSheet) -> CustomerDraft:
    assert sheet.problems == ()
    [row] = sheet.rows
    return row.draft


def codes(sheet: CustomerSheet) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in sheet.problems]


def cells(**given: str) -> CustomerSheet:
    """One row with these cells and a good name and number."""
    row = {"first name": "Laleh", "last name": "Karimi", "phone": "09123456789"} | given
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in row.values()]
    return read(",".join(row) + "\n" + ",".join(quoted) + "\n")


def test_an_english_list_is_read() -> None:
    draft = one(read(ENGLISH))

    assert draft.names == {"en": PersonName("Laleh", "Karimi")}
    assert (draft.title, draft.tier, draft.language) == (Title.DR, Tier.GOLD, "fa")
    assert [phone.e164 for phone in draft.phones] == ["+989123456789", "+982188776655"]
    assert [phone.label for phone in draft.phones] == ["mobile", "home"]
    assert draft.phones[0].raw == "0912 345 6789"
    assert (draft.birthday, draft.balance, draft.notes) == (date(1986, 8, 3), 1250, "Likes tea")


def test_a_persian_list_is_read_with_its_own_digits_calendar_and_words() -> None:
    draft = one(read(PERSIAN))

    assert draft.names == {"fa": PersonName("لاله", "کریمی")}
    assert (draft.title, draft.gender) == (Title.DR, Gender.WOMAN)
    assert [phone.e164 for phone in draft.phones] == ["+989123456789", "+982188776655"]
    assert draft.birthday == date(1986, 8, 3)
    assert (draft.tier, draft.balance, draft.currency) == (Tier.GOLD, 1_250_000, "IRR")


def test_a_greek_list_is_read() -> None:
    draft = one(read(GREEK, ATHENS))

    assert draft.names == {"el": PersonName("Νίκος", "Παπαδόπουλος")}
    assert (draft.title, draft.gender, draft.language) == (Title.MR, Gender.MAN, "el")
    assert [phone.e164 for phone in draft.phones] == ["+306912345678", "+302101234567"]
    assert (draft.tier, draft.balance, draft.currency) == (Tier.GOLD, 1250, "EUR")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [ENGLISH, PERSIAN, GREEK], ids=["en", "fa", "el"])
def test_every_unicode_encoding_gives_the_same_customers(text: str, encoding: str) -> None:
    plan = ATHENS if text is GREEK else TEHRAN
    sheet = read_customers(text.encode(encoding), plan=plan, today=TODAY)

    assert sheet == read(text, plan)
    assert len(sheet.rows) == 1


def test_windows_arabic_and_greek_encodings_are_distinguished() -> None:
    windows_persian = PERSIAN.translate(str.maketrans("یک۰۱۲۳۴۵۶۷۸۹٬", "يک0123456789,"))
    fa = read_customers(windows_persian.encode("cp1256"), plan=TEHRAN, today=TODAY)
    el = read_customers(GREEK.encode("cp1253"), plan=ATHENS, today=TODAY)

    assert one(fa).names == {"fa": PersonName("لاله", "کريمي")}
    assert one(fa).birthday == date(1986, 8, 3)
    assert one(el).names == {"el": PersonName("Νίκος", "Παπαδόπουλος")}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_usual_separator_is_found(separator: str) -> None:
    assert one(read(ENGLISH.replace(",", separator))) == one(read(ENGLISH))


def test_excels_own_hint_is_obeyed_and_counted_as_a_line() -> None:
    sheet = read("sep=;\r\n" + ENGLISH.replace(",", ";") + ";;nobody;x;;;;;;\n")

    assert len(sheet.rows) == 1
    assert sheet.rows[0].line == 3
    assert codes(sheet) == [(4, "bad_phone")]


def test_good_rows_go_in_and_each_bad_one_is_named_with_line_column_and_reason() -> None:
    sheet = read(
        ENGLISH
        + ',"Two\nlines",Ahmadi,0912 345 6780,,,,,,\n'
        + "Baron,Ali,Nouri,12,,xx,1365/13/40,diamond,a lot,\n"
        + ",,,09123456781,,,,,,\n"
        + ",Sara,Amini,0912 345 6782,,,,,,\n"
    )

    assert [row.draft.names["en"].family for row in sheet.rows] == ["Karimi", "Ahmadi", "Amini"]
    assert [row.line for row in sheet.rows] == [2, 3, 7]
    assert codes(sheet) == [
        (5, "unknown_title"),
        (5, "bad_phone"),
        (5, "unknown_language"),
        (5, "impossible_date"),
        (5, "unknown_tier"),
        (5, "bad_amount"),
        (6, "no_name"),
    ]
    assert sheet.refused == 2
    phone = sheet.problems[1]
    assert (phone.column, phone.value) == ("Phone", "12")


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("9123456789.0", "+989123456789"),
        ("9.123456789E+09", "+989123456789"),
        ('="09123456789"', "+989123456789"),
        ("'09123456789", "+989123456789"),
        ("00989123456789", "+989123456789"),
        ("+30 691 234 5678", "+306912345678"),
    ],
)
def test_numbers_that_a_spreadsheet_has_had_its_hands_on_are_mended(
    written: str, e164: str
) -> None:
    assert [phone.e164 for phone in one(cells(phone=written)).phones] == [e164]


def test_two_numbers_in_one_cell_are_two_phones() -> None:
    phones = one(cells(phone="09123456789 / 021-88776655")).phones

    assert [phone.e164 for phone in phones] == ["+989123456789", "+982188776655"]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("phone", "9.12346E+09", "rounded_phone"),
        ("phone", "101", "bad_phone"),
        ("phone", "anonymous", "bad_phone"),
        ("phone", "=SUM(A1:A9)", "formula"),
        ("notes", "=cmd|' /C calc'!A0", "formula"),
        ("notes", "@SUM(1+1)*cmd|' /C calc'!A0", "formula"),
        ("last name", "+1+cmd|' /C calc'!A0", "formula"),
        ("last name", "x" * 201, "too_long"),
        ("notes", "x" * 10_001, "too_long"),
        ("birthday", "in summer", "bad_date"),
        ("birthday", "1365/12/31", "impossible_date"),
        ("birthday", "2027-01-01", "impossible_date"),
        ("birthday", "1786-08-03", "impossible_date"),
        ("balance", "1,25,0", "bad_amount"),
        ("balance", "12 apples", "bad_amount"),
        ("balance", "9" * 30, "bad_amount"),
        ("balance", "=1+1", "formula"),
        ("title", "dr xyz", "unknown_title"),
        ("language", "klingon", "unknown_language"),
    ],
)
def test_a_cell_that_means_nothing_keeps_its_row_out(column: str, value: str, code: str) -> None:
    sheet = cells(**{column: value})

    assert sheet.rows == ()
    assert codes(sheet) == [(2, code)]


@pytest.mark.parametrize(
    ("written", "units", "currency"),
    [
        ("", 0, ""),
        ("0", 0, ""),
        ("1250", 1250, ""),
        ("1.250", 1250, ""),
        ("1,250.00", 1250, ""),
        ("1.250,00 €", 1250, "EUR"),
        ("-300", -300, ""),
        ("(300)", -300, ""),
        ("300-", -300, ""),
        ("۸۵٬۰۰۰٬۰۰۰ تومان", 85_000_000, "IRT"),
        ("12 500 000 000 IRR", 12_500_000_000, "IRR"),
    ],
)
def test_amounts_are_read_as_people_write_them(written: str, units: int, currency: str) -> None:
    draft = one(cells(balance=written))

    assert (draft.balance, draft.currency) == (units, currency)


@pytest.mark.parametrize("written", ["1,250.50", "1.250,49 €", "€ 12,5", "0.01"])
def test_a_balance_with_cents_is_rounded_and_reported(written: str) -> None:
    assert codes(cells(balance=written)) == [(2, "balance_cents")]


def test_a_bare_amount_is_in_the_default_currency() -> None:
    sheet = read_customers(ENGLISH.encode(), plan=TEHRAN, today=TODAY, currency="EUR")

    assert one(sheet).currency == "EUR"


@pytest.mark.parametrize(
    ("written", "title", "gender"),
    [
        ("", Title.NONE, Gender.UNSAID),
        ("Mrs.", Title.MS, Gender.WOMAN),
        ("خانم دکتر", Title.DR, Gender.WOMAN),
        ("آقای مهندس", Title.ENG, Gender.MAN),
        ("Καθηγήτρια", Title.PROF, Gender.WOMAN),
        ("Δρ.", Title.DR, Gender.UNSAID),
    ],
)
def test_titles_of_three_languages_are_understood(
    written: str, title: Title, gender: Gender
) -> None:
    draft = one(cells(title=written))

    assert (draft.title, draft.gender) == (title, gender)


def test_one_column_for_the_whole_name_is_parted_before_its_last_word() -> None:
    sheet = read("Name,Phone\nJames Albert Whitfield,09123456789\n")

    assert one(sheet).names == {"en": PersonName("James Albert", "Whitfield")}


def test_columns_that_are_not_imported_are_reported_and_lose_nothing() -> None:
    sheet = read("Name,Phone,Shoe size,Name\nJames Whitfield,09123456789,43,x\n")

    assert len(sheet.rows) == 1
    assert [(p.line, p.column, p.code) for p in sheet.problems] == [
        (1, "Shoe size", "unknown_column"),
        (1, "Name", "double_column"),
    ]
    assert sheet.refused == 0


def test_a_row_with_more_cells_than_columns_is_not_guessed_at() -> None:
    sheet = read("Name,Phone,Balance\nWhitfield,09123456789,1,250\n")

    assert codes(sheet) == [(2, "too_many_cells")]


def test_control_characters_and_direction_marks_do_not_come_in_with_a_name() -> None:
    sheet = read("Last name,Phone\nKa\u202eri\u0007mi,09123456789\n")

    assert one(sheet).names["en"].family == "Karimi"


def test_a_file_ending_without_a_line_break_and_with_old_line_ends_is_read() -> None:
    assert one(read(ENGLISH.replace("\n", "\r").rstrip())) == one(read(ENGLISH))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "no_rows"),
        (b"PK\x03\x04" + b"x" * 50, "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 50, "spreadsheet"),
        (b"MZ\x90\x00\x03" + bytes(range(256)), "program"),
        (b"\x7fELF" + b"\0" * 50, "program"),
        (b"%PDF-1.7\n", "document"),
        (b"\x1f\x8b\x08" + b"x" * 50, "archive"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (bytes(range(256)) * 40, "not_text"),
        (b"name,phone\nA,\0\0\0\n", "not_text"),
        (b"Dear all,\nplease find below\n", "no_columns"),
        (b"Mr,James,Whitfield,+447400123456\n", "no_columns"),
        (b'name,phone\n"' + b"x" * 200_000, "oversized_field"),
    ],
)
def test_what_is_no_list_of_customers_is_refused_in_one_sentence(data: bytes, code: str) -> None:
    with pytest.raises(SheetRefusedError) as refused:
        read_customers(data, plan=TEHRAN, today=TODAY)

    assert refused.value.code == code
    assert str(refused.value).endswith(".")


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SheetRefusedError) as refused:
        read_customer_file(tmp_path / "no.csv", plan=TEHRAN, today=TODAY)
    assert refused.value.code == "not_there"

    with pytest.raises(SheetRefusedError) as refused:
        read_customer_file(tmp_path, plan=TEHRAN, today=TODAY)
    assert refused.value.code == "unreadable"


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(PERSIAN, "utf-8")

    assert len(read_customer_file(path, plan=TEHRAN, today=TODAY).rows) == 1


@given(st.binary(max_size=600))
def test_no_bytes_make_it_fail_otherwise_than_by_a_clear_refusal(data: bytes) -> None:
    with suppress(SheetRefusedError):
        read_customers(data, plan=TEHRAN, today=TODAY)


@given(
    st.lists(st.lists(st.text(max_size=24), min_size=1, max_size=12), min_size=1, max_size=5),
    st.sampled_from([(ENGLISH, ","), (PERSIAN, ";"), (GREEK, "\t")]),
)
def test_any_cells_in_the_rows_are_each_a_draft_or_a_named_problem(
    rows: list[list[str]], sheet_before: tuple[str, str]
) -> None:
    text, separator = sheet_before
    body = "".join(
        separator.join('"' + cell.replace('"', '""').replace("\0", "") + '"' for cell in row) + "\n"
        for row in rows
    )
    try:
        sheet = read_customers((text + body).encode("utf-8", "replace"), plan=TEHRAN, today=TODAY)
    except SheetRefusedError:
        return  # so many control characters that it is no text
    filled = [row for row in rows if any(_kept(cell) for cell in row)]
    passed_over = {one.line for one in sheet.problems if one.code == "totals"}
    assert len(sheet.rows) + sheet.refused + len(passed_over) == 1 + len(filled)
    for row in sheet.rows:
        assert isinstance(row, SheetRow)
        assert any(name.full for name in row.draft.names.values())


def _kept(cell: str) -> str:
    return cell.replace("\0", "").encode("utf-8", "replace").decode().strip()


@given(st.dates(date(1922, 1, 1), TODAY))
def test_a_birthday_comes_through_both_calendars(day: date) -> None:
    from persiantools.jdatetime import JalaliDate

    jalali = JalaliDate.to_jalali(day)  # type: ignore[no-untyped-call]
    assert one(cells(birthday=day.isoformat())).birthday == day
    assert one(cells(birthday=jalali.strftime("%Y/%m/%d"))).birthday == day
