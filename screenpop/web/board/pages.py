"""The page of the board, and the links by which wall screens show it without a login."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.accounts.users import UserId
from screenpop.protocol.close_codes import CloseCode
from screenpop.store.accounts.board_links import (
    LIFETIMES_D,
    BoardLink,
    BoardLinkRefusedError,
    find_board_link,
    list_board_links,
    make_board_link,
    take_back_board_link,
)
from screenpop.store.accounts.teams import visible_agents
from screenpop.web.auth.current_user import CurrentUser, RequireSupervisor
from screenpop.web.board.figures import (
    BoardQuery,
    board_choices,
    board_data,
    board_filter,
    figures_of_today,
)
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.setup.notice import needs_setup

_Query = Annotated[BoardQuery, Query()]
_Text = Annotated[str, Form(max_length=200)]
_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_Token = Annotated[str, Path(max_length=100)]


def board_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/board")
    async def board(request: Request, current_user: RequireSupervisor, query: _Query) -> Response:
        visible = await visible_agents(context.database, current_user.user)
        await board_filter(context, query, visible)
        choices = await board_choices(context, visible)
        data = {
            "choices": choices,
            "filters": query.model_dump(),
            "data": board_data(context, choices, "/api/v1/board", is_screen=False),
            "needs_setup": needs_setup(context, current_user),
        }
        return context.renderer.page(request, "board.html", "board", data)

    @routes.get("/board/links")
    async def links(request: Request, current_user: RequireSupervisor, query: _Query) -> Response:
        return await _links(context, request, current_user, query)

    @routes.post("/board/links")
    async def make(
        request: Request,
        current_user: RequireSupervisor,
        query: _Query,
        csrf: _Text = "",
        name: _Text = "",
        days: Annotated[int, Form(ge=0, le=10_000)] = 7,
        names: _Text = "",
    ) -> Response:
        """Make a link; its address is in this answer only."""
        check_form_token(request, csrf, context.cookies)
        try:
            token = await make_board_link(
                context.database,
                current_user.user.id,
                name,
                days,
                context.clock(),
                shows_names=names == "yes",
            )
        except BoardLinkRefusedError as refused:
            return await _links(context, request, current_user, query, problem=refused.code)
        context.desks.changed()
        return await _links(context, request, current_user, query, token=token)

    @routes.post("/board/links/{link}/end")
    async def end(
        request: Request,
        current_user: RequireSupervisor,
        link: Annotated[int, Path(ge=1, le=2**63 - 1)],
        csrf: _Text = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        if not await take_back_board_link(context.database, link, current_user.user):
            raise HTTPException(404, "not_found")
        context.websocket_endpoint.end_user(UserId(-link), CloseCode.REFUSED)
        context.desks.changed()
        return RedirectResponse("/board/links", 303)

    return routes


def wall_screen_routes(context: WebContext) -> FeatureRouter:
    """Return the routes that need no login but a link's token."""
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/screen/{token}")
    async def screen(request: Request, token: _Token, query: _Query) -> Response:
        link = await _link_or_404(context, token)
        await board_filter(context, query, link.agents)
        choices = await board_choices(context, link.agents)
        request.state.screen_language = request.query_params.get("lang", "")
        data = {
            "choices": choices,
            "filters": query.model_dump(),
            "data": board_data(context, choices, f"/screen/{token}/figures", is_screen=True),
            "token": token,
        }
        response = context.renderer.page(request, "board_screen.html", "screen", data)
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.get("/screen/{token}/figures")
    async def figures(token: _Token, query: _Query) -> JSONResponse:
        link = await _link_or_404(context, token)
        wanted = await board_filter(context, query, link.agents)
        return JSONResponse((await figures_of_today(context, wanted)).model_dump())

    return routes


async def _link_or_404(context: WebContext, token: str) -> BoardLink:
    link = await find_board_link(context.database, token, context.clock())
    if link is None:
        raise HTTPException(404, "not_found")
    return link


async def _links(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    query: BoardQuery,
    *,
    token: str = "",
    problem: str = "",
) -> Response:
    visible = await visible_agents(context.database, current_user.user)
    own, language = current_user.user.id, context.renderer.language(request)
    links = await list_board_links(context.database, context.clock())
    chosen = {name: value for name, value in query.model_dump().items() if value}
    # A television has no user whose language it could be in.
    address = f"/screen/{token}?{urlencode({'lang': language, **chosen})}"
    data = {
        "links": [one for one in links if visible is None or one.made_by == own],
        "lifetimes": [
            (days, str(days).translate(_PERSIAN) if language == "fa" else str(days))
            for days in LIFETIMES_D
        ],
        "address": address if token else "",
        "host": str(request.base_url).rstrip("/"),
        "filters": chosen,
        "problem": problem,
    }
    status = 422 if problem else 200
    response = context.renderer.page(request, "board_links.html", "board", data, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
