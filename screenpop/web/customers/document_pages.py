"""Travel documents of a customer: the form, the numbers in clear, and the JSON API.

Numbers are masked on every page. A user with the right asks for them by a POST, which is recorded
in the customer's history before they are sent.
"""

from datetime import date
from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.departments import Section
from screenpop.accounts.users import Right
from screenpop.customers.date_input import InvalidDateError, format_date, parse_date
from screenpop.customers.detail import CustomerDetail
from screenpop.customers.documents import (
    OWN_COUNTRY,
    DocumentDraft,
    DocumentKind,
    StoredDocument,
    check_document,
    complete_number,
    expected_digit,
)
from screenpop.customers.models import CustomerId
from screenpop.customers.yearless_days import NO_YEAR
from screenpop.store.customers.documents import (
    add_document,
    load_documents,
    log_numbers_shown,
    remove_document,
    update_document,
)
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.store.engine.document_key import DocumentKeyError
from screenpop.web.auth.current_user import CurrentUser, require_edit, require_user, with_section
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import (
    Number,
    back_to,
    customer_page,
    file_or_404,
    form_fields,
)
from screenpop.web.customers.forms import Errors, Form, FormReader
from screenpop.web.customers.views import document_view, file_view
from screenpop.web.feature_router import FeatureRouter

FIELDS_OF_KIND = {
    DocumentKind.PASSPORT: ("number", "country", "name", "expires"),
    DocumentKind.VISA: ("country", "number", "valid_from", "expires"),
    DocumentKind.NATIONAL_CODE: ("number",),
    DocumentKind.TAX_NUMBER: ("number",),
    DocumentKind.ID_CARD: ("number", "country", "expires"),
    DocumentKind.FREQUENT_FLYER: ("issuer", "number"),
    DocumentKind.CLUB: ("issuer", "number", "expires"),
}
"""The fields of each kind, in the order of the form."""


async def require_documents(request: Request) -> CurrentUser:
    return with_section(await require_user(request), Section.PERSONAL)


async def require_document_edit(request: Request) -> CurrentUser:
    return with_section(await require_edit(request), Section.PERSONAL)


async def require_numbers(request: Request) -> CurrentUser:
    current_user = with_section(await require_user(request), Section.PERSONAL)
    if not current_user.may(Right.SEE_DOCUMENT_NUMBERS):
        raise HTTPException(403, "not_allowed")
    return current_user


RequireDocuments = Annotated[CurrentUser, Depends(require_documents)]
"""A user whose department may see documents."""
RequireDocumentEdit = Annotated[CurrentUser, Depends(require_document_edit)]
RequireNumbers = Annotated[CurrentUser, Depends(require_numbers)]
"""A user who may see the numbers in clear."""


def document_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["customers"], include_in_schema=False)
    path = "/customers/{number:int}/documents"

    @routes.get(f"{path}/new")
    async def new(
        request: Request,
        _: RequireDocumentEdit,
        number: Number,
        kind: DocumentKind = DocumentKind.PASSPORT,
    ) -> Response:
        file = await file_or_404(context, number)
        return _form_page(context, request, file, kind, None, {}, {})

    @routes.post(f"{path}/new")
    async def add(
        request: Request,
        current_user: RequireDocumentEdit,
        number: Number,
        kind: DocumentKind = DocumentKind.PASSPORT,
    ) -> Response:
        return await _save(context, request, current_user, number, (kind, None))

    @routes.get(f"{path}/{{item_id:int}}")
    async def edit(
        request: Request, _: RequireDocumentEdit, number: Number, item_id: Number
    ) -> Response:
        file = await file_or_404(context, number)
        stored = _stored(file, item_id)
        form = _form_of(stored.document, context.renderer.language(request))
        return _form_page(context, request, file, stored.document.kind, stored, form, {})

    @routes.post(f"{path}/{{item_id:int}}")
    async def change(
        request: Request, current_user: RequireDocumentEdit, number: Number, item_id: Number
    ) -> Response:
        stored = _stored(await file_or_404(context, number), item_id)
        return await _save(context, request, current_user, number, (stored.document.kind, stored))

    @routes.post(f"{path}/{{item_id:int}}/remove")
    async def remove(
        request: Request, current_user: RequireDocumentEdit, number: Number, item_id: Number
    ) -> Response:
        await form_fields(context, request)
        await _remove(context, current_user, number, item_id)
        return back_to(number, "#documents")

    @routes.post(f"{path}/numbers")
    async def show(request: Request, current_user: RequireNumbers, number: Number) -> Response:
        await form_fields(context, request)
        file = await file_or_404(context, number)
        shown = await _with_numbers(context, current_user, number)
        return await customer_page(context, request, current_user, file, documents=shown)

    return routes


