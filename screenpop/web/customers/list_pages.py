"""The list of customers as a page and JSON API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.users import Right
from screenpop.cards.honorifics import address
from screenpop.common.text import display_text
from screenpop.customers.models import CustomerId
from screenpop.customers.place_names import place_name
from screenpop.store.branches import branch_names
from screenpop.store.customers.documents import customers_with_number
from screenpop.store.customers.list_order import ListOrder
from screenpop.store.customers.queries import (
    CustomerPage,
    CustomerRow,
    MatchReason,
    load_customer_rows,
)
from screenpop.store.customers.ranked_search import best_customers, last_trips
from screenpop.store.customers.similar_search import search_customers
from screenpop.store.segments.selection import list_selected
from screenpop.telephony.phone_numbers import format_for_people
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import today_at
from screenpop.web.customers.list_sorting import (
    After,
    Sort,
    add_list_facts,
    find_sorted,
    order_of,
    sort_links,
    usable_orders,
)
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.segments.access import selection_of
from screenpop.web.segments.list_filter import list_filter_view

_Search = Annotated[str, Query(max_length=200)]
_Segment = Annotated[int | None, Query(ge=1, le=2**63 - 1)]
_SegmentId = Annotated[str, Query(pattern=r"^([1-9][0-9]{0,17})?$")]
_LONGEST_NUMBER = 40


def customer_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["customers"])

    @routes.get("/customers", include_in_schema=False)
    async def page(
        request: Request,
        current_user: RequireUser,
        q: _Search = "",
        after: After = "",
        erased: bool = False,
        segment: _SegmentId = "",
        branch: _SegmentId = "",
        sort: Sort = "",
    ) -> Response:
        chosen, of_branch = (int(one) if one else None for one in (segment, branch))
        language = context.renderer.language(request)
        order = order_of(sort, current_user, language)
        found = await _find(context, current_user, q, after, _Filter(chosen, of_branch), order)
        rows = [customer_view(row, language) for row in found.rows]
        await add_list_facts(context, current_user, rows)
        filters = {"q": q, "segment": chosen or "", "branch": of_branch or "", "sort": sort}
        return context.renderer.page(
            request,
            "customers.html",
            "customers",
            {
                "rows": rows,
                "reasons": found.reasons,
                "next_cursor": found.after,
                "filters": filters,
                "sort_links": sort_links(sort, filters, usable_orders(current_user)),
                **await list_filter_view(context, request, current_user, chosen),
                "branches": await branch_names(context.database),
                "erased": erased,
                "sees_trips": Section.TRIPS in sections_for(current_user.user),
                "documents_export": current_user.may(Right.SEE_DOCUMENT_NUMBERS)
                and Section.PERSONAL in sections_for(current_user.user),
            },
        )

    @routes.get("/api/v1/customers")
    async def customers(
        current_user: RequireUser,
        q: _Search = "",
        after: After = "",
        order: Literal["newest", "best"] = "newest",
        segment: _Segment = None,
        branch: _Segment = None,
        sort: Sort = "",
    ) -> JSONResponse:
        """Return customers, newest first. Send ``next_cursor`` as ``after`` for the next page.

        ``segment``, ``branch``: only customers of this segment or branch, also newest first.
        ``sort``: ``name`` (family name, in the order of your language), ``contact`` (last talk),
        ``trip`` (next departure) or ``value``, with ``-`` in front descending; customers without
        such a day come last.
        ``order=best``: one page with the best matches of ``q`` first; if there are none, names
        that are misspelt or in other letters. ``last_trip``: the last trip, for departments that
        may see trips.
        """
        found = _Found((), None)
        language = current_user.user.language
        sorting = order_of(sort, current_user, language)
        is_plain = segment is None and branch is None and sorting is None
        if order == "best" and is_plain:
            notes = Section.PERSONAL in sections_for(current_user.user)
            best = await best_customers(context.database, q, notes=notes)
            found = _found(await _with_owners(context, current_user, q, best))
        if not found.rows:
            only = _Filter(segment, branch)
            found = await _find(context, current_user, q, after, only, sorting)
        rows = [customer_view(row, language) for row in found.rows]
        await add_list_facts(context, current_user, rows)
        for row in rows:
            reason = found.reasons.get(CustomerId(int(str(row["id"]))))
            row["reason"] = reason and {"code": reason.code, "detail": reason.detail}
        if Section.TRIPS in sections_for(current_user.user):
            await _add_last_trips(context, rows, current_user.user.language)
        return JSONResponse({"customers": rows, "next_cursor": found.after})

    return routes


def customer_view(row: CustomerRow, language: str) -> View:
    """Return one list entry, without data that the department may not see."""
    customer = row.customer
    return {
        "id": customer.id,
        "name": address(customer.names, customer.title, customer.gender, language),
        "names": {code: name.full for code, name in customer.names.items()},
        "language": customer.language,
        "tier": customer.tier.value,
        "vip": customer.vip,
        "since": customer.customer_since.isoformat() if customer.customer_since else None,
        "household": customer.household,
        "city": row.city,
        "phones": [
            {
                "id": numbered.id,
                "number": format_for_people(numbered.phone.e164)
                if numbered.phone.e164
                else display_text(numbered.phone.raw, _LONGEST_NUMBER),
                "e164": numbered.phone.e164,
                "label": numbered.phone.label,
            }
            for numbered in row.phones
        ],
    }


async def _add_last_trips(context: WebContext, rows: list[View], language: str) -> None:
    """Add ``last_trip`` to each entry: ``{"destination", "departs"}`` or None."""
    ids = [CustomerId(int(str(row["id"]))) for row in rows]
    last = await last_trips(context.database, ids, today_at(context))
    for row, customer_id in zip(rows, ids, strict=True):
        trip = last.get(customer_id)
        row["last_trip"] = None
        if trip is not None and trip.departs is not None:
            destination = place_name(trip.destination, language)
            row["last_trip"] = {"destination": destination, "departs": trip.departs.isoformat()}


@dataclass(frozen=True, slots=True)
class _Found:
    rows: Sequence[CustomerRow]
    after: int | str | None
    reasons: Mapping[CustomerId, MatchReason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Filter:
    """Ids of the segment and the branch that the list is for; None: all."""

    segment: int | None = None
    branch: int | None = None


def _found(page: CustomerPage) -> _Found:
    return _Found(page.rows, page.after, page.reasons)


async def _find(
    context: WebContext,
    current_user: CurrentUser,
    search: str,
    after: str,
    only: _Filter,
    order: ListOrder | None,
) -> _Found:
    """Search customers; notes only for users who may read them, as hits reveal content."""
    if order is not None:
        sorted_page = await find_sorted(
            context,
            current_user,
            order,
            search=search,
            segment=only.segment,
            branch=only.branch,
            after=after,
        )
        return _Found(*sorted_page)
    place = _plain_place(after)
    if only.segment is not None or only.branch is not None:
        selection = await selection_of(
            context, current_user, search=search, segment=only.segment, branch=only.branch
        )
        return _found(await list_selected(context.database, selection, after=place))
    found = await search_customers(
        context.database,
        search,
        after=place,
        notes=Section.PERSONAL in sections_for(current_user.user),
    )
    return _found(found if after else await _with_owners(context, current_user, search, found))


def _plain_place(after: str) -> CustomerId | None:
    """Return the id after which a page begins. Raises 422 for the place of another order."""
    if not after:
        return None
    if not after.isdigit() or int(after) >= 2**63:
        raise HTTPException(422, "bad_request:after")
    return CustomerId(int(after))


async def _with_owners(
    context: WebContext, current_user: CurrentUser, search: str, found: CustomerPage
) -> CustomerPage:
    """Return the page with those first who have a document with the number searched for."""
    if not search.strip() or Section.PERSONAL not in sections_for(current_user.user):
        return found
    owners = await customers_with_number(context.database, search)
    if not owners:
        return found
    first = await load_customer_rows(context.database, owners)
    rest = tuple(row for row in found.rows if row.customer.id not in owners)
    reasons = dict.fromkeys(owners, MatchReason("document"))
    return CustomerPage((*first, *rest), found.after, {**found.reasons, **reasons})
