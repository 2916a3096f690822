"""Import pages: upload the file, correct the columns, read the report, import, undo."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from screenpop.accounts.users import Right
from screenpop.common.text import fold_digits
from screenpop.customers.import_columns import DAYS, DayOrder, Field
from screenpop.customers.models import CURRENCIES
from screenpop.store.imports.batches import list_batches
from screenpop.web.auth.current_user import CurrentUser, require_user
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.imports.port import (
    KINDS,
    ColumnInput,
    FileTooLargeError,
    Imports,
    ImportView,
    NoImportError,
    Problem,
    Stage,
    WrongStageError,
)
from screenpop.web.imports.uploads import FORM_AROUND_FILE, FormFile
from screenpop.web.imports.views import (
    in_digits,
    localized,
    mend,
    report_head,
    report_lines,
    why_lines,
)
from screenpop.web.own_fields.import_columns import NEW, make_own_columns, own_column_options

IMPORT_PATH = "/customers/import"
ROWS_A_PAGE = 100
_MOST_FIELDS = 600
_MOST_SHEETS = 20
_EXPIRIES = (Field.PASSPORT_EXPIRES, Field.VISA_FROM, Field.VISA_EXPIRES)
_DAY_FIELDS = frozenset(field.value for field in (*DAYS, *_EXPIRIES))
"""Fields of columns of days, as codes."""
_MEGABYTE = 1024 * 1024

JobId = Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
BatchId = Annotated[int, Path(ge=1, le=2**63 - 1)]


async def require_import(request: Request) -> CurrentUser:
    current_user = await require_user(request)
    if not current_user.may(Right.IMPORT_CUSTOMERS):
        raise HTTPException(403, "not_allowed")
    return current_user


RequireImport = Annotated[CurrentUser, Depends(require_import)]
"""A user with the right to import customers."""


def import_service(context: WebContext) -> Imports:
    if context.imports is None:
        raise HTTPException(404, "not_found")
    return context.imports


def import_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)
    largest = context.imports.largest if context.imports else 0

    @routes.get(IMPORT_PATH)
    async def all_imports(request: Request, _: RequireImport, problem: str = "") -> Response:
        return await _start_page(context, request, problem[:40])

    @routes.post(IMPORT_PATH, max_body_size=largest + FORM_AROUND_FILE)
    async def receive(request: Request, current_user: RequireImport) -> Response:
        """The form token is in a header, or in a field before the file."""
        service, form = import_service(context), FormFile(request)
        await form.head()
        check_form_token(request, form.fields.get("csrf", ""), context.cookies)
        try:
            job = await service.receive(form.filename, form.pieces(), current_user.user.id)
        except FileTooLargeError:
            return await _start_page(context, request, "too_big", 413)
        except WrongStageError as refused:
            return await _start_page(context, request, refused.code, 409)
        return _to(job.id)

    @routes.get(IMPORT_PATH + "/{job}")
    async def page(
        request: Request,
        _: RequireImport,
        job: JobId,
        what: str = "",
        after: Annotated[int, Query(ge=0, le=2**62)] = 0,
        columns: bool = False,
    ) -> Response:
        try:
            view = await import_service(context).view(job)
        except NoImportError:
            return await _start_page(context, request, "gone", 404)
        return await _page(context, request, view, what, after, columns=columns)

    @routes.get(IMPORT_PATH + "/{job}/report.csv")
    async def report(request: Request, _: RequireImport, job: JobId) -> Response:
        service, catalogue = (
            import_service(context),
            context.renderer.catalogues[context.renderer.language(request)],
        )
        await _known(service, job)

        async def lines() -> AsyncIterator[bytes]:
            yield report_head(catalogue)
            async for rows in service.whole_report(job):
                yield report_lines(rows, catalogue)

        name = 'attachment; filename="screenpop-import.csv"'
        return StreamingResponse(
            lines(), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
        )

    return routes


def import_action_routes(context: WebContext) -> FeatureRouter:
    """Return the routes that change something; each form carries the form token."""
    routes = FeatureRouter(include_in_schema=False)

    @routes.post(IMPORT_PATH + "/batches/{batch}/undo")
    async def undo(request: Request, current_user: RequireImport, batch: BatchId) -> Response:
        form = await _posted(context, request)
        try:
            job = await import_service(context).undo(
                batch, current_user.user.id, force=form.get("force") == "yes"
            )
        except WrongStageError as refused:
            return RedirectResponse(f"{IMPORT_PATH}?problem={refused.code}", 303)
        return _to(job.id)

    @routes.post(IMPORT_PATH + "/{job}/{step}")
    async def act(
        request: Request,
        current_user: RequireImport,
        job: JobId,
        step: Annotated[str, Path(pattern="^(sheet|check|start|cancel|drop)$")],
    ) -> Response:
        form, service = await _posted(context, request), import_service(context)
        view = await _known(service, job)
        try:
            columns = _columns(form)
            if step == "check":
                language = context.renderer.language(request)
                columns = await make_own_columns(context, current_user, view, columns, language)
            return await _act(service, job, step, form, columns)
        except WrongStageError as refused:
            problem = Problem(refused.code, {"field": refused.field})
            view = await service.view(job)
            return await _page(
                context, request, view, "", 0, columns=True, error=problem, form=form
            )

    return routes


async def _act(
    service: Imports, job: str, step: str, form: dict[str, str], columns: ColumnInput
) -> Response:
    match step:
        case "sheet":
            await service.look(job, form.get("sheet", "")[:200] or None, _headings_line(form))
        case "check":
            await service.check(job, columns)
        case "start":
            await service.start(job)
        case "cancel":
            await service.cancel(job)
        case _:
            await service.drop(job)
            return RedirectResponse(IMPORT_PATH, 303)
    return _to(job)


def _headings_line(form: dict[str, str]) -> int | None:
    line = fold_digits(form.get("headings_line", "")).strip()[:7]
    return int(line) if line.isascii() and line.isdigit() else None


def _columns(form: dict[str, str]) -> ColumnInput:
    fields: list[str] = []
    while (given := form.get(f"column_{len(fields)}")) is not None:
        fields.append(given)
    currency = form.get("currency", "")
    return ColumnInput(
        tuple(fields),
        form.get("day_first", "yes") == "yes",
        currency if currency in CURRENCIES else "",
        tuple(name for place in range(_MOST_SHEETS) if (name := form.get(f"joined_{place}"))),
        tuple(form.get(f"days_{place}", "") for place in range(len(fields))),
        form.get("hidden_rows") == "leave",
    )


async def _known(service: Imports, job: str) -> ImportView:
    try:
        return await service.view(job)
    except NoImportError as error:
        raise HTTPException(404, "not_found") from error


def _to(job: str) -> RedirectResponse:
    return RedirectResponse(f"{IMPORT_PATH}/{job}", 303)


async def _posted(context: WebContext, request: Request) -> dict[str, str]:
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    check_form_token(request, fields.get("csrf", ""), context.cookies)
    return fields


async def _start_page(
    context: WebContext, request: Request, problem: str = "", status: int = 200
) -> Response:
    service = import_service(context)
    folder, sheets = await service.watched()
    language = context.renderer.language(request)
    data = {
        "batches": await list_batches(context.database),
        "largest": service.largest,
        "at_work": service.at_work,
        "limit": in_digits(service.largest // _MEGABYTE, language),
        "problem": problem if problem in _PROBLEMS else "",
        "folder": folder,
        "sheets": [
            (one, localized(one.problem.params if one.problem else {}, language)) for one in sheets
        ],
    }
    return context.renderer.page(request, "import.html", "customers", data, status=status)


_PROBLEMS = frozenset({"too_big", "too_many", "gone", "no_such_batch", "busy", "not_checked"})


async def _page(
    context: WebContext,
    request: Request,
    view: ImportView,
    what: str,
    after: int,
    *,
    columns: bool,
    error: Problem | None = None,
    form: dict[str, str] | None = None,
) -> Response:
    service = import_service(context)
    catalogue = context.renderer.catalogues[context.renderer.language(request)]
    shows_columns = view.stage is Stage.SEEN or (columns and view.stage is Stage.CHECKED)
    data: dict[str, object] = {
        "job": view,
        "stage": "columns" if shows_columns else view.stage.value,
        "error": error,
        "params": localized(view.problem.params if view.problem else {}, catalogue.language),
        "fields": service.fields,
        "own_columns": await own_column_options(context, catalogue.language),
        "own_new": NEW,
        "day_fields": _DAY_FIELDS,
        "day_orders": [one.value for one in DayOrder],
        "currencies": CURRENCIES,
        "form": form or {},
    }
    if view.stage in {Stage.CHECKED, Stage.IMPORTED} and not shows_columns:
        kinds = [kind for kind in KINDS if getattr(view.counts, kind)]
        first = kinds if view.stage is Stage.CHECKED else kinds[::-1]
        kind = what if what in kinds else next(iter(first), KINDS[0])
        rows, more = await service.report(view.id, kind, after, ROWS_A_PAGE)
        data |= {
            "kinds": kinds,
            "reasons": [
                (catalogue.gettext(f"mend.{code}"), count)
                for code, count in sorted(view.counts.reasons.items(), key=lambda one: -one[1])
            ],
            "what": kind,
            "rows": [
                (row, why_lines(row, catalogue), mend(row, catalogue.gettext)) for row in rows
            ],
            "after": after,
            "more": more,
        }
    status = 422 if error else 200
    return context.renderer.page(request, "import_job.html", "customers", data, status=status)
