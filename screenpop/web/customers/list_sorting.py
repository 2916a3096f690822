"""The order of the list of customers: from the URL, for the page's headings, and its rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.exceptions import HTTPException

from screenpop.accounts.departments import Section, sections_for
from screenpop.customers.models import LANGUAGES, CustomerId
from screenpop.store.customers.documents import customers_with_number
from screenpop.store.customers.list_order import ListOrder, OrderBy, Place, place_from_text
from screenpop.store.customers.ordered_customers import (
    ListFacts,
    list_ordered,
    load_in_order,
    load_list_facts,
)
from screenpop.store.customers.queries import CustomerRow
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.segments.access import selection_of

Sort = Annotated[str, Query(pattern=r"^(-?(name|contact|trip|value))?$")]
"""``name``, ``contact``, ``trip`` or ``value``; ``-`` in front: descending."""
After = Annotated[str, Query(pattern=r"^([1-9][0-9]{0,18}|[A-Za-z0-9_=-]{0,120}[.-][0-9]{1,19})?$")]
"""Where a page begins, as the page before it has stated."""

_NEEDED = {
    OrderBy.NAME: None,
    OrderBy.CONTACT: Section.CALLS,
    OrderBy.NEXT_TRIP: Section.TRIPS,
    OrderBy.VALUE: Section.PRICES,
}
_DESCENDING_FIRST = frozenset({OrderBy.VALUE, OrderBy.CONTACT})


def usable_orders(current_user: CurrentUser) -> list[OrderBy]:
    """Return the orders by what the user's department may see."""
    sections: frozenset[Section | None] = sections_for(current_user.user) | {None}
    wanted = [by for by, section in _NEEDED.items() if section in sections]
    return [by for by in wanted if by is not OrderBy.VALUE or Section.TRIPS in sections]


def order_of(sort: str, current_user: CurrentUser, language: str) -> ListOrder | None:
    """Return the order of a URL; None for the usual one. Raises 403 for one not allowed."""
    if not sort:
        return None
    by = OrderBy(sort.removeprefix("-"))
    if by not in usable_orders(current_user):
        raise HTTPException(403, "not_allowed")
    known = language if language in LANGUAGES else LANGUAGES[0]
    return ListOrder(by, sort.startswith("-"), known)


def sort_links(
    sort: str, filters: Mapping[str, object], orders: Collection[OrderBy]
) -> dict[str, View]:
    """Return for each heading its link and the direction of ``aria-sort``, or none.

    The first press sorts, the next one turns the direction, the third one brings back the usual
    order.
    """
    links: dict[str, View] = {}
    for by in orders:
        first, second = (f"-{by}", str(by)) if by in _DESCENDING_FIRST else (str(by), f"-{by}")
        following = {first: second, second: ""}.get(sort, first)
        query = {**filters, "sort": following}
        links[by.value] = {
            "href": "/customers?" + urlencode({key: one for key, one in query.items() if one}),
            "direction": {str(by): "ascending", f"-{by}": "descending"}.get(sort, ""),
        }
    return links


async def find_sorted(
    context: WebContext,
    current_user: CurrentUser,
    order: ListOrder,
    *,
    search: str,
    segment: int | None,
    branch: int | None,
    after: str,
) -> tuple[Sequence[CustomerRow], str | None]:
    """Return a page of customers in an order, and where the next one begins."""
    try:
        place: Place | None = place_from_text(order, after) if after else None
    except ValueError:
        raise HTTPException(422, "bad_request:after") from None
    selection = await selection_of(
        context, current_user, search=search, segment=segment, branch=branch
    )
    also: Sequence[CustomerId] = ()
    if search.strip() and selection.segment is None and selection.notes:
        also = await customers_with_number(context.database, search)
    page = await list_ordered(
        context.database, order, context.today(), selection, after=place, also=also
    )
    rows = await load_in_order(context.database, page.ids)
    return rows, None if page.after is None else page.after.to_text()


async def add_list_facts(
    context: WebContext, current_user: CurrentUser, rows: Sequence[View]
) -> None:
    """Add last talk, next trip and value to each entry, as far as the department may see them."""
    ids = [CustomerId(int(str(row["id"]))) for row in rows]
    facts = await load_list_facts(context.database, ids, context.today())
    sections = sections_for(current_user.user)
    for row, customer_id in zip(rows, ids, strict=True):
        row.update(_facts_view(facts[customer_id], sections))


def _facts_view(facts: ListFacts, sections: Collection[Section]) -> View:
    view: View = {}
    if Section.CALLS in sections:
        view["last_contact"] = facts.last_contact
    if Section.TRIPS in sections:
        view["next_trip"] = _iso(facts.next_trip)
        if Section.PRICES in sections:
            view["value"] = None
            if facts.percentile is not None:
                view["value"] = {
                    "spend": facts.spend,
                    "currency": facts.currency,
                    "percentile": facts.percentile,
                }
    return view


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
