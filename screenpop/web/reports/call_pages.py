"""The report of calls as page and JSON API."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.accounts.users import UserId
from screenpop.reports.calls import CallReport, summarize_calls
from screenpop.reports.periods import Period
from screenpop.store.accounts.teams import visible_agents, visible_calls
from screenpop.store.reports.call_counts import counted_calls
from screenpop.telephony.identifiers import PbxId
from screenpop.web.auth.current_user import RequireSupervisor
from screenpop.web.calls.views import View, line_view
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.reports.call_view import (
    DAYS_HEIGHT,
    DAYS_WIDTH,
    day_bars,
    figures_view,
    heat_map,
    report_view,
)
from screenpop.web.reports.period import PeriodQuery, asked_period, period_view, require_period

_Period = Annotated[PeriodQuery, Query()]
_MONDAY, _SATURDAY = 0, 5


def call_report_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["reports"])

    @routes.get("/reports", include_in_schema=False)
    async def reports(_current_user: RequireSupervisor) -> Response:
        return RedirectResponse("/reports/calls", 303)

    @routes.get("/reports/calls", include_in_schema=False)
    async def page(request: Request, current_user: RequireSupervisor, query: _Period) -> Response:
        language = context.renderer.language(request)
        asked = asked_period(context, query, language)
        data = period_view(context, "calls", asked, language)
        if not asked.problem:
            agents = await visible_agents(context.database, current_user.user)
            report = await _read(context, asked.period, agents)
            data |= await _view(context, report, asked.period, agents)
            data |= {
                # The week of Persian calendars begins on Saturday.
                "heat": heat_map(report, _SATURDAY if language == "fa" else _MONDAY),
                "bars": day_bars(report),
                "width": DAYS_WIDTH,
                "height": DAYS_HEIGHT,
                "target_s": context.service_targets.usual_s,
            }
        status = 422 if asked.problem else 200
        return context.renderer.page(request, "report_calls.html", "reports", data, status=status)

    @routes.get("/api/v1/reports/calls")
    async def figures(current_user: RequireSupervisor, query: _Period) -> JSONResponse:
        """Return inbound calls of a period by queue, line, weekday and hour, and day.

        ``before``: the total of as many days before. ``service_level``: the share of all calls that
        were answered within the target of their queue. Calls in progress are not counted.
        """
        period = require_period(context, query)
        agents = await visible_agents(context.database, current_user.user)
        report = await _read(context, period, agents)
        days = {"since": period.first.isoformat(), "until": period.last.isoformat()}
        return JSONResponse({**days, **await _view(context, report, period, agents)})

    return routes


async def _read(
    context: WebContext, period: Period, agents: frozenset[UserId] | None
) -> CallReport:
    counted = await counted_calls(
        context.database,
        *period.bounds(context.zone),
        context.service_targets,
        simulated=context.demo,
        only=visible_calls(agents),
    )
    return summarize_calls(counted, period, context.zone)


async def _view(
    context: WebContext, report: CallReport, period: Period, agents: frozenset[UserId] | None
) -> View:
    earlier = await _read(context, period.before(), agents)
    names = {}
    for pbx, did in report.by_line:
        line = line_view(PbxId(pbx), did, context.lines)
        names[pbx, did] = line["label"] or line["number"]
    return {**report_view(report, names), "before": figures_view(earlier.total)}
