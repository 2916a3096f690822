"""All vouchers as rows of a sheet."""

from collections.abc import AsyncGenerator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from screenpop.customers.display_name import display_name
from screenpop.customers.models import PersonRef
from screenpop.loyalty.voucher_code import formatted
from screenpop.loyalty.vouchers import Voucher
from screenpop.spreadsheets.writing.columns import Cell, Column, ExportWords
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.engine.database import Database
from screenpop.store.vouchers.queries import list_vouchers

PAGE = 500
VOUCHER_COLUMNS = (
    Column("voucher_code", width=12),
    Column("voucher_offer", width=28),
    Column("voucher_state", width=12),
    Column("voucher_kind", width=12),
    Column("voucher_amount", width=14),
    Column("amount_currency", width=9),
    Column("voucher_percent", width=9),
    Column("voucher_gift", width=24),
    Column("number", width=8),
    Column("name", width=26),
    Column("voucher_from", width=12),
    Column("voucher_to", width=12),
    Column("voucher_issued", width=12),
    Column("voucher_redeemed", width=12),
    Column("voucher_redeemed_by", width=18),
    Column("voucher_place", width=18),
    Column("voucher_cancelled", width=12),
)


async def voucher_rows(
    database: Database, today: date, zone: ZoneInfo, words: ExportWords
) -> AsyncGenerator[list[list[Cell]]]:
    """Yield the rows, the newest first, page by page."""
    before: int | None = None
    while True:
        page = await list_vouchers(database, today, before=before, limit=PAGE)
        ids = [one.customer_id for one in page if one.customer_id is not None]
        async with database.reading() as connection:
            people = await load_customer_refs(connection, ids)
        yield [_row(one, people, today, zone, words) for one in page]
        if len(page) < PAGE:
            return
        before = page[-1].id


def _row(
    one: Voucher,
    people: Mapping[int, PersonRef],
    today: date,
    zone: ZoneInfo,
    words: ExportWords,
) -> list[Cell]:
    person = None if one.customer_id is None else people.get(one.customer_id)
    worth = one.worth
    return [
        formatted(one.code),
        one.offer_name,
        words(f"voucher_state.{one.state_on(today).value}"),
        words(f"voucher_kind.{worth.kind.value}"),
        worth.amount or None,
        worth.currency,
        worth.percent or None,
        worth.gift,
        one.customer_id,
        "" if person is None else display_name(person.names, words.language).full,
        one.valid_from,
        one.valid_to,
        _day(one.issued_at, zone),
        _day(one.redeemed_at, zone),
        one.redeemed_by,
        one.redeemed_place,
        _day(one.cancelled_at, zone),
    ]


def _day(at: float | None, zone: ZoneInfo) -> date | None:
    return None if at is None else datetime.fromtimestamp(at, zone).date()