class DocumentInput(BaseModel):
    """A document to store; missing fields are empty. Days as ``2031-05-01`` or ``1410/02/11``."""

    model_config = ConfigDict(extra="forbid")

    kind: DocumentKind
    number: Annotated[str, Field(max_length=80)] = ""
    """For a change: empty leaves the stored number."""
    country: Annotated[str, Field(pattern="^([A-Za-z]{2})?$")] = ""
    """ISO 3166-1 alpha-2: of the issuer, of a visa the country that it is for."""
    issuer: Annotated[str, Field(max_length=200)] = ""
    """The airline or club of a membership."""
    name: Annotated[str, Field(max_length=200)] = ""
    """As in the passport, in Latin letters."""
    valid_from: Annotated[str, Field(max_length=20)] = ""
    expires: Annotated[str, Field(max_length=20)] = ""


def document_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1/customers/{number}/documents", tags=["customers"])

    @routes.get("")
    async def read(_: RequireDocuments, number: Number) -> JSONResponse:
        """Return the documents of a customer with masked numbers.

        ``problem``: why no number can be read: ``missing``, ``wrong`` or ``unreadable`` key.
        """
        file = await file_or_404(context, number)
        documents = [document_view(one) for one in file.documents]
        return JSONResponse({"documents": documents, "problem": file.documents_problem})

    @routes.post("/numbers")
    async def show(request: Request, current_user: RequireNumbers, number: Number) -> JSONResponse:
        """Return the documents with their numbers; it is recorded in the customer's history."""
        check_json(request)
        await file_or_404(context, number)
        return JSONResponse({"documents": await _with_numbers(context, current_user, number)})

    @routes.post("", status_code=201)
    async def add(
        request: Request, current_user: RequireDocumentEdit, number: Number, given: DocumentInput
    ) -> JSONResponse:
        """Add a document."""
        check_json(request)
        await file_or_404(context, number)
        item_id = await _store_or_refuse(context, current_user, number, _draft_of(given), None)
        return JSONResponse({"id": item_id}, status_code=201)

    @routes.put("/{item_id}")
    async def change(
        request: Request,
        current_user: RequireDocumentEdit,
        number: Number,
        item_id: Number,
        given: DocumentInput,
    ) -> JSONResponse:
        """Replace a document; its kind stays."""
        check_json(request)
        stored = _stored(await file_or_404(context, number), item_id)
        if stored.document.kind is not given.kind:
            raise HTTPException(422, "bad_request:kind")
        await _store_or_refuse(context, current_user, number, _draft_of(given), stored)
        return JSONResponse({"id": item_id})

    @routes.delete("/{item_id}", status_code=204)
    async def remove(current_user: RequireDocumentEdit, number: Number, item_id: Number) -> None:
        """Remove a document."""
        await _remove(context, current_user, number, item_id)

    return routes


async def _save(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    number: int,
    which: tuple[DocumentKind, StoredDocument | None],
) -> Response:
    kind, stored = which
    file = await file_or_404(context, number)
    form = await form_fields(context, request)
    draft, errors = _read_form(form, kind, stored)
    if not errors:
        errors = await _store(context, current_user, number, draft, stored)
    if errors:
        return _form_page(context, request, file, kind, stored, form, errors)
    return back_to(number, "#documents")


def _read_form(
    form: Form, kind: DocumentKind, stored: StoredDocument | None
) -> tuple[DocumentDraft, Errors]:
    fields = FIELDS_OF_KIND[kind]
    reading = FormReader({name: value for name, value in form.items() if name in fields})
    country = reading.text("country", 2).upper() or OWN_COUNTRY.get(kind, "")
    draft = DocumentDraft(
        kind=kind,
        number=complete_number(kind, reading.text("number", 80)),
        country=country,
        issuer=reading.text("issuer"),
        name=" ".join(reading.text("name").upper().split()),
        valid_from=_day(reading, "valid_from"),
        expires=_day(reading, "expires"),
    )
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        reading.errors["country"] = "not_a_country"
    return draft, _problems(draft, stored) | reading.errors


