"""``/demo/guide``: closes the demo's guide for a session, or opens it again."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from screenpop.web.auth.current_user import RequireUser
from screenpop.web.context import WebContext
from screenpop.web.demo_guide import DemoGuide
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token


def demo_guide_routes(context: WebContext) -> FeatureRouter:
    """Return the routes that close the guide and open it again."""
    routes = FeatureRouter(include_in_schema=False)

    @routes.post("/demo/guide/close", status_code=204)
    async def close(request: Request, current_user: RequireUser) -> Response:
        check_form_token(request, "", context.cookies)
        _guide(context).close(current_user)
        return Response(status_code=204)

    @routes.post("/demo/guide/open", status_code=204)
    async def open_again(request: Request, current_user: RequireUser) -> Response:
        check_form_token(request, "", context.cookies)
        _guide(context).open(current_user)
        return Response(status_code=204)

    return routes


def _guide(context: WebContext) -> DemoGuide:
    if context.demo_guide is None:
        raise HTTPException(404, "not_found")
    return context.demo_guide
