"""``/offers/report``: what offers bring (answers, chances, lift): page, JSON and sheets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.customers.date_input import InvalidDateError, format_date, parse_date
from screenpop.offers.acceptance import (
    Answered,
    Estimate,
    OfferChances,
    estimate_in_segment,
    estimate_offers,
)
from screenpop.offers.lift import Lift, Share
from screenpop.offers.office_offer import suggestion_id
from screenpop.offers.outcomes import ANSWERS, OfferFigures, sum_up
from screenpop.store.offers.outcomes import OutcomeFilter, count_answered, load_outcomes
from screenpop.store.offers.saved import SavedOffer
from screenpop.store.privacy.records import log_export
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import form_fields
from screenpop.web.export_port import OfferExportSpec
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.offers.views import visible_offers
from screenpop.web.privacy.pages import RequireExport
from screenpop.web.segments.access import segment_or_404, usable_segments, wanted_of
from screenpop.web.segments.pages import words_of
from screenpop.web.streaming_download import stream_download

WITHIN_DAYS = (14, 30, 60, 90)
_WITHIN = 30
_PERIOD_DAYS = 90
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_YEAR_S = 365 * 86_400.0


class ReportError(ValueError):
    """``code``: ``day``, ``reversed``, ``within`` or ``segment``; ``field``, ``value`` as typed."""

    def __init__(self, code: str, field: str, value: str) -> None:
        super().__init__(code)
        self.code, self.field, self.value = code, field, value


@dataclass(frozen=True, slots=True)
class Asked:
    first: date
    last: date
    within_days: int
    segment: int | None = None
    """Of the customers among whom the chances are estimated, too."""


def offer_report_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/offers/report")
    async def page(request: Request, current_user: RequireUser) -> Response:
        typed = dict(request.query_params)
        try:
            asked, problem = _asked(typed, context.today()), None
        except ReportError as error:
            asked, problem = _asked({}, context.today()), error
        language = context.renderer.language(request)
        rows = [] if problem else await _rows(context, current_user, asked)
        words = await words_of(context, request)
        shown = {
            "first": format_date(asked.first, language),
            "last": format_date(asked.last, language),
            "within": str(asked.within_days),
            "segment": str(asked.segment or ""),
        }
        data: View = {
            "rows": rows,
            "form": {**shown, **typed} if problem else shown,
            "problem": problem,
            "within": [(str(days), words.number(days)) for days in WITHIN_DAYS],
            "answers": ANSWERS,
            "segments": [
                {"id": str(one.id), "name": one.name}
                for one in await usable_segments(context.database, current_user)
            ],
        }
        status = 422 if problem else 200
        return context.renderer.page(request, "offer_report.html", "customers", data, status=status)

    @routes.post("/offers/report/export")
    async def export(request: Request, current_user: RequireExport) -> Response:
        form = await form_fields(context, request)
        kind, language = form.get("format", ""), context.renderer.language(request)
        if kind not in {"csv", "xlsx"}:
            raise HTTPException(422, "bad_request:format")
        try:
            asked = _asked(form, context.today())
        except ReportError as error:
            raise HTTPException(422, f"bad_request:{error.field}") from error
        return await _export(
            context, current_user, asked, "csv" if kind == "csv" else "xlsx", language
        )

    return routes


def offer_report_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["offers"])

    @routes.get("/offers/report")
    async def report(
        current_user: RequireUser,
        first: str = "",
        last: str = "",
        within: str = "",
        segment: Annotated[str, Query(max_length=20)] = "",
    ) -> JSONResponse:
        """Return shown, answers, chances and lift of each offer.

        ``first``, ``last``: days on which a customer was first concerned; by default the last 90
        days. ``within``: 14, 30, 60 or 90 days in which a booking counts. ``segment``: the id of a
        segment, among whose customers of today ``segment_chance`` is estimated.
        """
        given = {"first": first, "last": last, "within": within, "segment": segment}
        try:
            asked = _asked(given, context.today())
        except ReportError as error:
            raise HTTPException(422, f"bad_request:{error.field}") from error
        return JSONResponse(
            {
                "first": asked.first.isoformat(),
                "last": asked.last.isoformat(),
                "within_days": asked.within_days,
                "offers": await _rows(context, current_user, asked),
            }
        )

    return routes


def _asked(typed: Mapping[str, str], today: date) -> Asked:
    """Return the period and days of a form. Raises ``ReportError``."""
    last = _day(typed, "last", today) or today
    first = _day(typed, "first", today) or last - timedelta(_PERIOD_DAYS)
    if last < first:
        raise ReportError("reversed", "last", typed.get("last", ""))
    within = typed.get("within", "") or str(_WITHIN)
    if within not in map(str, WITHIN_DAYS):
        raise ReportError("within", "within", within)
    segment = typed.get("segment", "")
    if segment and not (segment.isascii() and segment.isdecimal() and len(segment) < 19):
        raise ReportError("segment", "segment", segment)
    return Asked(first, last, int(within), int(segment) if segment else None)


def _day(typed: Mapping[str, str], name: str, today: date) -> date | None:
    value = typed.get(name, "")
    try:
        day = parse_date(value, today)
    except InvalidDateError as error:
        raise ReportError("day", name, value) from error
    if day is not None and not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ReportError("day", name, value)
    return day


def _wanted(context: WebContext, asked: Asked, offers: Mapping[int, str]) -> OutcomeFilter:
    return OutcomeFilter(
        asked.first, asked.last, asked.within_days, context.today(), context.zone, frozenset(offers)
    )


async def _rows(context: WebContext, current_user: CurrentUser, asked: Asked) -> list[View]:
    """Return the figures of the offers that the user may see, those that were shown first."""
    saved = await visible_offers(context, current_user)
    names = {int(one.offer.id): one.offer.terms.name for one in saved}
    figures = sum_up(await load_outcomes(context.database, _wanted(context, asked, names)))
    since = context.clock() - _YEAR_S
    chances = estimate_offers(await count_answered(context.database, since), names)
    among = await _in_segment(context, current_user, asked.segment, since, chances)
    found = [
        (one, figures.get(suggestion_id(one.offer.id), OfferFigures()), chances[one.offer.id])
        for one in saved
    ]
    found.sort(key=lambda one: (-one[1].offered, not one[0].offer.active, one[0].offer.id))
    return [
        _row(*one) | {"segment_chance": _chance(among[one[0].offer.id]) if among else None}
        for one in found
    ]


async def _in_segment(
    context: WebContext,
    current_user: CurrentUser,
    number: int | None,
    since: float,
    chances: Mapping[int, OfferChances],
) -> Mapping[int, Estimate]:
    """Return the chances of the offers among the customers of a segment; empty without one."""
    if number is None:
        return {}
    segment = await segment_or_404(context.database, number, current_user)
    if segment.condition is None:
        raise HTTPException(404, "not_found")
    wanted = wanted_of(context, segment.condition)
    answered: dict[int, Answered] = {}
    for (offer, _), one in (await count_answered(context.database, since, wanted)).items():
        answered[offer] = answered.get(offer, Answered()) + one
    return estimate_in_segment(answered, chances)


def _row(saved: SavedOffer, figures: OfferFigures, chances: OfferChances) -> View:
    return {
        "id": int(saved.offer.id),
        "name": saved.offer.terms.name,
        "active": saved.offer.active,
        "control_percent": saved.offer.terms.control_percent,
        "shown": figures.offered,
        "calls": figures.calls,
        "answers": {answer: figures.answers[answer] for answer in ANSWERS},
        "unanswered": figures.answers[""],
        "reasons": dict(sorted(figures.reasons.items())),
        "withheld": figures.withheld,
        "booked_of_shown": _share(figures.of_offered),
        "booked_of_withheld": _share(figures.of_withheld),
        "lift": _lift(figures.lift),
        "chance": _chance(chances.overall),
        "chances": {tier: _chance(one) for tier, one in sorted(chances.by_tier.items())},
    }


def _share(share: Share) -> View:
    return {"booked": share.booked, "customers": share.customers}


def _lift(lift: Lift | None) -> View | None:
    if lift is None:
        return None
    return {
        "difference": lift.difference,
        "low": lift.low,
        "high": lift.high,
        "is_sure": lift.is_sure,
    }


def _chance(estimate: Estimate) -> View:
    low, high = estimate.interval()
    answered = estimate.answered
    return {
        "chance": estimate.chance,
        "low": low,
        "high": high,
        "calls": answered.calls,
        "accepted": answered.accepted,
    }


async def _export(
    context: WebContext,
    current_user: CurrentUser,
    asked: Asked,
    kind: Literal["csv", "xlsx"],
    language: str,
) -> Response:
    saved = await visible_offers(context, current_user)
    names = {int(one.offer.id): one.offer.terms.name for one in saved}
    order = OfferExportSpec(
        kind,
        language,
        asked.first,
        asked.last,
        asked.within_days,
        context.today(),
        context.zone.key,
        names,
    )
    file = await stream_download(context.export, order, f"offers-{context.today().isoformat()}")
    await log_export(
        context.database,
        kind=kind,
        filtered=True,
        user_id=current_user.user.id,
        now=context.clock(),
        work_list="offers",
    )
    return file