def _day(reading: FormReader, name: str) -> date | None:
    day = reading.day(name)
    if day is not None and day.year == NO_YEAR:
        reading.errors[name] = "not_a_day"
    return day


def _problems(draft: DocumentDraft, stored: StoredDocument | None) -> Errors:
    found = {name: problem.value for name, problem in check_document(draft).items()}
    needs_number = FIELDS_OF_KIND[draft.kind][-1] == "number"
    if not draft.number and stored is not None and stored.masked:
        if found.get("number") == "empty_document":
            del found["number"]
    elif needs_number and not draft.number:
        found["number"] = "no_document_number"
    return found


async def _store(
    context: WebContext,
    current_user: CurrentUser,
    number: int,
    draft: DocumentDraft,
    stored: StoredDocument | None,
) -> Errors:
    database, customer_id = context.database, CustomerId(number)
    user_id, now = current_user.user.id, context.clock()
    try:
        if stored is None:
            await add_document(database, customer_id, draft, user_id=user_id, now=now)
        else:
            await update_document(database, customer_id, stored.id, draft, user_id=user_id, now=now)
    except CustomerRefusedError as refused:
        return {"number" if refused.code == "document_there" else "form": refused.code}
    except DocumentKeyError as error:
        return {"form": f"document_key_{error.code}"}
    return {}


async def _store_or_refuse(
    context: WebContext,
    current_user: CurrentUser,
    number: int,
    draft: DocumentDraft,
    stored: StoredDocument | None,
) -> int:
    problems = _problems(draft, stored) or await _store(
        context, current_user, number, draft, stored
    )
    for code in problems.values():
        if code.startswith("document_key_"):
            raise HTTPException(503, "document_key")
        raise HTTPException(422, f"bad_request:{code}")
    documents = (await load_documents(context.database, CustomerId(number))).documents
    return documents[-1].id if stored is None else stored.id


async def _remove(context: WebContext, current_user: CurrentUser, number: int, item: int) -> None:
    user_id, now = current_user.user.id, context.clock()
    try:
        await remove_document(context.database, CustomerId(number), item, user_id=user_id, now=now)
    except CustomerRefusedError as refused:
        raise HTTPException(404, "not_found") from refused


async def _with_numbers(context: WebContext, current_user: CurrentUser, number: int) -> list[View]:
    """Record that the user sees the numbers, then return the documents with them."""
    customer_id, now = CustomerId(number), context.clock()
    await log_numbers_shown(context.database, customer_id, user_id=current_user.user.id, now=now)
    found = await load_documents(context.database, customer_id, with_numbers=True)
    return [document_view(one) for one in found.documents]


def _draft_of(given: DocumentInput) -> DocumentDraft:
    try:
        return DocumentDraft(
            kind=given.kind,
            number=complete_number(given.kind, given.number),
            country=given.country.upper() or OWN_COUNTRY.get(given.kind, ""),
            issuer=given.issuer.strip(),
            name=" ".join(given.name.upper().split()),
            valid_from=parse_date(given.valid_from),
            expires=parse_date(given.expires),
        )
    except InvalidDateError as error:
        raise HTTPException(422, "bad_request:not_a_day") from error


def _stored(file: CustomerDetail, item_id: int) -> StoredDocument:
    for one in file.documents:
        if one.id == item_id:
            return one
    raise HTTPException(404, "not_found")


def _form_of(document: DocumentDraft, language: str) -> Form:
    return {
        "country": document.country,
        "issuer": document.issuer,
        "name": document.name,
        "valid_from": format_date(document.valid_from, language),
        "expires": format_date(document.expires, language),
    }


def _form_page(
    context: WebContext,
    request: Request,
    file: CustomerDetail,
    kind: DocumentKind,
    stored: StoredDocument | None,
    form: Form,
    errors: Errors,
) -> Response:
    language = context.renderer.language(request)
    data: View = {
        "who": file_view(file, frozenset(), language),
        "kind": kind.value,
        "kinds": [one.value for one in DocumentKind],
        "fields": FIELDS_OF_KIND[kind],
        "document": None if stored is None else document_view(stored),
        "form": form,
        "errors": errors,
        "digit": expected_digit(kind, complete_number(kind, form.get("number", ""))),
    }
    status = 422 if errors else 200
    return context.renderer.page(
        request, "customer_document.html", "customers", data, status=status
    )
