"""The pages of ``/admin/setup``: how to reach the PBX, the proposal, the passwords, the check."""

from typing import Annotated

from fastapi import Form, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.discovery.proposal import ChosenItems
from screenpop.store.accounts.first_passwords import FIRST_PASSWORD_S
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import list_calls
from screenpop.web.auth.current_user import RequireAdmin
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.setup.port import PbxLogin, SetupPort, SetupRefusedError

SETUP_PATH = "/admin/setup"
_KINDS = ("trunks", "extensions", "lines", "queues")
_MOST_ITEMS = 2000
"""Fields of the confirmed proposal, more than it can have."""
_Text = Annotated[str, Form(max_length=300)]
_Port = Annotated[int, Form(ge=1, le=65535)]
_Since = Annotated[float, Query(ge=0, le=1e11)]


def setup_routes(context: WebContext) -> FeatureRouter:
    """Return the routes that read the PBX and store what is confirmed."""
    routes = FeatureRouter(include_in_schema=False)

    @routes.get(SETUP_PATH)
    async def page(request: Request, _: RequireAdmin) -> Response:
        _port(context)
        return _form(context, request)

    @routes.post(SETUP_PATH + "/read")
    async def read(
        request: Request,
        current_user: RequireAdmin,
        csrf: _Text = "",
        host: _Text = "",
        port: _Port = 5038,
        username: _Text = "",
        secret: _Text = "",
        tls: _Text = "",
        pin: _Text = "",
        server_name: _Text = "",
    ) -> Response:
        """Read the PBX and redirect to the proposal; the secret is never sent back."""
        check_form_token(request, csrf, context.cookies)
        login = PbxLogin(host, port, username, secret, bool(tls), pin, server_name)
        try:
            await _port(context).read(current_user.user.id, login)
        except SetupRefusedError as refused:
            typed: View = {"host": host, "port": port, "username": username, "tls": tls}
            typed |= {"pin": pin, "server_name": server_name}
            return _form(context, request, refused, typed)
        return RedirectResponse(SETUP_PATH + "/proposal", 303)

    @routes.get(SETUP_PATH + "/proposal")
    async def proposal(request: Request, current_user: RequireAdmin) -> Response:
        pending = _port(context).proposal(current_user.user.id)
        if pending is None:
            return RedirectResponse(SETUP_PATH, 303)
        proposed, unread = pending
        data: View = {"proposal": proposed, "unread": unread}
        return context.renderer.page(request, "setup_proposal.html", "admin", data)

    @routes.post(SETUP_PATH + "/apply")
    async def apply(request: Request, current_user: RequireAdmin) -> Response:
        """Store what is checked, and show the first passwords once."""
        form = await request.form(max_files=0, max_fields=_MOST_ITEMS)
        check_form_token(request, str(form.get("csrf", "")), context.cookies)
        chosen = ChosenItems(*(frozenset(map(str, form.getlist(kind))) for kind in _KINDS))
        language = context.renderer.language(request)
        try:
            done = await _port(context).apply(current_user.user.id, chosen, language)
        except SetupRefusedError as refused:
            return _form(context, request, refused)
        context.desks.changed()
        until = context.clock() + FIRST_PASSWORD_S
        data: View = {"done": done, "until": until}
        return context.renderer.page(request, "setup_done.html", "admin", data)

    return routes


def setup_check_routes(context: WebContext) -> FeatureRouter:
    """Return the routes of the live check after the settings are written."""
    routes = FeatureRouter(include_in_schema=False)

    @routes.post(SETUP_PATH + "/restart")
    async def restart(request: Request, _: RequireAdmin, csrf: _Text = "") -> Response:
        """Show the live check, whose script waits for the server to be back."""
        check_form_token(request, csrf, context.cookies)
        port = _port(context)
        port.restart()
        return _check(context, request)

    @routes.get(SETUP_PATH + "/check")
    async def check(request: Request, _: RequireAdmin) -> Response:
        return _check(context, request)

    @routes.get(SETUP_PATH + "/state")
    async def state(_: RequireAdmin, since: _Since) -> JSONResponse:
        """Return the links, and the first call from outside or a phone since then."""
        found = await list_calls(context.database, CallFilter(since=since, simulated=False))
        first = found.calls[-1] if found.calls else None
        ring = first and {"id": first.id, "number": first.e164 or first.caller_raw}
        states = [{"pbx": pbx, "state": one} for pbx, one in context.admin.link_states().items()]
        return JSONResponse({"links": states, "ring": ring})

    return routes


def _port(context: WebContext) -> SetupPort:
    if context.admin.setup is None:
        raise HTTPException(404, "not_found")
    return context.admin.setup


def _form(
    context: WebContext,
    request: Request,
    refused: SetupRefusedError | None = None,
    typed: View | None = None,
) -> Response:
    data: View = {
        "form": typed or {"host": "127.0.0.1", "port": 5038, "username": "screenpop"},
        "problem": refused.code if refused else "",
        "params": refused.params if refused else {},
        "has_pbx": _port(context).has_pbx(),
    }
    status = 422 if refused else 200
    return context.renderer.page(request, "setup.html", "admin", data, status=status)


def _check(context: WebContext, request: Request) -> Response:
    data: View = {"since": context.clock()}
    return context.renderer.page(request, "setup_check.html", "admin", data)
