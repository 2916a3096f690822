"""``/customers/{number}/hidden``: hides a file from all but administrators and named users."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from screenpop.accounts.users import Right, Role, UserId
from screenpop.customers.models import CustomerId
from screenpop.store.accounts.users import list_users
from screenpop.store.customers.hidden_files import hide_file, show_file
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import Number, back_to, file_or_404
from screenpop.web.customers.views import file_view
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token


def hidden_file_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/customers/{number:int}/hidden")
    async def page(request: Request, current_user: RequireUser, number: Number) -> Response:
        _require_right(current_user)
        file = await file_or_404(context, number)
        data: View = {
            "who": file_view(file, frozenset(), context.renderer.language(request)),
            "is_hidden": number in context.database.hidden_files.seen_by,
            "seen_by": context.database.hidden_files.seen_by.get(number, frozenset()),
            "people": [
                one for one in await list_users(context.database) if one.role is not Role.ADMIN
            ],
            "own": current_user.user.id,
        }
        return context.renderer.page(request, "customer_hidden.html", "customers", data)

    @routes.post("/customers/{number:int}/hidden")
    async def change(request: Request, current_user: RequireUser, number: Number) -> Response:
        form = await request.form(max_files=0, max_fields=1_000)
        check_form_token(request, str(form.get("csrf", "")), context.cookies)
        _require_right(current_user)
        await file_or_404(context, number)
        user, now = current_user.user, context.clock()
        if form.get("do") == "show":
            await show_file(context.database, CustomerId(number), user_id=user.id, now=now)
            return back_to(number)
        known = {str(one.id): one.id for one in await list_users(context.database)}
        named = {known[one] for one in map(str, form.getlist("user")) if one in known}
        if user.role is not Role.ADMIN:
            named |= {UserId(user.id)}  # or they could not undo it
        customer = CustomerId(number)
        await hide_file(context.database, customer, named, user_id=user.id, now=now)
        return back_to(number)

    return routes


def _require_right(current_user: CurrentUser) -> None:
    if not current_user.may(Right.HIDE_FILES):
        raise HTTPException(403, "not_allowed")
