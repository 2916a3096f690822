"""``/admin/branches``: the office's own branches; and their list for other programs."""

from typing import Annotated

from fastapi import Form, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.customers.branches import MAX_BRANCH_NAME
from screenpop.store.branches import (
    BranchRefusedError,
    branch_names,
    delete_branch,
    list_branches,
    save_branch,
)
from screenpop.web.auth.current_user import RequireAdmin, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.imports.views import in_digits

PATH = "/admin/branches"
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_Text = Annotated[str, Form(max_length=400)]


def branch_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get(PATH)
    async def page(request: Request, _: RequireAdmin) -> Response:
        return await _page(context, request)

    @routes.post(PATH)
    async def add(
        request: Request, _: RequireAdmin, csrf: _Text = "", name: _Text = ""
    ) -> Response:
        return await _save(context, request, csrf, name, None)

    @routes.post(f"{PATH}/{{number}}")
    async def rename(
        request: Request, _: RequireAdmin, number: _Id, csrf: _Text = "", name: _Text = ""
    ) -> Response:
        return await _save(context, request, csrf, name, number)

    @routes.post(f"{PATH}/{{number}}/delete")
    async def remove(
        request: Request, _: RequireAdmin, number: _Id, csrf: _Text = "", sure: _Text = ""
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        if not sure:
            return await _page(context, request, asked=number)
        if not await delete_branch(context.database, number):
            raise HTTPException(404, "not_found")
        return RedirectResponse(PATH, 303)

    return routes


def branch_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["customers"])

    @routes.get("/branches")
    async def read(_: RequireUser) -> View:
        """Return the office's own branches with their ids, by name."""
        names = await branch_names(context.database)
        return {"branches": [{"id": number, "name": name} for number, name in names.items()]}

    return routes


async def _save(
    context: WebContext, request: Request, csrf: str, name: str, number: int | None
) -> Response:
    check_form_token(request, csrf, context.cookies)
    try:
        saved = await save_branch(context.database, name, now=context.clock(), number=number)
    except BranchRefusedError as refused:
        return await _page(context, request, refused.problem.value, name, number)
    if saved is None:
        raise HTTPException(404, "not_found")
    return RedirectResponse(PATH, 303)


async def _page(
    context: WebContext,
    request: Request,
    problem: str = "",
    typed: str = "",
    number: int | None = None,
    asked: int | None = None,
) -> Response:
    """Return the page.

    ``typed``: a refused name, of the branch ``number`` or of a new one. ``asked``: the branch whose
    deletion is to be confirmed.
    """
    rows = await list_branches(context.database)
    if asked is not None and all(one.id != asked for one in rows):
        raise HTTPException(404, "not_found")
    data: View = {
        "rows": rows,
        "problem": problem,
        "typed": typed[: 2 * MAX_BRANCH_NAME],
        "number": number,
        "asked": asked,
        "longest": MAX_BRANCH_NAME,
        "digits": lambda count: in_digits(count, context.renderer.language(request)),
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "admin_branches.html", "admin", data, status=status)


BRANCH_ROUTES = (branch_routes, branch_api_routes)
