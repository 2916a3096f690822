"""School holidays: what is refused, and the days on which offers run around them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from screenpop.offers.calendars import Calendar
from screenpop.offers.compiled import CompiledOffers
from screenpop.offers.offer_errors import OfferError, OfferProblem
from screenpop.offers.offer_json import read_offer, write_offer
from screenpop.offers.office_offer import OfferId, OfferTerms, OfficeOffer, Period
from screenpop.offers.school_holidays import (
    FIRST_YEAR,
    LAST_YEAR,
    MOST_DAYS,
    MOST_NAME,
    HolidaysError,
    HolidaysProblem,
    SchoolHolidays,
    checked_holidays,
)

SUMMER = SchoolHolidays("Summer", date(2027, 6, 15), date(2027, 9, 10))
AROUND = {"calendar": "school_holidays", "before": 30, "after": 2}
WORDS = {"en": "To the sea?", "fa": "دریا؟", "el": "Στη θάλασσα;"}


def plain(**more: object) -> dict[str, object]:
    return {"version": 1, "offer": {"name": "Sea", "words": WORDS, "periods": [AROUND], **more}}


@pytest.mark.parametrize(
    ("day", "runs"),
    [("2027-05-15", False), ("2027-05-16", True), ("2027-09-12", True), ("2027-09-13", False)],
)
def test_offer_runs_from_days_before_the_holidays_to_days_after_them(day: str, runs: bool) -> None:
    terms = read_offer(plain(), holidays=[SUMMER])
    assert terms.periods == (Period(Calendar.SCHOOL_HOLIDAYS, 30, 2),)
    assert read_offer(write_offer(terms)) == terms
    offer = OfficeOffer(OfferId(1), terms, active=True, holidays=(SUMMER,))
    assert offer.runs_on(date.fromisoformat(day)) is runs
    assert not replace(offer, holidays=()).runs_on(date.fromisoformat(day))
    compiled = CompiledOffers([offer])
    compiled.prepare(date.fromisoformat(day))
    assert (compiled._usual._running[1] == 1) is runs


def test_offer_around_holidays_that_are_not_stated_or_out_of_its_days_is_refused() -> None:
    for given, holidays, remedy in (
        (plain(), [], "/offers/holidays"),
        (plain(starts="2027-01-01", ends="2027-05-15"), [SUMMER], "change one of them"),
    ):
        with pytest.raises(OfferError, match=remedy) as error:
            read_offer(given, holidays=holidays)
        assert (error.value.problem, error.value.field) == (OfferProblem.NEVER_RUNS, "periods")
    # Beside a feast it runs without holidays, and one that is only read again is not checked.
    nowruz = {"calendar": "nowruz", "before": 9}
    assert read_offer(plain(periods=[AROUND, nowruz]), holidays=[]).periods
    assert read_offer(plain()).periods
    # Holidays years after its first day are within reach.
    late = SchoolHolidays("Summer", date(2029, 6, 15), date(2029, 9, 10))
    assert read_offer(plain(starts="2027-01-01", ends="2029-06-01"), holidays=[late]).periods


@pytest.mark.parametrize(
    ("name", "first", "last", "problem", "field"),
    [
        (" ", SUMMER.first, SUMMER.last, HolidaysProblem.NAME, "name"),
        ("x" * (MOST_NAME + 1), SUMMER.first, SUMMER.last, HolidaysProblem.NAME, "name"),
        ("Summer", None, SUMMER.last, HolidaysProblem.DAY, "first"),
        ("Summer", SUMMER.first, None, HolidaysProblem.DAY, "last"),
        ("Summer", date(FIRST_YEAR - 1, 12, 31), SUMMER.last, HolidaysProblem.DAY, "first"),
        ("Summer", SUMMER.first, date(LAST_YEAR + 1, 1, 1), HolidaysProblem.DAY, "last"),
        ("Summer", SUMMER.last, SUMMER.first, HolidaysProblem.REVERSED, "last"),
        (
            *("Summer", SUMMER.first, SUMMER.first + timedelta(MOST_DAYS)),
            *(HolidaysProblem.TOO_LONG, "last"),
        ),
    ],
)
def test_holidays_that_cannot_be_are_refused_with_field_value_and_remedy(
    name: str, first: date | None, last: date | None, problem: HolidaysProblem, field: str
) -> None:
    with pytest.raises(HolidaysError) as error:
        checked_holidays(name, first, last)
    assert (error.value.problem, error.value.field) == (problem, field)
    assert error.value.remedy


def test_holidays_up_to_the_limits_are_taken() -> None:
    longest = SUMMER.first + timedelta(MOST_DAYS - 1)
    assert checked_holidays("x" * MOST_NAME, SUMMER.first, longest).last == longest
    for day in (date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)):
        assert checked_holidays(" Winter  break ", day, day) == SchoolHolidays(
            "Winter break", day, day
        )


def test_offers_without_such_a_period_do_not_depend_on_holidays() -> None:
    assert not OfferTerms(name="Sea", words=WORDS).needs_holidays
