"""Days as people and spreadsheets write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from screenpop.customers.yearless_days import NO_YEAR
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.enum_words import CellError

TODAY = date(2026, 11, 22)
DAYS = DateParser(TODAY)
PERSIAN = DateParser(TODAY, jalali=True)
past = st.dates(date(1930, 1, 1), TODAY)
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@given(past, st.sampled_from(["-", "/", ".", " "]), st.booleans())
def test_a_day_with_its_year_first_is_that_day(day: date, mark: str, padded: bool) -> None:
    month, number = (f"{day:%m}", f"{day:%d}") if padded else (str(day.month), str(day.day))

    assert DAYS.past(mark.join([str(day.year), month, number])) == day


@given(past, st.sampled_from("-/."), st.booleans())
def test_a_day_with_its_year_last_is_read_as_the_sheet_does(
    day: date, mark: str, day_first: bool
) -> None:
    parts = [f"{day:%d}", f"{day:%m}"] if day_first else [f"{day:%m}", f"{day:%d}"]

    assert DateParser(TODAY, day_first).past(mark.join([*parts, str(day.year)])) == day


@given(past.filter(lambda day: day.year >= 1930), st.sampled_from([PERSIAN_DIGITS, ARABIC_DIGITS]))
def test_a_persian_day_in_its_own_digits_is_the_same_day(day: date, digits: dict[int, str]) -> None:
    jalali = JalaliDate(day)  # type: ignore[no-untyped-call]
    written = f"{jalali.year}/{jalali.month:02}/{jalali.day:02}".translate(digits)

    assert PERSIAN.birthday(written) == day
    assert DAYS.birthday(written) == day


@given(past)
def test_the_number_a_spreadsheet_keeps_is_its_day(day: date) -> None:
    number = (day - date(1899, 12, 30)).days

    assert DAYS.past(str(number)) == day
    assert DAYS.past(f"{number}.75") == day


@given(past, st.sampled_from(["", " 00:00", "T13:45:10", " 1:45 PM"]))
def test_the_time_of_day_does_not_matter(day: date, time: str) -> None:
    assert DAYS.past(day.isoformat() + time) == day


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("3 August 1986", date(1986, 8, 3)),
        ("Aug 3, 1986", date(1986, 8, 3)),
        ("3 Αυγούστου 1986", date(1986, 8, 3)),
        ("3 ΑΥΓΟΥΣΤΟΥ 1986", date(1986, 8, 3)),
        ("۱۲ مرداد ۱۳۶۵", date(1986, 8, 3)),
        ("12 Mordad 1365", date(1986, 8, 3)),
        ("19860803", date(1986, 8, 3)),
        ("25/12/90", date(1990, 12, 25)),
        ("12/25/1990", date(1990, 12, 25)),
    ],
)
def test_days_are_read_in_words_and_short(written: str, day: date) -> None:
    assert DAYS.birthday(written) == day


@pytest.mark.parametrize("written", ["12/06", "12-06", "12 June", "۱۲/۰۶"])
def test_a_birthday_may_have_no_year(written: str) -> None:
    assert DAYS.birthday(written) == date(NO_YEAR, 6, 12)
    assert DAYS.past(written) == CellError("bad_date")


@pytest.mark.parametrize("written", ["1365/12/31", "31/02/1980", "2027-01-01", "1786-08-03"])
def test_an_impossible_day_is_distinguished_from_text_that_is_no_day(written: str) -> None:
    assert DAYS.birthday(written) == CellError("impossible_date")
    assert DAYS.birthday("in summer") == CellError("bad_date")


@given(st.text(max_size=20) | st.from_regex(r"[0-9۰-۹./ -]{1,12}", fullmatch=True))
def test_any_text_is_a_day_or_wrong(text: str) -> None:
    for days in (DAYS, PERSIAN, DateParser(TODAY, day_first=False)):
        for read in (days.birthday, days.past, days.trip):
            found = read(text)
            assert isinstance(found, CellError) or found.year >= 1850


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)))
def test_a_trip_may_lie_ahead(day: date) -> None:
    assert DAYS.trip(day.isoformat()) == day
    assert DAYS.trip("2200-01-01") == CellError("impossible_date")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("سوم مرداد ۱۳۵۵", date(1976, 7, 25)),
        ("بیست و یکم آذر ۱۳۶۲", date(1983, 12, 12)),
        ("سی و یکم خرداد ۱۳۵۰", date(1971, 6, 21)),
        ("اول فروردین 60", date(1981, 3, 21)),
        ("--05-03", date(NO_YEAR, 5, 3)),
    ],
)
def test_days_in_persian_words_and_of_address_books_are_read(written: str, day: date) -> None:
    assert DateParser(TODAY, jalali=True).birthday(written) == day
