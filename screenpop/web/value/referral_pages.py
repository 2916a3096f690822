"""``/value/sent``: which customers were sent by which, on a page and as JSON."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.customers.display_name import display_name
from screenpop.customers.models import CustomerId
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.value.referrals import list_senders
from screenpop.web.auth.current_user import RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.value.routes import require_trips

_By = Annotated[int | None, Query(ge=1, le=2**63 - 1)]


def referral_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["value"])

    @routes.get("/value/sent", include_in_schema=False)
    async def page(request: Request, current_user: RequireUser, by: _By = None) -> Response:
        require_trips(current_user)
        data: View = {"senders": await _senders(context, request, by), "by": by}
        return context.renderer.page(request, "value_sent.html", "customers", data)

    @routes.get("/api/v1/referrals")
    async def listed(request: Request, current_user: RequireUser, by: _By = None) -> JSONResponse:
        """Return who sent whom: at most 100 senders, of each the newest 50 and the number of all.

        ``by``: only those whom this customer sent.
        """
        require_trips(current_user)
        return JSONResponse({"senders": await _senders(context, request, by)})

    return routes


async def _senders(context: WebContext, request: Request, by: int | None) -> list[View]:
    found = await list_senders(context.database, None if by is None else CustomerId(by))
    ids = {one.id for one in found} | {sent.id for one in found for sent in one.sent}
    async with context.database.reading() as connection:
        people = await load_customer_refs(connection, sorted(ids))
    language = context.renderer.language(request)

    def person(number: CustomerId) -> View:
        ref = people.get(number)
        return {"id": number, "name": "" if ref is None else display_name(ref.names, language).full}

    return [
        {
            **person(one.id),
            "count": one.count,
            "sent": [
                {**person(sent.id), "trips": sent.trips, "stage": sent.stage} for sent in one.sent
            ],
        }
        for one in found
    ]
