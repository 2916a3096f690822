"""``/admin/fields``: own fields of customers and trips, and the built-in fields that are asked."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.customers.own_fields import (
    MAX_CHOICE_NAME,
    MAX_FIELD_NAME,
    MAX_ON_CARD,
    OwnChoice,
    OwnField,
    OwnFieldRefusedError,
    OwnKind,
    OwnSubject,
    fields_to_json,
)
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.own_fields.editing import count_records, save_own_field
from screenpop.store.own_fields.optional_fields import load_fields_off, save_fields_off
from screenpop.web.auth.current_user import RequireAdmin, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.imports.views import in_digits, localized
from screenpop.web.own_fields.definition_form import (
    NEW_CHOICES,
    NO_VALUE,
    read_definition,
)
from screenpop.web.own_fields.record_forms import OPTIONAL_FIELDS

PATH = "/admin/fields"
_MOST_INPUTS = 600
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def own_field_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get(PATH)
    async def all_fields(request: Request, _: RequireAdmin) -> Response:
        language = context.renderer.language(request)
        fields = await list_own_fields(context.database)
        data: View = {
            "subjects": {
                subject.value: [
                    {"field": one, "name": one.name(language)}
                    for one in fields
                    if one.subject is subject
                ]
                for subject in OwnSubject
            },
            "optional": OPTIONAL_FIELDS,
            "off": await load_fields_off(context.database),
        }
        return context.renderer.page(request, "admin_fields.html", "admin", data)

    @routes.post(f"{PATH}/asked")
    async def asked(request: Request, _: RequireAdmin) -> Response:
        form = await _form(context, request)
        off = [name for name in OPTIONAL_FIELDS if f"ask_{name}" not in form]
        await save_fields_off(context.database, off, context.clock())
        return RedirectResponse(f"{PATH}#asked", 303)

    @routes.get(f"{PATH}/new")
    async def new(
        request: Request, _: RequireAdmin, subject: OwnSubject = OwnSubject.CUSTOMER
    ) -> Response:
        return await _page(context, request, OwnField(subject=subject))

    @routes.post(f"{PATH}/new")
    async def add(
        request: Request, _: RequireAdmin, subject: OwnSubject = OwnSubject.CUSTOMER
    ) -> Response:
        return await _save(context, request, OwnField(subject=subject))

    @routes.get(f"{PATH}/{{field_id}}")
    async def edit(request: Request, _: RequireAdmin, field_id: _Id) -> Response:
        return await _page(context, request, await _field(context, field_id))

    @routes.post(f"{PATH}/{{field_id}}")
    async def change(request: Request, _: RequireAdmin, field_id: _Id) -> Response:
        return await _save(context, request, await _field(context, field_id))

    return routes


def own_field_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["customers"])

    @routes.get("/own-fields")
    async def read(_: RequireUser) -> View:
        """Return the office's own fields of customers and trips in their order.

        ``kind``: ``text``, ``number``, ``date``, ``choice`` (its value is the ``id`` of a choice),
        ``yes_no``. Choices with ``gone`` are removed.
        """
        return {"fields": fields_to_json(await list_own_fields(context.database))}

    return routes


async def _form(context: WebContext, request: Request) -> dict[str, str]:
    form = await request.form(max_files=0, max_fields=_MOST_INPUTS)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    check_form_token(request, fields.get("csrf", ""), context.cookies)
    return fields


async def _field(context: WebContext, field_id: int) -> OwnField:
    for one in await list_own_fields(context.database):
        if one.id == field_id:
            return one
    raise HTTPException(404, "not_found")


async def _save(context: WebContext, request: Request, before: OwnField) -> Response:
    form = await _form(context, request)
    edit = read_definition(form, before, context.renderer.language(request))
    try:
        await save_own_field(context.database, edit, context.clock())
    except OwnFieldRefusedError as refused:
        typed = replace(edit.field, choices=_typed_choices(edit.field, before))
        return await _page(context, request, typed, refused, form)
    return RedirectResponse(PATH, 303)


def _typed_choices(typed: OwnField, before: OwnField) -> tuple[OwnChoice, ...]:
    """Return the choices of the stored field with their typed names: nothing is removed yet."""
    by_id = {one.id: one for one in typed.choices}
    return tuple(by_id.get(one.id, one) for one in before.choices)


async def _page(
    context: WebContext,
    request: Request,
    field: OwnField,
    refused: OwnFieldRefusedError | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    language = context.renderer.language(request)
    records = (await count_records(context.database, [field]))[field.id] if field.id else 0
    data: View = {
        "field": field,
        "name": field.name(language),
        "language": language,
        "records": records,
        "kinds": [kind.value for kind in OwnKind],
        "new_rows": range(NEW_CHOICES),
        "no_value": NO_VALUE,
        "form": form or {},
        "problem": None if refused is None else refused.problem.value,
        "params": localized({} if refused is None else refused.params, language),
        "digits": partial(in_digits, language=language),
        "limits": {"name": MAX_FIELD_NAME, "choice": MAX_CHOICE_NAME, "card": MAX_ON_CARD},
    }
    status = 422 if refused else 200
    return context.renderer.page(request, "admin_field.html", "admin", data, status=status)
