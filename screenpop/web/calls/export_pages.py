"""The call log as a sheet: what the list shows, with the same filters."""

import re
from typing import Annotated

from fastapi import Path
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.store.accounts.teams import visible_agents
from screenpop.store.calls.call_filter import CallFilter, filter_to_json
from screenpop.store.privacy.records import log_export
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.query import CallQuery, parse_call_query
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import form_fields
from screenpop.web.export_port import CallListExportSpec, ExportJobs
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.privacy.pages import RequireExport
from screenpop.web.streaming_download import Kind, stream_download

_NAME = re.compile(r"[0-9a-z-]{8,40}", re.ASCII)
_JobName = Annotated[str, Path(max_length=40)]


def call_export_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["calls"])

    @routes.post("/calls/export", include_in_schema=False)
    async def export(request: Request, current_user: RequireExport) -> Response:
        """Return the calls of the log that the filters choose, as ``format`` csv or xlsx."""
        form = await form_fields(context, request)
        kind = form.get("format", "")
        if kind not in {"csv", "xlsx"}:
            raise HTTPException(422, "bad_request:format")
        try:
            query = CallQuery.model_validate({**form, "after": ""})
        except ValidationError as refused:
            field = str(refused.errors()[0]["loc"][0])
            raise HTTPException(422, f"bad_request:{field}") from None
        visible = await visible_agents(context.database, current_user.user)
        language = context.renderer.language(request)
        wanted = parse_call_query(
            query,
            current_user,
            context.zone,
            visible,
            today=context.today(),
            language=language,
        ).filter
        names = {did: name for (_, did), name in context.lines.labels.items()}
        file: Kind = "csv" if kind == "csv" else "xlsx"
        order = CallListExportSpec(
            file,
            filter_to_json(wanted),
            str(context.zone),
            language,
            names,
            _job(current_user, form["job"]) if form.get("job") else "",
        )
        answer = await stream_download(
            context.export, order, f"calls-{context.today().isoformat()}"
        )
        await log_export(
            context.database,
            kind=f"{file}+calls",
            filtered=wanted != CallFilter(),
            user_id=current_user.user.id,
            now=context.clock(),
        )
        return answer

    @routes.get("/api/v1/exports/{name}")
    async def progress(current_user: RequireExport, name: _JobName) -> JSONResponse:
        """Return how many ``rows`` of ``total`` an export has that was begun with ``job``.

        ``total`` is null until the rows are counted. 404 for an export that has ended.
        """
        found = await _jobs(context).progress(_job(current_user, name))
        if found is None:
            raise HTTPException(404, "not_found")
        return JSONResponse({"rows": found.rows, "total": found.total})

    @routes.post("/api/v1/exports/{name}/cancel")
    async def cancel(request: Request, current_user: RequireExport, name: _JobName) -> JSONResponse:
        """End an export of this user; the file breaks off. 404 for one that has ended."""
        check_json(request)
        if not await _jobs(context).cancel(_job(current_user, name)):
            raise HTTPException(404, "not_found")
        return JSONResponse({})

    return routes


def _jobs(context: WebContext) -> ExportJobs:
    if not isinstance(context.export, ExportJobs):
        raise HTTPException(404, "not_found")
    return context.export


def _job(current_user: CurrentUser, name: str) -> str:
    """Return the name of a user's own export; raises 422 for one that no page makes."""
    if _NAME.fullmatch(name) is None:
        raise HTTPException(422, "bad_request:job")
    return f"{current_user.user.id}:{name}"
