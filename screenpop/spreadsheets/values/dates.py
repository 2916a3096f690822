"""Parsing of days as people and spreadsheets write them, in both calendars."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from persiantools.jdatetime import JalaliDate

from screenpop.common.search_normalization import fold
from screenpop.common.text import fold_digits
from screenpop.customers.import_columns import DayOrder
from screenpop.customers.yearless_days import NO_YEAR, from_persian
from screenpop.spreadsheets.values.enum_words import CellError

_OLDEST = 120
_FURTHEST_TRIP = 10
"""Years."""
_FIRST_TRIP = date(1950, 1, 1)
_FIRST_EXPIRY, _FURTHEST_EXPIRY = 1990, 30
"""The first year of a document's last day, and how many years ahead it may lie."""
_JALALI_YEARS = range(1250, 1500)
_GREGORIAN_YEARS = range(1850, 2200)
_LARGEST_SHORT = 31
"""A first part above this cannot be a day, so it is a year without its century."""

_TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?)?"
_YEAR_FIRST = re.compile(rf"^(\d{{4}})([-/. ])(\d{{1,2}})\2(\d{{1,2}}){_TIME}$")
_YEAR_LAST = re.compile(rf"^(\d{{1,2}})([-/. ])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}$")
_NO_YEAR = re.compile(r"^(\d{1,2})[-/.](\d{1,2})$")
_NO_YEAR_MONTH_FIRST = re.compile(r"^--(\d{2})-(\d{2})$")
"""As address books write it (vCard, ISO 8601): ``--05-03``."""
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 80_000
_EXCEL_BEGINS = date(1899, 12, 30)
"""Makes 1 March 1900 and later days right: Excel has a 29 February 1900."""
_TOKEN = re.compile(r"\d+|[^\W\d_]+")

_MONTHS = {
    1: "january jan ιανουαριου ιανουαριος ιαν γεναρης γεναρη ژانویه",
    2: "february feb φεβρουαριου φεβρουαριος φεβ φλεβαρης φλεβαρη فوریه",
    3: "march mar μαρτιου μαρτιος μαρ μαρτη μαρτης مارس",
    4: "april apr απριλιου απριλιος απρ απριλη απριλης آوریل آپریل",
    5: "may μαιου μαιος μαι μαη μαης مه می",
    6: "june jun ιουνιου ιουνιος ιουν ιουνη ιουνης ژوئن",
    7: "july jul ιουλιου ιουλιος ιουλ ιουλη ιουλης ژوئیه جولای ژوییه",
    8: "august aug αυγουστου αυγουστος αυγ اوت آگوست",
    9: "september sep sept σεπτεμβριου σεπτεμβριος σεπ σεπτ سپتامبر",
    10: "october oct οκτωβριου οκτωβριος οκτ اکتبر",
    11: "november nov νοεμβριου νοεμβριος νοε نوامبر",
    12: "december dec δεκεμβριου δεκεμβριος δεκ دسامبر",
}
_JALALI_MONTHS = {
    1: "فروردین farvardin",
    2: "اردیبهشت ordibehesht",
    3: "خرداد khordad",
    4: "تیر tir",
    5: "مرداد امرداد mordad",
    6: "شهریور shahrivar",
    7: "مهر mehr",
    8: "آبان aban",
    9: "آذر azar",
    10: "دی dey",
    11: "بهمن bahman",
    12: "اسفند esfand",
}


_ORDINALS = {
    fold(word): day
    for day, words in enumerate(
        (
            *("اول یکم", "دوم", "سوم", "چهارم", "پنجم", "ششم", "هفتم", "هشتم", "نهم", "دهم"),
            *("یازدهم", "دوازدهم", "سیزدهم", "چهاردهم", "پانزدهم", "شانزدهم", "هفدهم"),
            *("هجدهم هیجدهم", "نوزدهم", "بیستم"),
        ),
        1,
    )
    for word in words.split()
} | {fold("سی ام"): 30, fold("سیم"): 30}
_TENS = {fold("بیست و"): 20, fold("سی و"): 30}
_ORDINAL = re.compile(
    rf"(?<!\w)(?:({'|'.join(_TENS)}) )?({'|'.join(sorted(_ORDINALS, key=len, reverse=True))})(?!\w)"
)
"""A day of a month in Persian words: سوم, بیست و یکم."""


