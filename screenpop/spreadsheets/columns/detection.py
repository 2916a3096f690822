"""Detection of the fields of columns: by heading, and by the cells below it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice

from screenpop.common.search_normalization import fold
from screenpop.common.text import fold_digits
from screenpop.customers.import_columns import (
    AMOUNTS,
    CONSENTS,
    DAYS,
    NAMES,
    OPT_OUTS,
    PHONES,
    SEVERAL,
    ColumnGuess,
    ColumnMapping,
    Field,
    day_orders,
    own_ids,
)
from screenpop.customers.models import Tier
from screenpop.customers.own_fields import OwnField
from screenpop.spreadsheets.columns.group_headings import (
    are_groups,
    column_cells,
    could_be_heading,
    joined_headings,
    under_groups,
)
from screenpop.spreadsheets.columns.header_aliases import MAYBE
from screenpop.spreadsheets.columns.mapping import Heading, read_headings, score
from screenpop.spreadsheets.columns.name_order import with_name_order
from screenpop.spreadsheets.columns.own_headings import with_own_fields
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.rows import MAX_COLUMNS, Row
from screenpop.spreadsheets.values.consent_cells import is_consent
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.enum_words import (
    GENDERS,
    LANGUAGES,
    PRODUCTS,
    STATUSES,
    TIERS,
    YES_NO,
    CellError,
    parse_title,
)
from screenpop.spreadsheets.values.money import currency_of_heading, parse_amount
from screenpop.spreadsheets.values.phones import phone_parser
from screenpop.spreadsheets.values.text_cells import is_count
from screenpop.telephony.number_plan import NumberPlan

HEAD_ROWS = 200
"""Rows that are examined."""
_WHERE_HEADINGS_STAND = 15
_SAMPLES = 4
_NEAR = 8
"""Columns without a heading that follow the last heading; further ones need several values."""
_LONE = 2
"""Cells; so many far to the right are remarks on their rows, not a column."""
_FEWEST_ALIKE = 0.6
_BY_CONTENT = 0.5
_FEWEST_DIGITS = 7
_DIGITS_OF_DAY = 8
"""``13650512``."""
_GROWN_UP = 15
"""Years: a column of days that lie so far back holds birthdays."""


@dataclass(frozen=True, slots=True)
class SheetHead:
    """The beginning of a sheet, with detected headings and columns."""

    line: int
    """The row of the headings; 0 when there are none."""
    columns: tuple[ColumnGuess, ...]
    day_first: bool

    @property
    def choice(self) -> ColumnMapping:
        """Return the proposed mapping, unchanged."""
        return ColumnMapping(
            tuple(column.heading for column in self.columns),
            tuple(column.field for column in self.columns),
            self.day_first,
            own_ids(self.columns),
            day_orders(self.columns),
        )


def detect_columns(
    rows: Sequence[Row],
    plan: NumberPlan,
    today: date,
    remembered: ColumnMapping | None = None,
    *,
    closed: bool = False,
    line: int | None = None,
    own_fields: Sequence[OwnField] = (),
) -> SheetHead:
    """Propose the fields of the columns, from the first rows of a sheet.

    ``closed``: more cells than headings are an error of the file, not columns without a heading.
    ``line``: the line of the headings, 0 for none; None: it is detected. ``own_fields``: of the
    office, found by their names.
    Raises ``SheetRefusedError`` where ``line`` is not among the rows.
    """
    place = _headings_among(rows) if line is None else _place_of_line(rows, line)
    headings = headings_at(rows, place, closed=closed)
    below = rows if place is None else rows[place + 1 :]
    columns = [column_cells(below, number) for number in range(len(headings))]
    found = 0 if place is None else rows[place].line
    day_first = _day_first(columns)
    if remembered is not None and len(remembered.fields) == len(columns):
        proposals = [
            ColumnGuess(heading, field, 1.0, "remembered", samples(cells))
            for heading, field, cells in zip(headings, remembered.fields, columns, strict=True)
        ]
        return SheetHead(found, tuple(proposals), remembered.day_first)
    looks = _ColumnStatistics(plan, DateParser(today, day_first, plan.region == "IR"))
    proposed = with_name_order(_propose(headings, columns, looks), columns)
    proposals = with_own_fields(proposed, columns, own_fields, plan)
    return SheetHead(found, tuple(proposals), day_first)


def headings_at(rows: Sequence[Row], place: int | None, *, closed: bool) -> list[str]:
    """Return one heading a column, given the index of their row; empty texts for ``None``."""
    headings = [] if place is None else _with_line_above(rows, place)
    below = rows if place is None else rows[place + 1 :]
    is_closed = closed and place is not None
    width = len(_trimmed(headings)) if is_closed else _used(headings, below)
    return [*headings, *[""] * (width - len(headings))][:width]


def _place_of_line(rows: Sequence[Row], line: int) -> int | None:
    """Return the index of the row that the user named; None for line 0: no headings."""
    if line == 0:
        return None
    for place, row in enumerate(rows):
        if row.line == line:
            return place
    raise SheetRefusedError("no_heading_line", line=line, limit=HEAD_ROWS)


def samples(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell[:60] for cell in islice(filter(None, cells), _SAMPLES))


def _used(headings: Sequence[str], below: Sequence[Row]) -> int:
    """Return how many columns have values; one or two cells far to the right make no column."""
    filled = Counter(
        number for row in below for number, cell in enumerate(row.cells) if cell.strip()
    )
    last = len(_trimmed(headings))
    near = last + _NEAR if last else MAX_COLUMNS
    columns = [number for number, count in filled.items() if number < near or count > _LONE]
    return max(last, *(number + 1 for number in columns), 0) if columns else last


def _trimmed(cells: Sequence[str]) -> Sequence[str]:
    """Return the cells without empty ones at the end."""
    last = max((place + 1 for place, cell in enumerate(cells) if cell.strip()), default=0)
    return cells[:last]


def _headings_among(rows: Sequence[Row]) -> int | None:
    """Return the index of the row that looks most like headings; title lines may be above it."""
    scores = [score(row.cells) for row in rows[:_WHERE_HEADINGS_STAND]]
    best = max(scores, default=0)
    if best < 1:
        return _headings_by_content(rows)
    place = scores.index(best)
    return place + 1 if _continues_headings(rows, place) else place


def _continues_headings(rows: Sequence[Row], place: int) -> bool:
    """Return whether the headings go on in the next row: second words, or the units."""
    if place + 1 >= len(rows):
        return False
    cells = [cell.strip() for cell in rows[place + 1].cells if cell.strip()]
    if not cells or not all(map(could_be_heading, cells)):
        return False
    if all(cell.startswith("(") or currency_of_heading(cell) for cell in cells):
        return True
    own = [cell.strip() for cell in rows[place].cells]
    both, lower = score(joined_headings(own, rows[place + 1].cells)), score(rows[place + 1].cells)
    return both > max(score(own), lower) or (both >= score(own) and lower > 1)


def _with_line_above(rows: Sequence[Row], place: int) -> list[str]:
    """Return the headings of a row, with those of the row above where it begins them."""
    own = [cell.strip() for cell in rows[place].cells]
    if place == 0:
        return own
    above = rows[place - 1].cells
    if score(above) >= 1 and _continues_headings(rows, place - 1):
        return joined_headings(above, own)
    return under_groups(above, own) if are_groups(above, own, rows[place + 1 :]) else own


def _headings_by_content(rows: Sequence[Row]) -> int | None:
    """Return the index of a row of texts above columns of numbers, though no text is known.

    Without it the headings would become a customer.
    """
    for place, row in enumerate(rows[:_WHERE_HEADINGS_STAND]):
        filled = {number: cell for number, cell in enumerate(row.cells) if cell.strip()}
        if len(filled) < 2 or not all(map(could_be_heading, filled.values())):
            continue
        below = rows[place + 1 :]
        if any(_is_of_numbers(column_cells(below, number)) for number in filled):
            return place
    return None


def _is_of_numbers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell][:HEAD_ROWS]
    like = sum(map(_could_be_phone, filled))
    return bool(filled) and like >= _FEWEST_ALIKE * len(filled)


def _propose(
    headings: Sequence[str], columns: Sequence[list[str]], looks: "_ColumnStatistics"
) -> list[ColumnGuess]:
    found = read_headings(headings)
    taken = {heading.field for heading in found}
    proposals = []
    for text, heading, cells in zip(headings, found, columns, strict=True):
        if currency_of_heading(text) and not heading.sure:
            # An amount of eight digits would be a number of the office's own town.
            proposals.append(ColumnGuess(text, Field.IGNORED, 0.0, "nothing", samples(cells)))
            continue
        field, confidence, why = _guess_column(heading, cells, looks, taken, has_text=bool(text))
        taken.add(field)
        proposals.append(ColumnGuess(text, field, round(confidence, 2), why, samples(cells)))
    return proposals


def _guess_column(
    heading: Heading,
    cells: Sequence[str],
    looks: "_ColumnStatistics",
    taken: set[Field],
    *,
    has_text: bool,
) -> tuple[Field, float, str]:
    if heading.double:
        return Field.IGNORED, heading.sure, "double"
    filled = [cell for cell in cells if cell][:HEAD_ROWS]
    if heading.is_other and heading.field is Field.IGNORED:
        return heading.field, heading.sure, "other" if filled else "heading"
    if heading.sure:
        if heading.field is Field.SMS_CONSENT and looks.are_phones_and_no_answers(filled):
            return Field.PHONE, heading.sure, "content"
        if _counts_travellers(heading, filled, looks, taken):
            return Field.ADULTS, heading.sure, "heading"
        like = looks.share(heading.field, filled) if filled else 1.0
        if heading.sure <= MAYBE and like < _FEWEST_ALIKE:
            return Field.IGNORED, 0.0, "nothing"  # the cells contradict a part of the heading
        return heading.field, heading.sure * (0.3 + 0.7 * like), "heading"
    field, share = looks.like(filled, taken)
    if field is Field.IGNORED or (field is Field.DEPARTS and has_text):  # of a record, perhaps
        return Field.IGNORED, 0.0, "nothing"
    return field, _BY_CONTENT * share, "content"


def _counts_travellers(
    heading: Heading, filled: Sequence[str], looks: "_ColumnStatistics", taken: set[Field]
) -> bool:
    """Return whether a column of travellers has their number instead of their names."""
    possible = heading.field is Field.TRAVELLERS and Field.ADULTS not in taken and bool(filled)
    return possible and looks.share(Field.ADULTS, filled) >= _FEWEST_ALIKE


def _day_first(columns: Sequence[Sequence[str]]) -> bool:
    """Return whether days come before months, where any cell shows it."""
    first = second = 0
    for cells in columns:
        for cell in cells:
            parts = fold_digits(cell).replace("-", "/").replace(".", "/").split("/")
            if len(parts) == 3 and all(part.isdecimal() and len(part) <= 4 for part in parts):
                first += 12 < int(parts[0]) <= 31
                second += int(parts[0]) <= 12 < int(parts[1]) <= 31
    return first >= second


class _ColumnStatistics:
    """Counts the cells of a column that look like each kind of value."""

    def __init__(self, plan: NumberPlan, days: DateParser) -> None:
        self._days = days
        phones = phone_parser(plan)
        day, amount = _meant(days.past), _meant(parse_amount)
        words = {
            Field.TIER: _is_tier,
            Field.GENDER: GENDERS.knows,
            Field.LANGUAGE: LANGUAGES.knows,
            Field.PRODUCT: PRODUCTS.knows,
            Field.STATUS: STATUSES.knows,
            Field.VIP: YES_NO.knows,
            Field.TITLE: _meant(parse_title),
        }
        self._tests: dict[Field, Callable[[str], bool]] = {
            **dict.fromkeys(PHONES, _meant(lambda text: phones(text, ""), _could_be_phone)),
            **dict.fromkeys(AMOUNTS, amount),
            **dict.fromkeys(DAYS, lambda text: day(text) or _meant(days.trip)(text)),
            **dict.fromkeys(NAMES, _could_be_name),
            Field.BIRTHDAY: _meant(days.birthday),
            Field.ADULTS: is_count,
            Field.EMAIL: _could_be_email,
            **{field: partial(_could_be_consent, field, days) for field in (*CONSENTS, *OPT_OUTS)},
            **words,
        }

    def are_phones_and_no_answers(self, cells: Sequence[str]) -> bool:
        """Return whether a column SMS has numbers; ``No · 2026-01-31`` has the digits of one."""
        return (
            bool(cells)
            and self.share(Field.PHONE, cells) >= _FEWEST_ALIKE
            and self.share(Field.SMS_CONSENT, cells) < _FEWEST_ALIKE
        )

    def share(self, field: Field, cells: Sequence[str]) -> float:
        """Return the share of matching cells, 0 to 1; 1 for fields of free text."""
        test = self._tests.get(field)
        return 1.0 if test is None or not cells else sum(map(test, cells)) / len(cells)

    def like(self, cells: Sequence[str], taken: set[Field]) -> tuple[Field, float]:
        """Return the likeliest field of a column without a heading, and its share."""
        candidates = [Field.EMAIL, self._phone_or_day(cells), Field.TITLE, Field.TIER]
        candidates += [Field.LANGUAGE, Field.GENDER]
        if taken.isdisjoint(NAMES):
            candidates.append(Field.NAME)
        for field in candidates:
            if field in taken and field not in SEVERAL:
                continue
            share = self.share(field, cells) if cells else 0.0
            if share >= _FEWEST_ALIKE:
                return field, share
        return Field.IGNORED, 0.0

    def _phone_or_day(self, cells: Sequence[str]) -> Field:
        # First: with eight-digit local numbers, 1365/05/12 would look like one of them.
        written = [cell for cell in cells if not _is_short_number(cell)]
        days = self.share(Field.DEPARTS, written) * len(written)
        is_day = bool(cells) and days >= _FEWEST_ALIKE * len(cells)
        if not is_day and self.share(Field.PHONE, cells) >= _FEWEST_ALIKE:
            return Field.PHONE
        if not is_day:
            return Field.PHONE
        read = [self._days.birthday(cell) for cell in written]
        known = [day for day in read if isinstance(day, date)]
        back = [day for day in known if day.year <= self._days.today.year - _GROWN_UP]
        grown_up = len(back) * 2 > len(known)
        return Field.BIRTHDAY if grown_up else Field.DEPARTS


def _meant(
    understand: Callable[[str], object], before: Callable[[str], bool] | None = None
) -> Callable[[str], bool]:
    def means_something(text: str) -> bool:
        if before is not None and not before(text):
            return False
        return not isinstance(understand(text), CellError)

    return means_something


def _is_tier(text: str) -> bool:
    """Return whether a cell names a tier; "normal" and "standard" are words of many columns."""
    tier = TIERS.understand(text)
    return not isinstance(tier, CellError) and tier is not Tier.NONE


def _is_short_number(text: str) -> bool:
    """Return whether a cell is a plain number: a code or an amount, a day only by its heading."""
    return text.isdecimal() and len(text) < _DIGITS_OF_DAY


def _could_be_phone(text: str) -> bool:
    return sum(char.isdigit() for char in text) >= _FEWEST_DIGITS


def _could_be_consent(field: Field, days: DateParser, text: str) -> bool:
    return is_consent(field, text, days)


def _could_be_email(text: str) -> bool:
    name, at, domain = text.partition("@")
    return bool(at and name) and "." in domain and " " not in text


def _could_be_name(text: str) -> bool:
    letters = sum(char.isalpha() or char in " .'-\u200c" for char in fold(text))
    return letters >= 0.9 * len(fold(text)) and any(map(str.isalpha, text))
