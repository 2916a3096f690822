"""Described reports as pages, JSON API and workbooks."""

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.customers.calendar_months import Calendar
from screenpop.reports.periods import Period
from screenpop.store.accounts.teams import visible_agents
from screenpop.store.privacy.records import log_export
from screenpop.web.auth.current_user import CurrentUser, RequireSupervisor
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import form_fields
from screenpop.web.export_port import ReportExportSpec
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.privacy.pages import RequireExport
from screenpop.web.reports.all_reports import REPORTS, AskedReport, ReportSource, load_report
from screenpop.web.reports.period import (
    PeriodQuery,
    asked_period,
    period_view,
    require_period,
)
from screenpop.web.reports.report_view import page_view, report_json, tables_json
from screenpop.web.streaming_download import stream_download

_Code = Annotated[str, Path(max_length=20)]
_Period = Annotated[PeriodQuery, Query()]
_Calendar = Annotated[Calendar, Query()]


def report_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["reports"])

    @routes.get("/reports/{code}", include_in_schema=False)
    async def page(
        request: Request, current_user: RequireSupervisor, code: _Code, query: _Period
    ) -> Response:
        usual_days = _source(code).usual_days
        language = context.renderer.language(request)
        asked = asked_period(context, query, language, usual_days)
        data = period_view(context, code, asked, language)
        if not asked.problem:
            wanted = await _asked(context, current_user, asked.period, language)
            report = await load_report(context, code, wanted)
            data |= page_view(report)
        status = 422 if asked.problem else 200
        return context.renderer.page(request, "report.html", "reports", data, status=status)

    @routes.get("/api/v1/reports/{code}")
    async def figures(
        current_user: RequireSupervisor,
        code: _Code,
        query: _Period,
        calendar: _Calendar = Calendar.GREGORIAN,
    ) -> JSONResponse:
        """Return a report: ``figures`` with those of as many days ``before``, and ``tables``.

        Months and years are those of ``calendar``, named by their first days. Shares are 0 to 1,
        times are seconds, amounts are in whole units of the row's currency.
        """
        period = require_period(context, query, _source(code).usual_days)
        language = current_user.user.language
        wanted = await _asked(context, current_user, period, language)
        report = await load_report(context, code, replace(wanted, calendar=calendar))
        days = {"since": period.first.isoformat(), "until": period.last.isoformat()}
        return JSONResponse({**days, **report_json(report)})

    @routes.post("/reports/{code}/export", include_in_schema=False)
    async def export(request: Request, current_user: RequireExport, code: _Code) -> Response:
        usual_days = _source(code).usual_days
        form = await form_fields(context, request)
        query = PeriodQuery(
            since=form.get("since", "")[:40],
            until=form.get("until", "")[:40],
        )
        period = require_period(context, query, usual_days)
        language = context.renderer.language(request)
        report = await load_report(
            context, code, await _asked(context, current_user, period, language)
        )
        order = ReportExportSpec(tables_json(report), language)
        name = f"report-{code}-{period.first.isoformat()}-{period.last.isoformat()}"
        answer = await stream_download(context.export, order, name)
        await log_export(
            context.database,
            kind="xlsx+reports",
            filtered=True,
            user_id=current_user.user.id,
            now=context.clock(),
        )
        return answer

    return routes


def _source(code: str) -> ReportSource:
    source = REPORTS.get(code)
    if source is None:
        raise HTTPException(404, "not_found")
    return source


async def _asked(
    context: WebContext, current_user: CurrentUser, period: Period, language: str
) -> AskedReport:
    calendar = Calendar.PERSIAN if language == "fa" else Calendar.GREGORIAN
    agents = await visible_agents(context.database, current_user.user)
    return AskedReport(period, current_user, calendar, language, agents)