def _by_name(months: dict[int, str]) -> dict[str, int]:
    return {fold(word): month for month, words in months.items() for word in words.split()}


_GREGORIAN_BY_NAME = _by_name(_MONTHS)
_JALALI_BY_NAME = _by_name(_JALALI_MONTHS)

_BAD, _IMPOSSIBLE = CellError("bad_date"), CellError("impossible_date")


@dataclass(frozen=True, slots=True)
class DateParser:
    """How the days of a sheet are read."""

    today: date
    day_first: bool = True
    """``03/08/1986`` is in August. ``2026-08-03`` and days above twelve are unambiguous."""
    jalali: bool = False
    """A year of two digits is one of the Persian calendar, also in ASCII digits."""
    by_hand: bool = False
    """A user chose the calendar and the order of the column, so that nothing is a guess."""

    def ordered_as(self, order: str) -> "DateParser":
        """Return the parser of a column whose days a user has ordered, as ``DayOrder``."""
        if not order:
            return self
        is_jalali, month_first = order == DayOrder.JALALI, order == DayOrder.MONTH_FIRST
        return replace(self, day_first=not month_first, jalali=is_jalali, by_hand=True)

    def birthday(self, text: str) -> date | CellError:
        """Return a day of the last 120 years; without a year, in ``NO_YEAR``."""
        return self._past(text, no_year=True)

    def past(self, text: str) -> date | CellError:
        return self._past(text, no_year=False)

    def trip(self, text: str) -> date | CellError:
        day = self._day(text, self._near, no_year=False)
        if isinstance(day, CellError):
            return day
        known = day >= _FIRST_TRIP and day.year <= self.today.year + _FURTHEST_TRIP
        return day if known else _IMPOSSIBLE

    def expiry(self, text: str) -> date | CellError:
        """Return the first or last day of a document, which may lie ahead."""
        day = self._day(text, self._near, no_year=False)
        if isinstance(day, CellError):
            return day
        known = _FIRST_EXPIRY <= day.year <= self.today.year + _FURTHEST_EXPIRY
        return day if known else _IMPOSSIBLE

    def any_day(self, text: str) -> date | CellError:
        """Return a day of an own field, past or ahead."""
        return self._day(text, self._near, no_year=False)

    def _past(self, text: str, *, no_year: bool) -> date | CellError:
        day = self._day(text, self._behind, no_year=no_year)
        if isinstance(day, CellError) or (no_year and day.year == NO_YEAR and _has_no_year(text)):
            return day
        return day if self.today.year - _OLDEST <= day.year and day <= self.today else _IMPOSSIBLE

    def _near(self, short: int) -> int:
        """Return the full year of a short one: at most ten years ahead."""
        century = self.today.year // 100 * 100
        return century + short - (100 if century + short > self.today.year + _FURTHEST_TRIP else 0)

    def _behind(self, short: int) -> int:
        century = self.today.year // 100 * 100
        return century + short - (100 if century + short > self.today.year else 0)

    def _day(self, text: str, full: Callable[[int], int], *, no_year: bool) -> date | CellError:
        written = fold_digits(text).strip()
        if found := _YEAR_FIRST.match(written):
            return _year_first(int(found[1]), int(found[3]), int(found[4]))
        if found := _YEAR_LAST.match(written):
            first, second, year = int(found[1]), int(found[3]), found[4]
            return self._year_last(first, second, year, text, full)
        if found := _SERIAL.match(written):
            return _from_serial(int(found[1]))
        if found := _COMPACT.match(written):
            return _year_first(int(found[1]), int(found[2]), int(found[3]))
        if no_year and (found := _NO_YEAR.match(written)):
            return self._ordered(int(found[1]), int(found[2]), NO_YEAR)
        if no_year and (found := _NO_YEAR_MONTH_FIRST.match(written)):
            return _gregorian(NO_YEAR, int(found[1]), int(found[2]))
        return self._by_words(written, full, no_year=no_year)

    def _year_last(
        self, first: int, second: int, year: str, text: str, full: Callable[[int], int]
    ) -> date | CellError:
        if len(year) == len("1986"):
            return self._ordered(first, second, int(year))
        if first > _LARGEST_SHORT:
            persian = self.jalali or not text.isascii()
            return _jalali(1300 + first, second, int(year)) if persian else _BAD
        if self.jalali:
            return self._short_jalali(first, second, int(year), full)
        if not text.isascii():
            return _BAD  # in Persian digits the year may be at either end
        return self._ordered(first, second, full(int(year)))

    def _short_jalali(
        self, first: int, second: int, last: int, full: Callable[[int], int]
    ) -> date | CellError:
        """Return a day of the Persian calendar: the year first, unless only the last can be one."""
        if last > _LARGEST_SHORT:
            return _jalali(1300 + last, second, first)
        this_year = JalaliDate(self.today).year  # type: ignore[no-untyped-call]
        # As for other short years: a day of a trip may lie ahead, a birthday not.
        ahead = _FURTHEST_TRIP if full(self.today.year % 100 + 1) > self.today.year else 0
        year = 1400 + first
        return _jalali(year if year <= this_year + ahead else year - 100, second, last)

    def is_guess(self, text: str) -> bool:
        """Return whether a day has no four-digit year and more than one part could be it."""
        found = _YEAR_LAST.match(fold_digits(text).strip())
        if self.by_hand or found is None or not self.jalali or len(found[4]) == len("1986"):
            return False
        return int(found[1]) <= _LARGEST_SHORT and int(found[4]) <= _LARGEST_SHORT

    def _ordered(self, first: int, second: int, year: int) -> date | CellError:
        if year in _JALALI_YEARS:
            return _jalali(year, second, first)
        day, month = (first, second) if self.day_first else (second, first)
        if month > 12 >= day:
            day, month = month, day
        return _gregorian(year, month, day)

    def _by_words(
        self, written: str, full: Callable[[int], int], *, no_year: bool
    ) -> date | CellError:
        tokens = _TOKEN.findall(_ORDINAL.sub(_ordinal_in_digits, fold(written)))
        numbers = [int(token) for token in tokens if token.isdecimal() and len(token) <= 4]
        words = [token for token in tokens if not token.isdecimal()]
        months = [_GREGORIAN_BY_NAME.get(word) or _JALALI_BY_NAME.get(word) for word in words]
        named = [(word, month) for word, month in zip(words, months, strict=True) if month]
        if len(named) != 1 or not 1 <= len(numbers) <= 2:
            return _BAD
        word, month = named[0]
        jalali = word in _JALALI_BY_NAME
        if len(numbers) == 1:
            return self._without_year(month, numbers[0], jalali=jalali) if no_year else _BAD
        day, year = sorted(numbers) if max(numbers) > _LARGEST_SHORT else numbers
        if jalali:
            return _jalali(year if year > 99 else 1300 + year, month, day)
        return _gregorian(year if year > 99 else full(year), month, day)

    def _without_year(self, month: int, day: int, *, jalali: bool) -> date | CellError:
        if not jalali:
            return _gregorian(NO_YEAR, month, day)
        try:
            return from_persian(month, day, self.today)
        except ValueError:
            return _IMPOSSIBLE


def _ordinal_in_digits(found: re.Match[str]) -> str:
    return str(_TENS.get(found[1], 0) + _ORDINALS[found[2]])


def _has_no_year(text: str) -> bool:
    return str(NO_YEAR) not in fold_digits(text)


def _year_first(year: int, month: int, day: int) -> date | CellError:
    return _jalali(year, month, day) if year in _JALALI_YEARS else _gregorian(year, month, day)


def _gregorian(year: int, month: int, day: int) -> date | CellError:
    if year not in _GREGORIAN_YEARS:
        return _IMPOSSIBLE
    try:
        return date(year, month, day)
    except ValueError:
        return _IMPOSSIBLE


def _jalali(year: int, month: int, day: int) -> date | CellError:
    try:
        found = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    except ValueError:
        return _IMPOSSIBLE
    return date(found.year, found.month, found.day)


def _from_serial(number: int) -> date | CellError:
    if not _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return _BAD
    return _EXCEL_BEGINS + timedelta(days=number)
