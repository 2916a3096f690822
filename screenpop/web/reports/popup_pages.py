"""The report "popup before pickup" as page and JSON API."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.users import UserId
from screenpop.reports.periods import Period
from screenpop.reports.popup import (
    AnsweredCall,
    PopupOutcome,
    PopupSummary,
    Share,
    answered_by,
    popup_outcome,
    summarize_popups,
)
from screenpop.store.accounts.teams import visible_agents, visible_calls
from screenpop.store.accounts.users import list_users
from screenpop.store.calls.queries import logged_calls
from screenpop.store.reports.popup_rows import answered_calls, count_popups
from screenpop.web.auth.current_user import CurrentUser, RequireSupervisor
from screenpop.web.calls.views import View, call_view
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.reports.period import PeriodQuery, asked_period, period_view, require_period
from screenpop.web.reports.popup_view import (
    CHART_HEIGHT,
    CHART_WIDTH,
    chart_bars,
    chart_ticks,
    popup_view,
    share_view,
)

_Period = Annotated[PeriodQuery, Query()]
_MOST_FAILED = 100
"""Calls without the card in time that are listed, the newest."""


def popup_report_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["reports"])

    @routes.get("/reports/popup", include_in_schema=False)
    async def page(request: Request, current_user: RequireSupervisor, query: _Period) -> Response:
        language = context.renderer.language(request)
        asked = asked_period(context, query, language)
        data = period_view(context, "popup", asked, language)
        if not asked.problem:
            report = await _Report.read(context, current_user, asked.period)
            data |= await report.view(context)
            data |= {
                "failed_calls": await report.failed_calls(context, language),
                "most_failed": _MOST_FAILED,
                "bars": chart_bars(report.summary.steps),
                "ticks": chart_ticks(),
                "width": CHART_WIDTH,
                "height": CHART_HEIGHT,
            }
        status = 422 if asked.problem else 200
        return context.renderer.page(request, "report_popup.html", "reports", data, status=status)

    @routes.get("/api/v1/reports/popup")
    async def figures(current_user: RequireSupervisor, query: _Period) -> JSONResponse:
        """Return how often the card was painted before the phone was answered, and why not.

        Inbound calls answered by a phone of the office; ``before``: the same for as many days
        before. ``steps``: p50, p90 and p99 in seconds from the ring; ``bins``: calls by the upper
        ``edges`` in seconds, the last without one. ``failed_calls``: the newest with their reason.
        """
        period = require_period(context, query)
        report = await _Report.read(context, current_user, period)
        days = {"since": period.first.isoformat(), "until": period.last.isoformat()}
        newest = [{"id": call.call, "reason": reason.value} for call, reason in report.newest()]
        return JSONResponse({**days, **await report.view(context), "failed_calls": newest})

    return routes


class _Report:
    def __init__(
        self, calls: tuple[AnsweredCall, ...], summary: PopupSummary, earlier: Share
    ) -> None:
        self.calls = calls
        self.summary = summary
        self.earlier = earlier

    @classmethod
    async def read(
        cls, context: WebContext, current_user: CurrentUser, period: Period
    ) -> "_Report":
        agents = await visible_agents(context.database, current_user.user)
        calls = await _answered(context, period, agents)
        before = period.before()
        if agents is None:
            earlier = await count_popups(
                context.database, *before.bounds(context.zone), simulated=context.demo
            )
        else:
            earlier = summarize_popups(await _answered(context, before, agents)).total
        return cls(calls, summarize_popups(calls), earlier)

    async def view(self, context: WebContext) -> View:
        names = {int(user.id): user.display_name for user in await list_users(context.database)}
        return {**popup_view(self.summary, names), "before": share_view(self.earlier)}

    def newest(self) -> Sequence[tuple[AnsweredCall, PopupOutcome]]:
        """Return the newest calls without the card in time, the newest first."""
        found = [
            (call, outcome)
            for call in self.calls
            if (outcome := popup_outcome(call)) is not PopupOutcome.BEFORE_PICKUP
        ]
        return found[-_MOST_FAILED:][::-1]

    async def failed_calls(self, context: WebContext, language: str) -> list[View]:
        """Return rows as in the call log, with ``reason`` and the seconds it took."""
        newest = self.newest()
        async with context.database.reading() as connection:
            logged = await logged_calls(connection, [call.call for call, _ in newest])
        return [
            {
                **call_view(logged[call.call], language, context.lines),
                "reason": reason.value,
                "answered_after_s": max(call.answered_at - call.rang_at, 0.0),
                "painted_after_s": _painted_after(call),
            }
            for call, reason in newest
            if call.call in logged
        ]


def _painted_after(call: AnsweredCall) -> float | None:
    painted = call.card.painted_at if call.card is not None else None
    return None if painted is None else max(painted - call.rang_at, 0.0)


async def _answered(
    context: WebContext, period: Period, agents: frozenset[UserId] | None
) -> tuple[AnsweredCall, ...]:
    found = await answered_calls(
        context.database,
        *period.bounds(context.zone),
        context.zone,
        simulated=context.demo,
        only=visible_calls(agents),
    )
    return answered_by(found, agents)
