"""Pages and JSON API of values."""

from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.departments import Section, sections_for
from screenpop.customers.models import CustomerId
from screenpop.loyalty.stages import Stage
from screenpop.store.customers.queries import load_customer_rows
from screenpop.store.value.queries import (
    count_stages,
    list_stage,
    load_runs,
    load_value,
)
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import Number
from screenpop.web.customers.list_pages import customer_view
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.value.views import CHART_SIZE, run_view, value_view

_LISTED = 100
"""Customers of a stage on the page, the best first."""


def value_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["value"])

    @routes.get("/value", include_in_schema=False)
    async def page(request: Request, current_user: RequireUser) -> Response:
        require_trips(current_user)
        runs = [run_view(run) for run in await load_runs(context.database)]
        data = {
            "runs": runs,
            "run": runs[0] if runs else None,
            "stages": {
                stage.value: count
                for stage, count in (await count_stages(context.database)).items()
                if stage is not Stage.NONE
            },
            "size": CHART_SIZE,
        }
        return context.renderer.page(request, "value.html", "customers", data)

    @routes.get("/value/{stage}", include_in_schema=False)
    async def customers(request: Request, current_user: RequireUser, stage: Stage) -> Response:
        require_trips(current_user)
        values = await list_stage(context.database, stage, _LISTED)
        language = context.renderer.language(request)
        found = await load_customer_rows(context.database, [one.customer_id for one in values])
        people = {row.customer.id: customer_view(row, language) for row in found}
        sections = sections_for(current_user.user)
        rows = [
            {"customer": people[one.customer_id], "value": value_view(one, sections)}
            for one in values
            if one.customer_id in people
        ]
        counts = await count_stages(context.database)
        data = {"rows": rows, "stage": stage.value, "count": counts[stage]}
        return context.renderer.page(request, "value_stage.html", "customers", data)

    @routes.get("/api/v1/customers/{number}/value")
    async def value(current_user: RequireUser, number: Number) -> JSONResponse:
        """Return stage, chance and own rhythm of a customer, as scored last; 404 before that.

        Sums are for departments that see prices.
        """
        require_trips(current_user)
        found = await load_value(context.database, CustomerId(number))
        if found is None:
            raise HTTPException(404, "not_found")
        return JSONResponse(value_view(found, sections_for(current_user.user)))

    @routes.get("/api/v1/value-runs")
    async def runs(
        current_user: RequireUser, most: Annotated[int, Query(ge=1, le=60)] = 10
    ) -> JSONResponse:
        """Return the last runs of ``screenpop score`` with their backtests, the newest first."""
        require_trips(current_user)
        found = [run_view(run) for run in await load_runs(context.database, most)]
        return JSONResponse({"runs": found})

    return routes


def require_trips(current_user: CurrentUser) -> None:
    if Section.TRIPS not in sections_for(current_user.user):
        raise HTTPException(403, "not_allowed")
