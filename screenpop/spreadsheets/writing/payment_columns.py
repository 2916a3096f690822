"""The sheet of payments of an exported workbook, with a row for each; the import reads it again."""

from collections.abc import Iterator

from screenpop.accounts.departments import Section
from screenpop.customers.export_record import CustomerExportRecord
from screenpop.customers.payments import plain_amount
from screenpop.customers.sheet_payments import SheetPayment
from screenpop.spreadsheets.writing.sheet_words import Cell, Column, ExportWords

PAYMENT_COLUMNS = tuple(
    Column(code, Section.PRICES, width)
    for code, width in (
        ("number", 8),
        ("whole_name", 26),
        ("payment_trip", 18),
        ("payment_departs", 12),
        ("payment_amount", 14),
        ("payment_currency", 9),
        ("payment_state", 14),
        ("payment_due", 12),
        ("payment_paid_on", 12),
        ("payment_made_on", 12),
        ("payment_method", 16),
        ("payment_cheque", 16),
        ("payment_bank", 16),
        ("payment_note", 28),
    )
)


def payment_rows_of(one: CustomerExportRecord, words: ExportWords) -> Iterator[list[Cell]]:
    """Yield a row for each payment of the customer's trips, by their due day."""
    name = next((name.full for name in one.draft.names.values()), "")
    for payment in one.draft.payments:
        yield [int(one.id), name, *_cells(payment, words)]


def _cells(one: SheetPayment, words: ExportWords) -> list[Cell]:
    payment = one.payment
    return [
        one.destination,
        one.departs,
        plain_amount(payment.cents),
        payment.currency,
        words(f"payment_state.{payment.state}"),
        payment.due,
        payment.paid_on,
        payment.made_on,
        words(f"payment_method.{payment.method}"),
        payment.cheque_number,
        payment.bank,
        payment.note,
    ]
