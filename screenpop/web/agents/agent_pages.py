"""The agent's page, and the form of the user's own settings."""

import json
from dataclasses import asdict
from typing import Annotated

from fastapi import Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.card_preferences import CardPreferences
from screenpop.agents.agent import AgentId
from screenpop.store.accounts.hot_desks import list_hot_desk_logins
from screenpop.store.accounts.users import list_agents, set_card_preferences, set_language
from screenpop.web.auth.cookies import A_YEAR_S
from screenpop.web.auth.current_user import (
    COMMAND_LINE,
    OptionalUser,
    RequireSimulate,
    RequireUser,
)
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token, safe_path
from screenpop.web.setup.notice import needs_setup
from screenpop.web.templating import THEMES

SCENARIOS = (
    "answered",
    "missed",
    "busy",
    "abandoned",
    "declined",
    "unreachable",
    "ring_group",
    "queue",
    "queue_abandoned",
    "queue_again",
    "ivr",
    "next_phone",
    "voicemail",
    "blind_transfer",
    "attended_transfer",
    "forward",
    "redirect",
    "follow_me",
    "pickup",
    "hold",
    "call_waiting",
    "park",
    "conference",
    "outbound",
    "click_to_call",
    "internal",
    "withheld",
)
"""Names of the recorded calls that can be played, common ones first."""

_Text = Annotated[str, Form(max_length=512)]


def _programs(context: WebContext) -> str:
    """Return the links to other programs as JSON."""
    return json.dumps([asdict(program) for program in context.programs])


def desk_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/")
    async def desk(request: Request, current_user: RequireUser) -> Response:
        agents = await list_agents(context.database)
        agent = next((agent for agent in agents if agent.id == AgentId(current_user.user.id)), None)
        logins = await list_hot_desk_logins(context.database, context.clock())
        today = tuple(one.endpoint for one in logins if one.user == current_user.user.id)
        phones = (*today, *(agent.endpoints if agent else ()))
        guide = context.demo_guide
        data = {
            "agent": agent,
            "endpoints": tuple(dict.fromkeys(phones)),
            "programs": _programs(context),
            "needs_setup": needs_setup(context, current_user),
            "guide": None if guide is None else guide.is_open(current_user),
        }
        return context.renderer.page(request, "desk.html", "desk", data)

    @routes.get("/simulate")
    async def simulate(request: Request, _current_user: RequireSimulate) -> Response:
        if context.simulate is None:
            raise HTTPException(404, "simulator_off")
        return context.renderer.page(request, "simulate.html", "simulate", {"scenarios": SCENARIOS})

    @routes.post("/me")
    async def change_me(
        request: Request,
        current_user: OptionalUser,
        csrf: _Text = "",
        language: _Text = "",
        theme: _Text = "",
        wanted: Annotated[str, Form(alias="next", max_length=512)] = "",
    ) -> Response:
        """Change language or theme; also without a login, for the login page."""
        check_form_token(request, csrf, context.cookies)
        response = RedirectResponse(safe_path(wanted, "/me" if current_user else "/login"), 303)
        if language in context.renderer.languages:
            context.cookies.put(response, context.cookies.language, language, A_YEAR_S)
            if current_user is not None and current_user.user is not COMMAND_LINE:
                await set_language(context.database, current_user.user.id, language)
                context.desks.changed()
        if theme in THEMES:
            context.cookies.put(response, context.cookies.theme, theme, A_YEAR_S)
        return response

    @routes.post("/me/cards")
    async def change_cards(request: Request, current_user: RequireUser) -> Response:
        """Change when cards open, how they sound, and how much room they take."""
        form = await request.form(max_fields=20, max_files=0)
        check_form_token(request, str(form.get("csrf", "")), context.cookies)
        preferences = CardPreferences.from_mapping(form)
        await set_card_preferences(context.database, current_user.user.id, preferences)
        return RedirectResponse("/me?done=cards", 303)

    return routes
