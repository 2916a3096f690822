"""``/admin``: users, PBXes with a live test, phones without an agent, logins, retention."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

from fastapi import Form, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.users import Department, Role
from screenpop.calls.labels import CallLabel, LabelKind, check_labels
from screenpop.customers.retention import RetentionKind
from screenpop.store.accounts.hot_desks import (
    dismiss_unassigned_phone,
    list_hot_desk_logins,
    list_unassigned_phones,
)
from screenpop.store.accounts.login_records import list_login_records
from screenpop.store.accounts.refusal_records import list_refusals
from screenpop.store.accounts.user_admin import (
    UserAccount,
    list_accounts,
)
from screenpop.store.accounts.users import ANY_PBX, list_users
from screenpop.store.branches import branch_names
from screenpop.store.calls.label_list import list_labels, renumbered, save_labels
from screenpop.store.privacy.records import list_privacy_records
from screenpop.telephony.identifiers import SIMULATED, Endpoint, PbxId
from screenpop.web.auth.browser_names import browser_name
from screenpop.web.auth.current_user import RequireAdmin
from screenpop.web.call_label_form import read_labels
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.ports import PbxFacts, PbxTestResult

LOGINS = 30
"""Number of newest login records on the page."""
_Text = Annotated[str, Form(max_length=200)]
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")
_ROLES = {role.value: role for role in Role}
_DEPARTMENTS = {one.value: one for one in Department}


def admin_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/admin")
    async def admin(request: Request, _current_user: RequireAdmin, logins: str = "") -> Response:
        return await _admin(context, request, only_failures=logins == "failed")

    @routes.post("/admin/pbx/{pbx}/test")
    async def test(
        request: Request,
        _current_user: RequireAdmin,
        pbx: Annotated[str, Path(max_length=80)],
        csrf: _Text = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        if pbx not in {one.pbx for one in _pbxes(context)}:
            raise HTTPException(404, "not_found")
        result = await context.admin.test_pbx(PbxId(pbx))
        return await _admin(context, request, tested=(PbxId(pbx), result))

    @routes.post("/admin/{kind}s")
    async def labels(request: Request, _current_user: RequireAdmin, kind: LabelKind) -> Response:
        """Save a list of call labels; a refused one is returned as it was typed."""
        form = {
            name: str(value)
            for name, value in (await request.form(max_files=0, max_fields=500)).items()
        }
        check_form_token(request, form.get("csrf", ""), context.cookies)
        typed = read_labels(form, await list_labels(context.database, kind), kind)
        problem = check_labels(typed)
        if problem:
            return await _admin(context, request, typed={kind: typed}, label_problem=problem)
        await save_labels(context.database, renumbered(typed))
        return RedirectResponse(f"/admin#{kind}s", 303)

    @routes.post("/admin/lonely")
    async def forget(
        request: Request,
        _current_user: RequireAdmin,
        csrf: _Text = "",
        endpoint: _Text = "",
        pbx: _Text = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        await dismiss_unassigned_phone(context.database, PbxId(pbx), Endpoint(endpoint))
        return RedirectResponse("/admin", 303)

    return routes


async def _admin(
    context: WebContext,
    request: Request,
    *,
    only_failures: bool = False,
    tested: tuple[PbxId, PbxTestResult] | None = None,
    typed: Mapping[LabelKind, list[CallLabel]] | None = None,
    label_problem: str = "",
) -> Response:
    seats = await list_hot_desk_logins(context.database, context.clock())
    names = {user.id: user.display_name for user in await list_users(context.database)}
    records = await list_login_records(context.database, most=LOGINS, only_failures=only_failures)
    states = context.admin.link_states()
    data: View = {
        "accounts": [account_view(one) for one in await list_accounts(context.database)],
        "pbxes": [{"facts": one, "state": states.get(one.pbx, "down")} for one in _pbxes(context)],
        "facts": context.admin,
        "tested": {"pbx": tested[0], "result": tested[1]} if tested else None,
        "caller_source": context.admin.caller_source(),
        "lonely": await list_unassigned_phones(context.database),
        "seats": [{"name": names[one.user], "endpoint": one.endpoint} for one in seats],
        "logins": [{"record": one, "browser": browser_name(one.browser)} for one in records],
        "only_failures": only_failures,
        "refusals": await list_refusals(context.database),
        "kinds": {kind.value for kind in RetentionKind} - {RetentionKind.CUSTOMERS.value},
        "digits": partial(_digits, language=context.renderer.language(request)),
        "privacy": await list_privacy_records(context.database),
        "branches": await branch_names(context.database),
        "labels": {
            kind.value: (typed or {}).get(kind) or await list_labels(context.database, kind)
            for kind in LabelKind
        },
        "label_problem": {kind.value: label_problem for kind in typed or ()},
    }
    status = 422 if label_problem else 200
    return context.renderer.page(request, "admin.html", "admin", data, status=status)


def _digits(number: object, language: str) -> str:
    """Return a number in the digits of the language."""
    return str(number).translate(_PERSIAN) if language == "fa" else str(number)


def _pbxes(context: WebContext) -> tuple[PbxFacts, ...]:
    """Return the PBXs of the settings, and the simulated one if there is one."""
    if SIMULATED not in context.admin.link_states():
        return context.admin.pbxes
    simulated = PbxFacts(SIMULATED, "127.0.0.1", 0, "", False, (), ())
    return (*context.admin.pbxes, simulated)


def account_view(account: UserAccount) -> View:
    """Return what the pages of users list of one."""
    return {
        "user": account.user,
        "is_active": account.is_active,
        "phones": [phone for _, phone in account.phones],
        "phones_text": ", ".join(phone for pbx, phone in account.phones if pbx == ANY_PBX),
        "last_seen_at": account.last_seen_at,
        "session_count": account.session_count,
        "has_first_password": account.first_password_until is not None,
    }
