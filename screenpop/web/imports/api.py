"""Import API: upload a file, correct its columns, check, start, follow, undo."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

from fastapi import Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.customers.models import CURRENCIES
from screenpop.store.imports.batches import list_batches
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.imports.api_models import (
    ColumnsModel,
    ImportBatchListModel,
    ImportModel,
    ReportModel,
    UndoOptions,
)
from screenpop.web.imports.pages import BatchId, JobId, RequireImport, import_service
from screenpop.web.imports.port import (
    ColumnInput,
    FileTooLargeError,
    ImportView,
    NoImportError,
    WrongStageError,
)
from screenpop.web.imports.uploads import body_pieces
from screenpop.web.imports.views import batch_view, import_view
from screenpop.web.own_fields.import_columns import make_own_columns

_MOST_ROWS = 500
FILE_KIND = "application/octet-stream"


_What = Annotated[str, Path(pattern="^(refused|noted|changed|on_file|joined|new)$")]
_FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {FILE_KIND: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def import_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["imports"])
    largest = context.imports.largest if context.imports else 0

    @routes.get("/imports", response_model=ImportBatchListModel)
    async def batches(_: RequireImport) -> JSONResponse:
        """List past imports, newest first."""
        found = [batch_view(batch) for batch in await list_batches(context.database)]
        return JSONResponse({"imports": found})

    @routes.post(
        "/imports",
        status_code=201,
        response_model=ImportModel,
        max_body_size=largest,
        openapi_extra=_FILE_BODY,
    )
    async def receive(
        request: Request,
        current_user: RequireImport,
        name: Annotated[str, Query(max_length=400)] = "",
    ) -> Response:
        """Upload the file as the body; ``name`` is its name. Nothing is imported yet: the answer is
        a preview of the file."""
        # A form of another site cannot send this type without a CORS preflight request.
        if request.headers.get("content-type", "") != FILE_KIND:
            raise HTTPException(415, "wrong_type")
        with _refusals():
            job = await import_service(context).receive(
                name, body_pieces(request), current_user.user.id
            )
        return _shown(job, 201)

    @routes.post("/imports/{job}/check", status_code=202, response_model=ImportModel)
    async def check(
        request: Request, current_user: RequireImport, job: JobId, how: ColumnsModel
    ) -> Response:
        """Report the result of each row without importing anything."""
        check_json(request)
        service = import_service(context)
        with _refusals():
            view = await service.view(job)
            if how.sheet is not None or how.headings_line is not None:
                view = await service.look(job, how.sheet, how.headings_line)
            columns = await make_own_columns(
                context, current_user, view, _columns(view, how), current_user.user.language
            )
            return _shown(await service.check(job, columns), 202)

    @routes.post("/imports/{job}/start", status_code=202, response_model=ImportModel)
    async def start(request: Request, _: RequireImport, job: JobId) -> Response:
        """Import the checked sheet."""
        check_json(request)
        with _refusals():
            return _shown(await import_service(context).start(job), 202)

    return routes


def import_following_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["imports"])

    @routes.get("/imports/{job}", response_model=ImportModel)
    async def follow(_: RequireImport, job: JobId) -> Response:
        """Return the state and progress of an import."""
        with _refusals():
            return _shown(await import_service(context).view(job))

    @routes.get("/imports/{job}/report/{what}", response_model=ReportModel)
    async def report(
        _: RequireImport,
        job: JobId,
        what: _What,
        after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    ) -> JSONResponse:
        """List rows with one result. Pass ``next_cursor`` as ``after`` for the next page."""
        with _refusals():
            rows, more = await import_service(context).report(job, what, after, _MOST_ROWS)
        return JSONResponse({"rows": [asdict(row) for row in rows], "next_cursor": more or None})

    @routes.post("/imports/{job}/cancel", status_code=202, response_model=ImportModel)
    async def cancel(request: Request, _: RequireImport, job: JobId) -> Response:
        """Stop after the current rows. Rows imported so far can be undone."""
        check_json(request)
        with _refusals():
            return _shown(await import_service(context).cancel(job), 202)

    @routes.post("/imports/batches/{batch}/undo", status_code=202, response_model=ImportModel)
    async def undo(
        request: Request, current_user: RequireImport, batch: BatchId, how: UndoOptions
    ) -> Response:
        """Undo an import: remove the customers it created and what it added to others.

        Customers changed after the import are kept, unless ``force`` is set."""
        check_json(request)
        with _refusals():
            return _shown(
                await import_service(context).undo(batch, current_user.user.id, force=how.force),
                202,
            )

    return routes


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn errors of the import service into HTTP errors."""
    try:
        yield
    except NoImportError as error:
        raise HTTPException(404, "not_found") from error
    except FileTooLargeError as error:
        raise HTTPException(413, "too_large") from error
    except WrongStageError as refused:
        status, code = _REFUSALS.get(refused.code, (422, "import_columns"))
        raise HTTPException(status, code) from refused


_REFUSALS = {
    "busy": (409, "import_busy"),
    "not_checked": (409, "import_not_checked"),
    "too_many": (429, "import_too_many"),
    "no_such_batch": (404, "not_found"),
}


def _columns(view: ImportView, how: ColumnsModel) -> ColumnInput:
    seen = view.seen
    proposed = tuple(column.code for column in seen.columns) if seen else ()
    day_first = seen.day_first if seen else True
    return ColumnInput(
        tuple(how.fields) if how.fields is not None else proposed,
        day_first if how.day_first is None else how.day_first,
        how.currency if how.currency in CURRENCIES else "",
        tuple(how.joined),
        tuple(how.days or ()),
        how.hidden_rows == "leave",
    )


def _shown(job: ImportView, status: int = 200) -> JSONResponse:
    return JSONResponse(import_view(job), status_code=status)
