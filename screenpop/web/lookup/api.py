"""``GET /api/v1/lookup``: who a number belongs to, for PBXs and other programs."""

import re
from collections.abc import Mapping
from enum import StrEnum
from inspect import isawaitable
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from screenpop.cards.caller_summary import caller_name, caller_text, customer_name, next_trip
from screenpop.common.ascii_text import to_ascii
from screenpop.common.text import display_text
from screenpop.customers.display_name import display_name
from screenpop.customers.match import CustomerMatch, Sureness, match_caller
from screenpop.customers.models import CustomerFile
from screenpop.service.ports import RecordsUnreachableError
from screenpop.store.customers.visible import visible_record
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.phone_numbers import resolve
from screenpop.web.auth.current_user import RequireUser
from screenpop.web.context import WebContext
from screenpop.web.error_pages import SENTENCES
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.problem_details import problem_response

LONGEST_NUMBER = 200
DISPLAY_LENGTH = 60
"""Characters of a name or text, unless another length is asked for."""
_NOT_IN_NAMES = re.compile(r'["<>\\;,|]|\$\{|[{}]')
"""What is a sign of its own in a caller id, in SIP or in a dialplan."""


class LookupFormat(StrEnum):
    JSON = "json"
    TEXT = "text"
    """Only the name: FreePBX, Issabel, a dialplan."""
    CONTACTS = "contacts"
    """A list of at most one contact: the templates for 3CX and Yeastar."""


class NextTripModel(BaseModel):
    destination: Annotated[str, Field(examples=["Rome"])]
    departs: Annotated[str | None, Field(examples=["2026-12-03"])]
    is_under_way: bool


class LookupCustomer(BaseModel):
    id: Annotated[int, Field(examples=[12])]
    name: Annotated[str, Field(examples=["Dr Laleh Karimi"])]
    tier: Annotated[str, Field(examples=["gold"])]
    vip: bool
    language: Annotated[str, Field(examples=["fa"])]
    company: str
    next_trip: NextTripModel | None


class LookupModel(BaseModel):
    """Who a number belongs to."""

    number: Annotated[str, Field(examples=["09123456789"])]
    kind: Annotated[str, Field(examples=["number"])]
    """``number``, ``extension``, ``withheld``, ``unknown``, ``service`` or ``raw``."""
    e164: Annotated[str | None, Field(examples=["+989123456789"])]
    sure: Annotated[str, Field(examples=["certain"])]
    """``certain``, ``shared`` (several customers have it), ``maybe`` or ``none``."""
    name: Annotated[str, Field(examples=["Dr Laleh Karimi"])]
    """For a display; empty if no customer matches."""
    text: Annotated[str, Field(examples=["Dr Laleh Karimi · Gold · Rome 2026-12-03"])]
    """The name with tier and next trip."""
    customers: list[LookupCustomer]


_ANSWERS: dict[int | str, dict[str, object]] = {
    200: {
        "model": LookupModel,
        "content": {"text/plain": {"example": "Dr Laleh Karimi"}},
    }
}


def lookup_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["lookup"])

    @routes.get("/lookup", response_model=LookupModel, responses=_ANSWERS)
    async def lookup(
        request: Request,
        _current_user: RequireUser,
        number: Annotated[str, Query(max_length=LONGEST_NUMBER, examples=["09123456789"])],
        format: LookupFormat = LookupFormat.JSON,
        language: Literal["en", "fa", "el", ""] = "",
        ascii: bool = False,
        length: Annotated[int, Query(ge=8, le=200)] = DISPLAY_LENGTH,
    ) -> Response:
        """Return who a number belongs to; nothing is stored or shown to agents.

        ``language``: of names and words; empty: the first language of the settings. ``ascii``:
        names in Latin letters, as stored or else transliterated. ``length``: most characters of
        ``name`` and ``text``. ``format=text``: only the name, empty if unknown.
        ``format=contacts``: a list of at most one contact, for the templates of 3CX and Yeastar.
        """
        caller = resolve(number, plan=context.plan)
        try:
            found = context.database.lookup.now_or_later(caller)
            record = await found if isawaitable(found) else found
            record = await visible_record(context.database, record)
        except RecordsUnreachableError:
            headers = {"Retry-After": "60"}
            return problem_response(
                503, "database_away", SENTENCES["database_away"], headers=headers
            )
        match = match_caller(caller, record)
        chosen = "en" if ascii else language or context.renderer.languages[0]
        summary = _summary(context, caller, match, chosen)
        for field in ("name", "text"):
            summary[field] = _fitted(str(summary[field]), length, ascii=ascii)
        match format:
            case LookupFormat.TEXT:
                plain = _NOT_IN_NAMES.sub(" ", str(summary["name"]))
                return PlainTextResponse(" ".join(plain.split()))
            case LookupFormat.CONTACTS:
                address = str(request.base_url).rstrip("/")
                return JSONResponse({"contacts": _contacts(match, summary, chosen, address)})
            case LookupFormat.JSON:
                return JSONResponse(summary)

    return routes


def _fitted(text: str, length: int, *, ascii: bool) -> str:
    shown = display_text(to_ascii(text) if ascii else text, length)
    return shown.replace("…", ".") if ascii else shown


def _summary(
    context: WebContext, caller: CallerId, match: CustomerMatch, language: str
) -> dict[str, object]:
    words = context.renderer.catalogues[language]
    today = context.today()
    name = caller_name(match, language, words.gettext("{count} customers: {names}"))
    certain = match.customer
    trip = next_trip(certain, today, language) if certain else None
    tier = words.gettext(f"tier.{certain.customer.tier}") if certain else ""
    return {
        "number": display_text(caller.raw, LONGEST_NUMBER),
        "kind": caller.kind.value,
        "e164": caller.e164,
        "sure": match.sure.value,
        "name": name,
        "text": caller_text(name, match, trip, tier, words.gettext("VIP")),
        "customers": [_customer(context, file, language) for file in match.files],
    }


def _customer(context: WebContext, file: CustomerFile, language: str) -> dict[str, object]:
    customer = file.customer
    trip = next_trip(file, context.today(), language)
    departs = trip.departs.isoformat() if trip and trip.departs else None
    return {
        "id": customer.id,
        "name": customer_name(customer, language),
        "tier": customer.tier.value,
        "vip": customer.vip,
        "language": customer.language,
        "company": customer.company,
        "next_trip": trip
        and {
            "destination": trip.destination,
            "departs": departs,
            "is_under_way": trip.is_under_way,
        },
    }


def _contacts(
    match: CustomerMatch, summary: Mapping[str, object], language: str, address: str
) -> list[dict[str, str]]:
    """Return one contact: the customer, or a line for several; none for an unknown caller."""
    if match.sure is Sureness.NONE:
        return []
    number = str(summary["e164"] or summary["number"])
    if match.customer is None:
        shown = {"id": "", "first_name": str(summary["name"]), "last_name": "", "company": ""}
        return [{**shown, "number": number, "url": f"{address}/customers?q={number.lstrip('+')}"}]
    customer = match.customer.customer
    name = display_name(customer.names, language)
    return [
        {
            "id": str(customer.id),
            "first_name": display_text(name.given, DISPLAY_LENGTH),
            "last_name": display_text(name.family, DISPLAY_LENGTH),
            "company": customer.company,
            "number": number,
            "url": f"{address}/customers/{customer.id}",
        }
    ]
