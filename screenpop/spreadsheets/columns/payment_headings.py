"""Headings of a sheet of payments, in the three languages."""

import re
from collections.abc import Sequence
from enum import StrEnum

from screenpop.spreadsheets.columns.header_aliases import normalize_heading


class PaymentColumn(StrEnum):
    AMOUNT = "amount"
    CURRENCY = "currency"
    DUE = "due"
    PAID_ON = "paid_on"
    MADE_ON = "made_on"
    DAY = "day"
    """A day of which the heading does not say more."""
    STATE = "state"
    METHOD = "method"
    CHEQUE = "cheque"
    BANK = "bank"
    NOTE = "note"
    DESTINATION = "destination"
    DEPARTS = "departs"


_WORDS = {
    PaymentColumn.AMOUNT: "amount|sum|value|payment|payment amount|instalment|installment"
    "|instalment amount|cheque amount|total|price|مبلغ|مبلغ چک|مبلغ قسط|مبلغ پرداخت|مبلغ پرداختی"
    "|قسط|پرداخت|پرداختی|دریافتی|ποσό|ποσό δόσης|ποσό επιταγής|δόση|πληρωμή|αξία",
    PaymentColumn.CURRENCY: "currency|curr|ccy|unit|ارز|واحد|نوع ارز|واحد پول|واحد پولی|νόμισμα",
    PaymentColumn.DUE: "due|due date|due on|due day|date due|maturity|maturity date|payable on"
    "|cheque date|سررسید|تاریخ سررسید|موعد|موعد پرداخت|تاریخ چک|تاریخ قسط|λήξη|λήγει|λήγει στις"
    "|ημερομηνία λήξης|ημ λήξης|ημ νία λήξης|προθεσμία",
    PaymentColumn.PAID_ON: "paid on|date paid|payment date|paid date|cleared on|received on"
    "|تاریخ پرداخت|تاریخ وصول|تاریخ واریز|تاریخ دریافت|πληρώθηκε στις|ημερομηνία πληρωμής"
    "|ημ πληρωμής|ημ νία πληρωμής",
    PaymentColumn.MADE_ON: "agreed|agreed on|issued|issued on|issue date|written on|تاریخ صدور"
    "|تاریخ صدور چک|تاریخ توافق|ημερομηνία έκδοσης|εκδόθηκε|εκδόθηκε στις",
    PaymentColumn.DAY: "date|day|تاریخ|ημερομηνία|ημ νία|ημ",
    PaymentColumn.STATE: "state|status|paid|is paid|cleared|payment status|cheque status|وضعیت"
    "|وضعیت چک|وضعیت پرداخت|پرداخت شده|وصول شده|κατάσταση|πληρώθηκε|εξοφλήθηκε",
    PaymentColumn.METHOD: "method|type|kind|how|by|means|payment method|payment type|mode"
    "|نحوه پرداخت|روش پرداخت|نوع|نوع پرداخت|شیوه پرداخت|τρόπος|τρόπος πληρωμής|είδος|μέσο",
    PaymentColumn.CHEQUE: "cheque number|cheque no|cheque nr|cheque|check number|check no|check"
    "|شماره چک|شماره ی چک|ش چک|چک|سریال چک|αριθμός επιταγής|αρ επιταγής|επιταγή|αρ επιτ",
    PaymentColumn.BANK: "bank|bank name|بانک|نام بانک|بانک و شعبه|τράπεζα",
    PaymentColumn.NOTE: "note|notes|remark|remarks|comment|comments|description|توضیحات|توضیح"
    "|یادداشت|شرح|ملاحظات|σημείωση|σημειώσεις|περιγραφή|σχόλια|παρατηρήσεις",
    PaymentColumn.DESTINATION: "trip|tour|destination|for|for trip|booking|مقصد|سفر|تور|نام تور"
    "|بابت|προορισμός|ταξίδι|εκδρομή",
    PaymentColumn.DEPARTS: "departure|departs|departure date|travel date|trip date|tour date"
    "|تاریخ رفت|تاریخ سفر|تاریخ حرکت|تاریخ تور|αναχώρηση|ημερομηνία αναχώρησης|ημερομηνία ταξιδιού",
}
_BY_HEADING = {
    normalize_heading(word): column for column, words in _WORDS.items() for word in words.split("|")
}
_UNITS = re.compile(
    r"\b(?:eur|euro|euros|gbp|usd|irr|irt|rial|rials|toman|tomans|aed|try)\b"
    r"|ریال|تومان|تومن|یورو|دلار|پوند|درهم|ευρω|λιρες|δολαρια"
)


def payment_columns(headings: Sequence[str]) -> dict[PaymentColumn, int]:
    """Return the place of each column that the headings name; of two alike the first."""
    found: dict[PaymentColumn, int] = {}
    for place, heading in enumerate(headings):
        column = _column_of(heading)
        if column is not None:
            found.setdefault(column, place)
    if PaymentColumn.CHEQUE in found and PaymentColumn.AMOUNT not in found:
        return {}
    return found


def _column_of(heading: str) -> PaymentColumn | None:
    text = normalize_heading(heading[:200])
    if (column := _BY_HEADING.get(text)) is not None:
        return column
    bare = " ".join(_UNITS.sub(" ", text).split())
    return _BY_HEADING.get(bare) or _BY_HEADING.get(bare.rstrip("0123456789 "))
