"""The board's figures of the day, with the definitions of the reports."""

import json
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from screenpop.accounts.users import UserId
from screenpop.calls.events import Disposition
from screenpop.customers.models import Tier
from screenpop.reports.calls import CallCounts, summarize_calls
from screenpop.reports.periods import Period
from screenpop.store.accounts.teams import Team, list_teams, visible_agents
from screenpop.store.calls.board_counts import (
    BoardFilter,
    board_conditions,
    count_due_promises,
    count_open_callbacks,
)
from screenpop.store.calls.counts import list_queues
from screenpop.store.reports.call_counts import counted_calls
from screenpop.store.reports.popup_rows import count_popups
from screenpop.web.auth.current_user import RequireSupervisor
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.office_day import day_bounds


class BoardQuery(BaseModel):
    """The filters of the board; empty means all."""

    queue: Annotated[str, Query(max_length=80)] = ""
    line: Annotated[str, Query(max_length=80)] = ""
    """The dialled number as the PBX sends it."""
    team: Annotated[str, Query(max_length=20)] = ""
    """The id of a team."""
    tier: Annotated[str, Query(max_length=20)] = ""


class CallsOfToday(BaseModel):
    """Figures of inbound calls since midnight in the office's time zone."""

    since: float
    """The midnight from which calls are counted; seconds since 1970 (UTC)."""
    until: float
    """The next midnight, when counting starts again; seconds since 1970 (UTC)."""
    at: float
    """When they were counted; seconds since 1970 (UTC)."""
    offered: int
    answered: int
    abandoned: int
    """Calls whose caller hung up while waiting."""
    missed: int
    """Calls that ended without an answer: ``offered`` without ``answered``."""
    service_level: float | None
    """The share of the offered calls that were answered within their target; null of none."""
    by_disposition: dict[str, int]
    popup_answered: int
    """Calls that one of our phones answered, as in the report "popup before pickup"."""
    popup_before: int
    """Those of them whose card was on the screen before the answer."""
    callbacks: int
    """Callbacks that are open, as on ``/callbacks``."""
    promises: int
    """Promises that are due, as in the work list; 999 also for more."""
    phones_without_agent: dict[str, int]
    """By queue: members that are not paused and are no agent's phone."""


def board_figure_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["calls"])

    @routes.get("/board", response_model=CallsOfToday)
    async def board(
        current_user: RequireSupervisor, query: Annotated[BoardQuery, Query()]
    ) -> JSONResponse:
        """Return the board's figures of the day. Simulated calls count in the demo only.

        Agents have no line, promises no queue and no line: those filters leave them all.
        """
        visible = await visible_agents(context.database, current_user.user)
        wanted = await board_filter(context, query, visible)
        return JSONResponse((await figures_of_today(context, wanted)).model_dump())

    return routes


async def board_filter(
    context: WebContext, query: BoardQuery, visible: frozenset[UserId] | None
) -> BoardFilter:
    """Return the checked filter. Raises 422 for an unknown tier, 404 for a team out of sight."""
    if query.tier and query.tier not in {*Tier}:
        raise HTTPException(422, "bad_request:tier")
    team = None
    if query.team:
        teams = {str(one.id): one for one in await visible_teams(context, visible)}
        if query.team not in teams:
            raise HTTPException(404, "not_found")
        team = teams[query.team].members
    return BoardFilter(visible, team, query.queue, query.line, query.tier)


async def visible_teams(context: WebContext, visible: frozenset[UserId] | None) -> tuple[Team, ...]:
    """Return the teams of which every agent may be seen."""
    teams = await list_teams(context.database)
    return tuple(one for one in teams if visible is None or one.members <= visible)


async def figures_of_today(context: WebContext, wanted: BoardFilter) -> CallsOfToday:
    now = context.clock()
    since, until = day_bounds(now, context.zone)
    only = board_conditions(wanted)
    counts = await counted_calls(
        context.database,
        since,
        until,
        context.service_targets,
        simulated=context.demo,
        only=only,
    )
    today = context.today()
    total = summarize_calls(counts, Period(today, today), context.zone).total
    popups = await count_popups(context.database, since, simulated=context.demo, only=only)
    return CallsOfToday(
        since=since,
        until=until,
        at=now,
        offered=total.offered,
        answered=total.answered,
        abandoned=total.abandoned,
        missed=total.missed,
        service_level=total.service_level,
        by_disposition=_by_disposition(counts),
        popup_answered=popups.answered,
        popup_before=popups.before,
        callbacks=await count_open_callbacks(context.database, now, only),
        promises=await count_due_promises(context.database, today, context.zone, wanted),
        phones_without_agent=dict(await context.agents.phones_without_agent()),
    )


def _by_disposition(counts: CallCounts) -> dict[str, int]:
    found = {one.value: 0 for one in Disposition}
    for _, counted in counts.by_place:
        found[counted.disposition] = found.get(counted.disposition, 0) + counted.calls
    return found


async def board_choices(
    context: WebContext, visible: frozenset[UserId] | None
) -> dict[str, list[Any]]:
    """Return the names for the filters, by kind."""
    teams = await visible_teams(context, visible)
    queues = {*await list_queues(context.database), *context.queue_names}
    lines = {did: name for (_, did), name in context.lines.labels.items()}
    return {
        "queues": sorted(queues),
        "lines": [
            {"did": did, "name": name}
            for did, name in sorted(lines.items(), key=lambda line: line[1])
        ],
        "teams": [
            {"id": team.id, "name": team.name, "members": sorted(team.members)} for team in teams
        ],
        "tiers": [one.value for one in Tier if one is not Tier.NONE],
    }


def board_data(
    context: WebContext, choices: dict[str, list[Any]], figures_url: str, *, is_screen: bool
) -> str:
    """Return what the board's script needs, as JSON."""
    limits = context.board_limits
    return json.dumps(
        {
            "queues": choices["queues"],
            "teams": {str(team["id"]): team["members"] for team in choices["teams"]},
            "figures": figures_url,
            "screen": is_screen,
            "limits": {
                "wait": [limits.wait.amber_s, limits.wait.red_s],
                "queues": {name: [one.amber_s, one.red_s] for name, one in limits.queues.items()},
                "waiting": limits.waiting,
                "abandoned": limits.abandoned,
                "service_level": limits.service_level,
                "popup": limits.popup,
            },
        }
    )
