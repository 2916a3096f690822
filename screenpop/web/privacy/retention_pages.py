"""``/admin/retention``: what is kept how long, and which customers a rule of years would erase."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from screenpop.common.search_normalization import fold
from screenpop.customers.retention import RetentionKind, contact_limit
from screenpop.reports.description import Report, ReportColumn, ReportTable, Unit
from screenpop.store.privacy.clock_record import read_clock
from screenpop.store.privacy.inactive_customers import (
    InactiveCustomer,
    count_inactive,
    list_inactive,
)
from screenpop.store.privacy.records import log_export
from screenpop.store.privacy.retention_runs import RetentionRun, last_runs
from screenpop.web.auth.current_user import RequireAdmin
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import form_fields
from screenpop.web.export_port import ReportExportSpec
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.imports.views import in_digits
from screenpop.web.reports.report_view import tables_json
from screenpop.web.streaming_download import stream_download

PATH = "/admin/retention"
MOST_YEARS = 100
MOST_LISTED = 100
"""Customers of one page of the preview."""
MOST_EXPORTED = 10_000
"""Customers in the file of the preview."""
_Typed = Annotated[str, Query(max_length=20)]
_After = Annotated[int, Query(ge=0, le=2**63 - 1)]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A kind of data on the page."""

    code: str
    setting: str = ""
    """Empty: there is no choice."""
    days: int = 0
    years: int = 0
    run: RetentionRun | None = None
    """None for what is not deleted by night, or was not yet."""

    @property
    def is_for_a_time(self) -> bool:
        return bool(self.days or self.years)


def retention_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get(PATH)
    async def page(
        request: Request, _: RequireAdmin, years: _Typed = "", after: _After = 0
    ) -> Response:
        data: View = {
            "rows": await _rows(context),
            "held_until": (await read_clock(context.database, context.clock())).held_until,
            "typed": years,
            "problem": False,
            "preview": None,
            "digits": lambda number: in_digits(number, context.renderer.language(request)),
            "can_export": context.export is not None,
            "most_exported": MOST_EXPORTED,
        }
        wanted = _years(years)
        if wanted is not None:
            data["preview"] = await _preview(context, wanted, after)
        data["problem"] = bool(years) and wanted is None
        status = 422 if data["problem"] else 200
        return context.renderer.page(request, "admin_retention.html", "admin", data, status=status)

    @routes.post(f"{PATH}/export")
    async def export(request: Request, current_user: RequireAdmin) -> Response:
        """Return the customers of the preview as XLSX, at most ``MOST_EXPORTED``."""
        form = await form_fields(context, request)
        years = _years(form.get("years", "")[:20])
        if years is None:
            raise HTTPException(422, "bad_request:years")
        limit = contact_limit(context.clock(), years, context.zone)
        found = await list_inactive(context.database, limit, context.zone, most=MOST_EXPORTED)
        report = Report("retention", tables=(_table(found),))
        order = ReportExportSpec(tables_json(report), context.renderer.language(request))
        answer = await stream_download(context.export, order, f"retention-{years}")
        await log_export(
            context.database,
            kind="xlsx+retention",
            filtered=True,
            user_id=current_user.user.id,
            now=context.clock(),
        )
        return answer

    return routes


def _years(typed: str) -> int | None:
    """Return the years as typed in any digits; None for anything that is no number of years."""
    text = fold(typed).strip()
    if not text.isdecimal() or len(text) > 3 or not 1 <= int(text) <= MOST_YEARS:
        return None
    return int(text)


async def _preview(context: WebContext, years: int, after: int) -> View:
    limit = contact_limit(context.clock(), years, context.zone)
    found = await list_inactive(
        context.database, limit, context.zone, most=MOST_LISTED + 1, after=after
    )
    shown = found[:MOST_LISTED]
    return {
        "years": years,
        "day": limit.day.isoformat(),
        "count": await count_inactive(context.database, limit),
        "customers": shown,
        "next": shown[-1].id if len(found) > MOST_LISTED else None,
    }


async def _rows(context: WebContext) -> list[_Kept]:
    days = context.admin.keep_days
    runs = await last_runs(context.database)

    def kept(kind: RetentionKind, setting: str, **time: int) -> _Kept:
        return _Kept(kind.value, setting, run=runs.get(kind), **time)

    logins = days.get("logins", 0)
    return [
        kept(
            RetentionKind.CUSTOMERS,
            "keep_customers_years",
            years=context.admin.keep_customers_years,
        ),
        kept(RetentionKind.CALLS, "keep_calls_days", days=days.get("calls", 0)),
        kept(RetentionKind.NOTES, "keep_notes_days", days=days.get("notes", 0)),
        kept(RetentionKind.TRACES, "keep_traces_days", days=days.get("traces", 0)),
        _Kept("receipts"),
        kept(RetentionKind.LOGINS, "keep_logins_days", days=logins),
        kept(RetentionKind.REFUSALS, "keep_logins_days", days=logins),
        _Kept("deliveries", "webhook.keep_days", days=days.get("deliveries", 0)),
        _Kept("removed", days=1),
        _Kept("drafts", days=1),
        _Kept("attachments"),
        _Kept("imports"),
        _Kept("exports"),
        _Kept("records"),
    ]


def _table(found: tuple[InactiveCustomer, ...]) -> ReportTable:
    columns = (
        ReportColumn("customer_number", Unit.COUNT),
        ReportColumn("customer_name", Unit.TEXT),
        ReportColumn("last_contact", Unit.CODE, "contact"),
        ReportColumn("last_contact_day", Unit.DAY),
    )
    rows = tuple((int(one.id), one.name, one.kind.value, one.day) for one in found)
    return ReportTable("retention", columns, rows)
