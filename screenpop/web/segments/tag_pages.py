"""The page of tags: how many customers have each, renaming and merging."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.customers.bulk_changes import Action, BulkChange
from screenpop.store.segments.bulk_edit import BulkEditError, apply_step, list_steps
from screenpop.store.segments.selection import Selection
from screenpop.store.segments.tags import list_tags
from screenpop.web.auth.current_user import RequireEdit, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import form_fields
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.segments.access import RequireManageSegments, actor_of, is_own_step
from screenpop.web.segments.bulk_views import step_view
from screenpop.web.segments.pages import words_of


def tag_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["segments"])

    @routes.get("/tags", include_in_schema=False)
    async def page(request: Request, current_user: RequireEdit) -> Response:
        words = await words_of(context, request)
        steps = [
            step_view(step, words)
            for step in await list_steps(context.database)
            if is_own_step(step.user_id, current_user)
        ]
        rows = [
            {"tag": row.tag, "count": words.number(row.customers), "spellings": row.spellings[1:]}
            for row in await list_tags(context.database)
        ]
        data = {"tags": rows, "steps": steps, "problem": request.query_params.get("problem", "")}
        return context.renderer.page(request, "tags.html", "customers", data)

    @routes.get("/api/v1/tags")
    async def listed(current_user: RequireUser) -> JSONResponse:
        """Return the tags in use, the most frequent first; spellings of one tag are one row."""
        rows = [
            {"tag": row.tag, "customers": row.customers, "spellings": list(row.spellings)}
            for row in await list_tags(context.database)
        ]
        return JSONResponse({"tags": rows})

    @routes.post("/tags/rename", include_in_schema=False)
    async def rename(request: Request, current_user: RequireManageSegments) -> Response:
        form = await form_fields(context, request)
        change = BulkChange(
            Action.RENAME_TAG, tag=form.get("new", ""), old_tag=form.get("old", "")[:400]
        )
        try:
            step = await apply_step(
                context.database, Selection(), change, actor_of(context, current_user)
            )
        except BulkEditError as error:
            return RedirectResponse(f"/tags?problem={error.problem.value}", 303)
        return RedirectResponse(f"/customers/bulk/{step.id}", 303)

    return routes
