"""The calendar feed of a user's follow-ups, and the page on which they make and end it."""

from datetime import timedelta
from typing import Annotated

from fastapi import Form, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.cards.caller_summary import customer_name
from screenpop.common.text import display_text
from screenpop.follow_ups.calendar import follow_up_calendar
from screenpop.store.accounts.calendar_feeds import (
    end_calendar_feed,
    find_calendar_feed,
    make_calendar_feed,
    own_calendar_feed,
)
from screenpop.store.accounts.users import list_users
from screenpop.store.customers.queries import load_customer_rows
from screenpop.store.follow_ups.queries import list_due
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token

MOST_EVENTS = 200
AHEAD_D = 366
"""Days ahead that the feed has."""
_Text = Annotated[str, Form(max_length=200)]


def calendar_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/me/calendar")
    async def page(request: Request, current_user: RequireUser) -> Response:
        return await _page(context, request, current_user)

    @routes.post("/me/calendar")
    async def make(
        request: Request, current_user: RequireUser, csrf: _Text = "", names: _Text = ""
    ) -> Response:
        """Make the feed anew; its address is in this answer only."""
        check_form_token(request, csrf, context.cookies)
        token = await make_calendar_feed(
            context.database, current_user.user.id, context.clock(), shows_names=names == "yes"
        )
        return await _page(context, request, current_user, token)

    @routes.post("/me/calendar/end")
    async def end(request: Request, current_user: RequireUser, csrf: _Text = "") -> Response:
        check_form_token(request, csrf, context.cookies)
        await end_calendar_feed(context.database, current_user.user.id)
        return RedirectResponse("/me/calendar", 303)

    @routes.get("/calendar/{token}.ics")
    async def feed(request: Request, token: Annotated[str, Path(max_length=100)]) -> Response:
        """Return the open follow-ups of the feed's user; no login, only the token."""
        found = await find_calendar_feed(context.database, token)
        if found is None:
            raise HTTPException(404, "not_found")
        users = {user.id: user for user in await list_users(context.database)}
        await context.user_resolver.limit_to(users.get(found.user))
        today = context.today()
        until = today + timedelta(days=AHEAD_D)
        rows = await list_due(context.database, until, assigned_to=[found.user], limit=MOST_EVENTS)
        names = {}
        if found.shows_names and rows:
            people = await load_customer_rows(
                context.database, sorted({row.customer_id for row in rows})
            )
            names = {
                one.customer.id: display_text(customer_name(one.customer, found.language), 100)
                for one in people
            }
        words = context.renderer.catalogues[found.language]
        body = follow_up_calendar(
            rows,
            names=names,
            title=f"{words.gettext('Follow-ups')} · Screenpop",
            untitled=words.gettext("Follow-up"),
            timezone=str(context.zone),
            address=str(request.base_url).rstrip("/"),
            today=today,
        )
        return Response(body, media_type="text/calendar")

    return routes


async def _page(
    context: WebContext, request: Request, current_user: CurrentUser, token: str = ""
) -> Response:
    base = str(request.base_url).rstrip("/")
    data = {
        "feed": await own_calendar_feed(context.database, current_user.user.id),
        "address": f"{base}/calendar/{token}.ics" if token else "",
    }
    response = context.renderer.page(request, "me_calendar.html", "me", data)
    response.headers["Cache-Control"] = "no-store"
    return response
