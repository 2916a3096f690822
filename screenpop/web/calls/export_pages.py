"""The call log as a sheet: what the list shows, with the same filters."""

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from screenpop.store.accounts.teams import visible_agents
from screenpop.store.calls.call_filter import CallFilter, filter_to_json
from screenpop.store.privacy.records import log_export
from screenpop.web.calls.query import CallQuery, parse_call_query
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import form_fields
from screenpop.web.export_port import CallListExportSpec
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.privacy.pages import RequireExport
from screenpop.web.streaming_download import Kind, stream_download


def call_export_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["calls"])

    @routes.post("/calls/export")
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

    return routes
