"""Data quality pages: duplicates, merging and undoing it, numbers that need correction."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.users import Right
from screenpop.common.text import display_text
from screenpop.customers.company_roles import CompanyRole
from screenpop.customers.contact_input import phone_draft
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.match_keys import MatchKind
from screenpop.customers.models import CustomerId
from screenpop.store.customers.company_contacts import contacts_of_company
from screenpop.store.customers.duplicates import (
    find_duplicates,
    mark_as_different,
    unmark_as_different,
)
from screenpop.store.customers.edit import update_number
from screenpop.store.customers.households import load_household
from screenpop.store.customers.merge import MergeRefusedError, merge_customers, undo_merge
from screenpop.store.customers.number_quality import (
    NumberProblem,
    ResolveNumber,
    count_problems,
    list_unusable_numbers,
)
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.phone_numbers import format_for_people
from screenpop.web.auth.current_user import CurrentUser, RequireEdit, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import Number, back_to, file_or_404, form_fields
from screenpop.web.customers.views import file_view, person_view
from screenpop.web.feature_router import FeatureRouter

_REGIONS = {"fa": Region("IR"), "el": Region("GR"), "en": Region("GB")}
_PROBLEM_ORDER = (
    NumberProblem.NO_COUNTRY,
    NumberProblem.UNPARSEABLE,
    NumberProblem.DUPLICATE,
    NumberProblem.SHARED,
)
"""Order of the tabs; the page opens the first one that is not empty."""
_LONGEST_ID = 18
"""Digits: the largest 64-bit integer has 19."""
_Id = Annotated[int | None, Query(ge=1, le=2**63 - 1)]


def duplicate_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/customers/duplicates")
    async def duplicates(
        request: Request, current_user: RequireEdit, after: _Id = None, marked: str = ""
    ) -> Response:
        language = context.renderer.language(request)
        personal = Section.PERSONAL in sections_for(current_user.user)
        kinds = [kind for kind in MatchKind if kind is not MatchKind.BIRTHDAY or personal]
        found = await find_duplicates(context.database, after=after, kinds=kinds)
        pairs = [
            {
                "older": person_view(pair.older, language),
                "newer": person_view(pair.newer, language),
                "why": pair.why,
                "number": format_for_people(E164(pair.mark)) if pair.why == "number" else "",
            }
            for pair in found.pairs
        ]
        data: View = {"pairs": pairs, "after": found.after, "at": after}
        data["marked"] = sorted(_ids(marked)) if len(_ids(marked)) == 2 else ()
        return context.renderer.page(request, "customers_duplicates.html", "customers", data)

    @routes.post("/customers/duplicates")
    async def different(request: Request, current_user: RequireEdit, after: _Id = None) -> Response:
        form = await form_fields(context, request)
        ids = sorted(_ids(form.get("pair", "")))
        if len(ids) != 2:
            raise HTTPException(422, "bad_request:pair")
        one, other = map(CustomerId, ids)
        place = {} if after is None else {"after": str(after)}
        if form.get("do") == "undo":
            await unmark_as_different(context.database, one, other)
        elif await mark_as_different(
            context.database, one, other, user_id=current_user.user.id, now=context.clock()
        ):
            place["marked"] = f"{one} {other}"
        else:
            raise HTTPException(404, "not_found")
        return RedirectResponse(f"/customers/duplicates?{urlencode(place)}", 303)

    return routes


def merge_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/customers/{number:int}/merge")
    async def choose(
        request: Request,
        current_user: RequireEdit,
        number: Number,
        other: Annotated[str, Query(alias="with", max_length=20)] = "",
    ) -> Response:
        wanted = other.strip().lstrip("#")
        found = next(iter(_ids(wanted)), None)
        return await _merge_page(context, request, current_user, number, found, "")

    @routes.post("/customers/{number:int}/merge")
    async def join(request: Request, current_user: RequireEdit, number: Number) -> Response:
        form = await form_fields(context, request)
        gone = form.get("gone", "")
        if not (gone.isascii() and gone.isdigit() and len(gone) < 19):
            raise HTTPException(422, "bad_request:gone")
        user_id, now = current_user.user.id, context.clock()
        try:
            await merge_customers(
                context.database,
                CustomerId(number),
                CustomerId(int(gone)),
                user_id=user_id,
                now=now,
            )
        except MergeRefusedError as refused:
            return await _merge_page(
                context, request, current_user, number, int(gone), refused.code
            )
        return back_to(number)

    @routes.post("/customers/merges/{merge_id:int}/undo")
    async def undo(request: Request, current_user: RequireEdit, merge_id: Number) -> Response:
        await form_fields(context, request)
        try:
            kept, _ = await undo_merge(
                context.database, merge_id, user_id=current_user.user.id, now=context.clock()
            )
        except MergeRefusedError as refused:
            raise HTTPException(404, "not_found") from refused
        return back_to(kept)

    return routes


def quality_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/customers/numbers")
    async def numbers(
        request: Request, _: RequireEdit, problem: NumberProblem | None = None, after: _Id = None
    ) -> Response:
        counts = await count_problems(context.database)
        if problem is None:
            problem = next((one for one in _PROBLEM_ORDER if counts[one]), NumberProblem.NO_COUNTRY)
        page = await list_unusable_numbers(
            context.database, problem, number_resolver(context), now=context.clock(), after=after
        )
        language = context.renderer.language(request)
        data: View = {
            "counts": counts,
            "problem": problem,
            "rows": [
                {
                    "id": row.id,
                    "who": person_view(row.person, language),
                    "raw": display_text(row.raw, 40),
                    "number": format_for_people(E164(row.e164)) if row.e164 else "",
                    "mended": format_for_people(row.mended.e164)
                    if row.mended and row.mended.e164
                    else "",
                    "gain": row.gain,
                }
                for row in page.rows
            ],
            "gain": sum(row.gain for row in page.rows),
            "after": page.after,
        }
        return context.renderer.page(request, "customers_number_quality.html", "customers", data)

    @routes.post("/customers/numbers/mend")
    async def mend(request: Request, current_user: RequireEdit) -> Response:
        form = await form_fields(context, request)
        wanted = _ids(form.get("ids", ""))
        for problem in (NumberProblem.NO_COUNTRY, NumberProblem.UNPARSEABLE):
            await _mend(context, current_user, problem, wanted)
        return RedirectResponse("/customers/numbers", 303)

    @routes.get("/households/{number:int}")
    async def household(request: Request, current_user: RequireUser, number: Number) -> Response:
        group = await load_household(context.database, number)
        if group is None:
            raise HTTPException(404, "not_found")
        language = context.renderer.language(request)
        data: View = {
            "group": {"id": group.id, "name": group.name, "kind": group.kind},
            "roles": [*CompanyRole],
            "contacts": await contacts_of_company(context.database, number),
            "edits": current_user.may(Right.EDIT_CUSTOMERS),
            "members": [person_view(one, language) for one in group.members],
            "together": [
                {
                    "one": person_view(pair.one, language),
                    "other": person_view(pair.other, language),
                    "trips": pair.trips,
                }
                for pair in group.together
            ],
        }
        return context.renderer.page(request, "household.html", "customers", data)

    return routes


async def _merge_page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    number: int,
    other: int | None,
    error: str,
) -> Response:
    language = context.renderer.language(request)
    sections = sections_for(current_user.user)
    kept = file_view(await file_or_404(context, number), sections, language)
    gone = None
    if other is not None and other != number:
        gone = file_view(await file_or_404(context, other), sections, language)
    elif other == number:
        error = "same_customer"
    data: View = {"kept": kept, "gone": gone, "error": error}
    return context.renderer.page(
        request, "customer_merge.html", "customers", data, status=422 if error else 200
    )


def number_resolver(context: WebContext) -> ResolveNumber:
    """Read an unparsed number in the office's country, else that of its owner's language."""

    def understand(raw: str, language: str) -> PhoneDraft:
        here = phone_draft(raw, context.plan)
        region = _REGIONS.get(language)
        if here.e164 is not None or region is None:
            return here
        return phone_draft(raw, replace(context.plan, region=region, area_code=""))

    return understand


def _ids(text: str) -> set[int]:
    """Return the row ids in a text of numbers, without values that cannot be ids."""
    parts = (part for part in text.split() if part.isascii() and part.isdigit())
    return {int(part) for part in parts if len(part) <= _LONGEST_ID}


async def _mend(
    context: WebContext, current_user: CurrentUser, problem: NumberProblem, wanted: set[int]
) -> None:
    page = await list_unusable_numbers(
        context.database,
        problem,
        number_resolver(context),
        now=context.clock(),
        after=min(wanted, default=1) - 1,
    )
    for row in page.rows:
        if row.id not in wanted or row.mended is None:
            continue
        try:
            await update_number(
                context.database,
                row.person.id,
                row.id,
                row.mended,
                user_id=current_user.user.id,
                now=context.clock(),
            )
        except CustomerRefusedError:
            continue  # deleted meanwhile
