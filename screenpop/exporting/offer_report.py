"""What became of offers as rows of a sheet, from which the lift can be computed by hand.

Shares of one offer: among its rows that count, the mean of "booked" of those it was shown to, less
that of those it was withheld from.
"""

from collections.abc import Iterable, Iterator, Mapping

from screenpop.offers.office_offer import offer_of
from screenpop.offers.outcomes import SHOWN, WITHHELD, OfferOutcome
from screenpop.spreadsheets.writing.sheet_words import Cell, Column, ExportWords

OFFER_COLUMNS = (
    Column("offer_number", width=8),
    Column("offer_name", width=30),
    Column("customer_number", width=10),
    Column("offer_group", width=12),
    Column("offer_first_day", width=12),
    Column("offer_calls", width=8),
    Column("offer_answer", width=12),
    Column("offer_why", width=14),
    Column("offer_agent", width=18),
    Column("offer_answered_on", width=12),
    Column("offer_booked_on", width=12),
    Column("offer_counts", width=8),
    Column("offer_booked", width=8),
)


def offer_rows(
    outcomes: Iterable[OfferOutcome], names: Mapping[int, str], words: ExportWords
) -> Iterator[list[Cell]]:
    """Yield the rows in the order of ``OFFER_COLUMNS``; 1 and 0 are yes and no."""
    for one in outcomes:
        number = offer_of(one.offer)
        yield [
            number,
            names.get(int(number), "") if number is not None else "",
            one.customer_id,
            words(f"offer_group.{WITHHELD if one.is_withheld else SHOWN}"),
            one.first_day,
            one.calls,
            words(f"offer_answer.{one.answer}") if one.answer else None,
            words(f"decline_reason.{one.why}") if one.why else None,
            one.agent,
            one.answered_on,
            one.booked_on,
            int(one.is_counted),
            int(one.booked_on is not None),
        ]
