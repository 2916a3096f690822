"""``/admin/webhooks``: an administrator makes targets, tests them, and sees what was delivered."""

from typing import Annotated

from fastapi import Path
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.users import UserId
from screenpop.store.engine.document_key import DocumentKeyError
from screenpop.store.webhooks.deliveries import count_waiting, list_deliveries, queue_test
from screenpop.store.webhooks.targets import (
    LONGEST_NAME,
    NewTarget,
    TargetRefusedError,
    create_target,
    delete_target,
    list_targets,
    renew_secret,
    switch_target,
)
from screenpop.web.auth.current_user import RequireAdmin
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.imports.views import in_digits
from screenpop.webhooks.addresses import UrlRefusedError, check_url
from screenpop.webhooks.events import CHOSEN_TYPES, EventType
from screenpop.webhooks.targets import Target, TargetShape

PATH = "/admin/webhooks"
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_MOST_FIELDS = 40


def webhook_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get(PATH)
    async def targets(request: Request, _: RequireAdmin) -> Response:
        return await _list_page(context, request)

    @routes.post(PATH)
    async def create(request: Request, current_user: RequireAdmin) -> Response:
        return await _create(context, request, current_user.user.id)

    @routes.get(f"{PATH}/{{target}}")
    async def target_page(request: Request, _: RequireAdmin, target: _Id) -> Response:
        return await _page(context, request, target)

    return routes


def webhook_action_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.post(f"{PATH}/{{target}}/test")
    async def test(request: Request, _: RequireAdmin, target: _Id) -> Response:
        await _checked_form(context, request)
        found = await _target(context, target)
        if not found.is_active:
            return RedirectResponse(f"{PATH}/{target}", 303)
        await queue_test(context.database, found, context.clock())
        context.webhooks.changed()
        return RedirectResponse(f"{PATH}/{target}?tested=1", 303)

    @routes.post(f"{PATH}/{{target}}/switch")
    async def switch(request: Request, _: RequireAdmin, target: _Id) -> Response:
        form = await _checked_form(context, request)
        if not await switch_target(context.database, target, is_on=form.get("to") == "on"):
            raise HTTPException(404, "not_found")
        context.webhooks.changed()
        return RedirectResponse(f"{PATH}/{target}", 303)

    @routes.post(f"{PATH}/{{target}}/secret")
    async def secret(request: Request, _: RequireAdmin, target: _Id) -> Response:
        await _checked_form(context, request)
        try:
            made = await renew_secret(context.database, target)
        except DocumentKeyError:
            return await _page(context, request, target, problem="no_key")
        if made is None:
            raise HTTPException(404, "not_found")
        return await _page(context, request, target, secret=made)

    @routes.post(f"{PATH}/{{target}}/delete")
    async def delete(request: Request, _: RequireAdmin, target: _Id) -> Response:
        return await _delete(context, request, target)

    return routes


async def _delete(context: WebContext, request: Request, target: int) -> Response:
    form = await _checked_form(context, request)
    if not form.get("sure"):
        return await _page(context, request, target, asked=True)
    if not await delete_target(context.database, target):
        raise HTTPException(404, "not_found")
    return RedirectResponse(PATH, 303)


async def _checked_form(context: WebContext, request: Request) -> FormData:
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    check_form_token(request, str(form.get("csrf", "")), context.cookies)
    return form


async def _create(context: WebContext, request: Request, user: UserId) -> Response:
    form = await _checked_form(context, request)
    typed = {name: str(form.get(name, ""))[:4000] for name in ("name", "url", "shape")}
    known = {one.value: one for one in CHOSEN_TYPES}
    chosen = frozenset(known[str(one)] for one in form.getlist("type") if str(one) in known)
    is_zammad = typed["shape"] == TargetShape.ZAMMAD
    try:
        new = NewTarget(
            typed["name"],
            check_url(typed["url"], context.webhooks.rules),
            TargetShape.ZAMMAD if is_zammad else TargetShape.STANDARD,
            frozenset({EventType.CALL_RINGING}) if is_zammad else chosen,
            with_numbers=form.get("numbers") == "yes",
            with_names=form.get("names") == "yes",
        )
        target, secret = await create_target(
            context.database, new, user_id=user, now=context.clock()
        )
    except (UrlRefusedError, TargetRefusedError) as refused:
        return await _list_page(context, request, refused.code, typed, chosen)
    except DocumentKeyError:
        return await _list_page(context, request, "no_key", typed, chosen)
    context.webhooks.changed()
    return await _page(context, request, target, secret=secret)


async def _target(context: WebContext, number: int) -> Target:
    for one in await list_targets(context.database):
        if one.id == number:
            return one
    raise HTTPException(404, "not_found")


async def _list_page(
    context: WebContext,
    request: Request,
    problem: str = "",
    typed: dict[str, str] | None = None,
    chosen: frozenset[EventType] | None = None,
) -> Response:
    data: dict[str, object] = {
        "digits": lambda count: in_digits(count, context.renderer.language(request)),
        "targets": await list_targets(context.database),
        "waiting": await count_waiting(context.database),
        "types": CHOSEN_TYPES,
        "chosen": frozenset(CHOSEN_TYPES) if chosen is None else chosen,
        "typed": typed or {"name": "", "url": "", "shape": TargetShape.STANDARD.value},
        "longest": LONGEST_NAME,
        "problem": problem,
        "allows_http": bool(context.webhooks.rules.private_networks),
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "admin_webhooks.html", "admin", data, status=status)


async def _page(
    context: WebContext,
    request: Request,
    number: int,
    *,
    secret: str = "",
    problem: str = "",
    asked: bool = False,
) -> Response:
    target = await _target(context, number)
    data: dict[str, object] = {
        "digits": lambda count: in_digits(count, context.renderer.language(request)),
        "target": target,
        "types": [one for one in CHOSEN_TYPES if one in target.types],
        "deliveries": await list_deliveries(context.database, number),
        "waiting": (await count_waiting(context.database)).get(number, 0),
        "secret": secret,
        "problem": problem,
        "asked": asked,
        "tested": request.query_params.get("tested") == "1",
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "admin_webhook.html", "admin", data, status=status)
