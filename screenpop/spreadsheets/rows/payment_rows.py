"""Rows of a sheet of payments: which customer a row names, and its payment."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from screenpop.common.search_normalization import fold
from screenpop.common.text import display_text
from screenpop.customers.import_columns import NAMES, PHONES, ColumnMapping, Field
from screenpop.customers.payments import PaymentDraft, PaymentMethod, PaymentState
from screenpop.customers.sheet_payments import SheetPayment, payments_to_json
from screenpop.spreadsheets.columns.detection import SheetHead
from screenpop.spreadsheets.columns.payment_headings import PaymentColumn, payment_columns
from screenpop.spreadsheets.rows.errors import RowProblem, Weight
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.rows.row_parser import (
    MAX_SHOWN_LENGTH,
    ImportContext,
    ParsedRow,
    is_total,
)
from screenpop.spreadsheets.rows.rows import Row
from screenpop.spreadsheets.values.cell_parsers import cell_parsers
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.enum_words import CellError, EnumWords
from screenpop.spreadsheets.values.money import (
    currency_of_heading,
    parse_cents,
    parse_currency,
    times_of_heading,
)
from screenpop.spreadsheets.values.text_cells import LONGEST

_EMPTY = frozenset(("-", "--", "—", "–", ".", "/", "?", "n/a", "N/A", "#N/A", "NULL", "null"))
_STATES = EnumWords(
    "unknown_payment_state",
    {
        PaymentState.PAID: "paid|yes|y|true|1|x|✓|cleared|settled|received|done|cashed|پرداخت شد"
        "|پرداخت شده|پرداخت‌شده|بله|وصول|وصول شد|وصول شده|تسویه|تسویه شد|نقد شد|دریافت شد|پاس شد"
        "|پاس شده|ναι|πληρώθηκε|πληρωμένη|πληρωμένο|εξοφλήθηκε|εισπράχθηκε",
        PaymentState.RETURNED: "returned|bounced|dishonoured|dishonored|rejected|برگشت|برگشتی"
        "|برگشت خورد|برگشت خورده|برگشت‌خورده|عودت|ακάλυπτη|επιστράφηκε|σφραγισμένη",
        PaymentState.DUE: "due|open|pending|unpaid|not paid|no|n|false|0|outstanding|overdue"
        "|in clearing|پرداخت نشده|پرداخت‌نشده|نشده|خیر|نه|در جریان|در جریان وصول|سررسید نشده"
        "|معوق|باز|εκκρεμεί|ανοιχτή|απλήρωτη|όχι|ληξιπρόθεσμη|οφείλεται",
    },
)
_METHODS = EnumWords(
    "unknown_payment_method",
    {
        PaymentMethod.CASH: "cash|نقد|نقدی|μετρητά",
        PaymentMethod.CARD: "card|credit card|debit card|pos|کارت|کارتخوان|کارت‌خوان|پوز|κάρτα"
        "|πιστωτική|χρεωστική",
        PaymentMethod.TRANSFER: "transfer|bank transfer|wire|bank|deposit|iban|واریز|واریز بانکی"
        "|حواله|انتقال|کارت به کارت|پایا|ساتنا|κατάθεση|τραπεζική κατάθεση"
        "|τράπεζα|έμβασμα|μεταφορά",
        PaymentMethod.CHEQUE: "cheque|check|چک|چک صیادی|επιταγή",
        PaymentMethod.OTHER: "other|سایر|دیگر|άλλο",
        PaymentMethod.BEFORE: "paid before|پرداخت‌شده از پیش|πληρωμένα από πριν",
    },
)
_DAY_COLUMNS = {
    PaymentColumn.DUE: "due",
    PaymentColumn.PAID_ON: "paid_on",
    PaymentColumn.MADE_ON: "made_on",
}
_TEXT_COLUMNS = {PaymentColumn.CHEQUE: "cheque_number", PaymentColumn.BANK: "bank"}


def without_payment_columns(head: SheetHead) -> SheetHead:
    """Return the columns of a sheet of payments; those of the payment itself are not imported."""
    places = payment_columns([one.heading for one in head.columns]).values()
    columns = tuple(
        replace(one, field=Field.IGNORED) if place in places else one
        for place, one in enumerate(head.columns)
    )
    return replace(head, columns=columns)


def has_payments(head: SheetHead) -> bool:
    """Return whether the columns name amounts."""
    return PaymentColumn.AMOUNT in payment_columns([one.heading for one in head.columns])


@dataclass(slots=True)
class _Reading:
    """What one row gives."""

    row: Row
    problems: list[RowProblem]
    notes: list[str]


class PaymentRowParser:
    """Parses the rows of one sheet of payments, below its headings."""

    def __init__(self, head: SheetHead, context: ImportContext) -> None:
        self._headings = [one.heading for one in head.columns]
        self._columns = payment_columns(self._headings)
        self._days = DateParser(context.today, head.day_first, context.plan.region == "IR")
        self._today = context.today
        heading = self._headings[self._columns[PaymentColumn.AMOUNT]]
        self._unit, self._times = currency_of_heading(heading), times_of_heading(heading)
        wanted = NAMES | PHONES
        fields = tuple(
            one.field if one.field in wanted else Field.IGNORED
            for one in without_payment_columns(head).columns
        )
        mapping = ColumnMapping(head.choice.headings, fields, head.day_first)
        self._takers = tuple(cell_parsers(mapping, context.plan, context.today, {}))
        self._above: dict[str, Any] = {}

    def read(self, row: Row) -> ParsedRow:
        """Return the draft of a row, or its error; a row without a name is of the one above."""
        reading = _Reading(row, [], [])
        first = next((cell for cell in row.cells if cell.strip()), "")
        if is_total(fold(first.rstrip(" :"))):
            self._note(reading, None, first, "totals")
            return ParsedRow(row.line, None, tuple(reading.problems), False)
        person = self._person(row)
        self._above = person = person if person["names"] else self._above
        payment = self._payment(reading)
        if payment is None:
            return ParsedRow(row.line, None, tuple(reading.problems), False)
        draft = {"names": {}, **person, "payments": payments_to_json((payment,))}
        return ParsedRow(row.line, draft, tuple(reading.problems), False)

    def _person(self, row: Row) -> dict[str, Any]:
        person = RowBuilder()
        for place, take in self._takers:
            text = row.cells[place].strip() if place < len(row.cells) else ""
            if text and text not in _EMPTY:
                take(person, text)
        plain = person.plain()
        return {name: plain[name] for name in ("names", "phones") if name in plain}

    def _payment(self, reading: _Reading) -> SheetPayment | None:
        amount = self._amount(reading)
        if amount is None:
            return None
        cents, currency = amount
        days = {name: self._day(reading, column) for column, name in _DAY_COLUMNS.items()}
        state = self._state(reading, days)
        if state is PaymentState.DUE and days["due"] is None:
            self._note(reading, PaymentColumn.DUE, "", "payment_no_due_day")
        values: dict[str, Any] = {
            name: display_text(self._text(reading.row, column), LONGEST)
            for column, name in _TEXT_COLUMNS.items()
        }
        values["method"] = self._method(reading, values["cheque_number"])
        departs = self._day(reading, PaymentColumn.DEPARTS)
        destination = display_text(self._text(reading.row, PaymentColumn.DESTINATION), LONGEST)
        note = [self._text(reading.row, PaymentColumn.NOTE), *reading.notes]
        values |= days
        payment = PaymentDraft(
            cents=cents,
            currency=currency,
            state=state,
            note=display_text("; ".join(filter(None, note)), LONGEST),
            **values,
        )
        return SheetPayment(payment, destination, departs)

    def _amount(self, reading: _Reading) -> tuple[int, str] | None:
        text = self._text(reading.row, PaymentColumn.AMOUNT)
        read = parse_cents(text, self._times) if text else CellError("payment_no_amount")
        if isinstance(read, CellError):
            self._left_out(reading, PaymentColumn.AMOUNT, text, read.code)
            return None
        cents, currency = read
        if cents <= 0:
            self._left_out(reading, PaymentColumn.AMOUNT, text, "payment_not_positive")
            return None
        written = self._text(reading.row, PaymentColumn.CURRENCY)
        of_column = parse_currency(written) if written else ""
        if isinstance(of_column, CellError):
            self._left_out(reading, PaymentColumn.CURRENCY, written, of_column.code)
            return None
        return cents, currency or of_column or self._unit

    def _state(self, reading: _Reading, days: dict[str, date | None]) -> PaymentState:
        """Return the state, and complete the days of the payment by it."""
        day = self._day(reading, PaymentColumn.DAY)
        text = self._text(reading.row, PaymentColumn.STATE)
        state = _STATES.understand(text) if text else None
        if isinstance(state, CellError):
            self._note(reading, PaymentColumn.STATE, text, state.code)
            reading.notes.append(text)
            state = None
        if state is None:
            passed = day is not None and day <= self._today and days["due"] is None
            state = PaymentState.PAID if days["paid_on"] or passed else PaymentState.DUE
        match state:
            case PaymentState.PAID:
                days["paid_on"] = days["paid_on"] or day
            case PaymentState.RETURNED:
                days |= {"returned_on": days["paid_on"], "paid_on": None}
                days["due"] = days["due"] or day
            case PaymentState.DUE:
                days |= {"paid_on": None, "due": days["due"] or day}
        return state

    def _method(self, reading: _Reading, cheque_number: str) -> PaymentMethod:
        text = self._text(reading.row, PaymentColumn.METHOD)
        method = _METHODS.understand(text) if text else None
        if isinstance(method, CellError):
            self._note(reading, PaymentColumn.METHOD, text, method.code)
            reading.notes.append(text)
            method = None
        if method is None:
            return PaymentMethod.CHEQUE if cheque_number else PaymentMethod.OTHER
        return method

    def _day(self, reading: _Reading, column: PaymentColumn) -> date | None:
        text = self._text(reading.row, column)
        if not text:
            return None
        day = self._days.trip(text)
        if isinstance(day, CellError):
            self._note(reading, column, text, day.code)
            reading.notes.append(f"{self._headings[self._columns[column]]}: {text}")
            return None
        return day

    def _text(self, row: Row, column: PaymentColumn) -> str:
        place = self._columns.get(column)
        text = row.cells[place].strip() if place is not None and place < len(row.cells) else ""
        return "" if text in _EMPTY else text

    def _note(self, reading: _Reading, column: PaymentColumn | None, value: str, code: str) -> None:
        reading.problems.append(self._problem(reading.row, column, value, code, Weight.NOTED))

    def _left_out(self, reading: _Reading, column: PaymentColumn, value: str, code: str) -> None:
        reading.problems.append(self._problem(reading.row, column, value, code, Weight.LEFT_OUT))

    def _problem(
        self, row: Row, column: PaymentColumn | None, value: str, code: str, weight: Weight
    ) -> RowProblem:
        place = None if column is None else self._columns.get(column)
        heading = "" if place is None else self._headings[place]
        return RowProblem(
            row.line,
            display_text(heading, MAX_SHOWN_LENGTH),
            display_text(value, MAX_SHOWN_LENGTH),
            code,
            weight,
        )
