"""A work list as rows of a sheet, with only what the department may see."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from screenpop.accounts.departments import Section
from screenpop.accounts.users import UserId
from screenpop.cards.honorifics import address
from screenpop.customers.draft import PhoneDraft
from screenpop.follow_ups.models import FollowUp
from screenpop.follow_ups.work_list import SALE_KINDS, WorkKind, visible_kinds
from screenpop.spreadsheets.writing.columns import Cell, Column, ExportWords, PhoneCell
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.listed_customers import (
    ListedCustomer,
    load_listed_customers,
    localized_params,
)
from screenpop.store.follow_ups.promises import PromiseFilter, list_promises
from screenpop.store.follow_ups.work_lists import ListedRow, WorkFilter, list_work
from screenpop.telephony.identifiers import E164

PAGE = 200
_COLUMNS = (
    Column("number", width=8),
    Column("name", width=26),
    Column("phone", width=20),
    Column("tier", width=10),
    Column("vip", width=6),
    Column("language", width=10),
    Column("work_list", width=20),
    Column("about", width=36),
    Column("destination", width=18),
    Column("day", width=12),
    Column("amount", Section.PRICES, 14),
    Column("amount_currency", Section.PRICES, 9),
    Column("trip_count", Section.TRIPS, 8),
    Column("worth", Section.PRICES, 14),
    Column("worth_currency", Section.PRICES, 9),
    Column("assigned_to", width=18),
)


@dataclass(frozen=True, slots=True)
class WorkListRequest:
    """Which list, of which users (None: rows of no user; none at all: of all)."""

    kind: WorkKind
    users: tuple[UserId | None, ...]
    today: date
    zone: ZoneInfo
    sections: frozenset[Section]


def work_list_columns(sections: frozenset[Section]) -> tuple[Column, ...]:
    """Return the columns that a department may see."""
    return tuple(one for one in _COLUMNS if one.section is None or one.section in sections)


async def work_list_rows(
    database: Database, asked: WorkListRequest, words: ExportWords
) -> AsyncGenerator[list[list[Cell]]]:
    """Yield the rows of a list, page by page, in the order of the page.

    A list of something to sell has only customers who agreed to offers.
    """
    if asked.kind not in visible_kinds(asked.sections):
        raise PermissionError(f"no right to the list {asked.kind.value}")
    codes = [one.code for one in work_list_columns(asked.sections)]
    pages = _promises if asked.kind is WorkKind.PROMISE else _listed
    async for page in pages(database, asked, words):
        yield [[cells.get(code) for code in codes] for cells in page]


_Cells = dict[str, Cell]


async def _promises(
    database: Database, asked: WorkListRequest, words: ExportWords
) -> AsyncGenerator[list[_Cells]]:
    chosen, after = PromiseFilter(asked.today, asked.zone, asked.users), None
    while True:
        page = await list_promises(database, chosen, after=after, limit=PAGE)
        async with database.reading() as connection:
            people = await load_listed_customers(connection, [one.customer_id for one in page.rows])
        yield [_promise(one, people[one.customer_id], words) for one in page.rows]
        after = page.after
        if after is None:
            return


async def _listed(
    database: Database, asked: WorkListRequest, words: ExportWords
) -> AsyncGenerator[list[_Cells]]:
    chosen, after = WorkFilter(asked.kind, asked.users), None
    while True:
        page = await list_work(database, chosen, asked.today, after=after, limit=PAGE)
        listed = [row for row in page.rows if asked.kind not in SALE_KINDS or row.customer.agreed]
        async with database.reading() as connection:
            names = await load_customer_refs(
                connection, [row.params.get("referred") for row in listed]
            )
        yield [
            _row(row, localized_params(row.kind, row.params, words.language, names), asked, words)
            for row in listed
        ]
        after = page.after
        if after is None:
            return


def _promise(one: FollowUp, customer: ListedCustomer, words: ExportWords) -> _Cells:
    return _customer(customer, words) | {
        "work_list": words("work_list.promise"),
        "about": one.promise,
        "day": one.due,
        "assigned_to": one.assigned_name,
    }


def _row(
    row: ListedRow, params: Mapping[str, Any], asked: WorkListRequest, words: ExportWords
) -> _Cells:
    return _customer(row.customer, words) | {
        "work_list": words(f"work_list.{row.kind.value}"),
        "about": str(params.get("case") or params.get("name") or params.get("segment") or ""),
        "destination": str(params.get("destination", "")),
        "day": next(_days(row.kind, params, asked.today), None),
        "amount": params.get("amount"),
        "amount_currency": params.get("currency"),
        "trip_count": row.trips,
        "worth": row.worth or None,
        "worth_currency": row.currency,
        "assigned_to": row.assigned_name,
    }


def _days(kind: WorkKind, params: Mapping[str, Any], today: date) -> Iterator[date]:
    """Yield the day that the reason names: of the occasion, the departure, or the last trip."""
    for name in ("date", "closed", "departs", "last"):
        if name in params:
            yield date.fromisoformat(params[name])
    if "days" in params:
        days = timedelta(days=params["days"])
        yield today - days if kind is WorkKind.RETURNED else today + days


def _customer(customer: ListedCustomer, words: ExportWords) -> _Cells:
    ref, number = customer.ref, customer.number
    phones = (PhoneDraft(number, E164(number), None, ""),) if number else ()
    return {
        "number": ref.id,
        "name": address(ref.names, ref.title, ref.gender, words.language),
        "phone": PhoneCell(phones) if phones else None,
        "tier": words(f"tier.{customer.tier}") if customer.tier != "none" else None,
        "vip": words("VIP") if customer.vip else None,
        "language": customer.language,
    }
