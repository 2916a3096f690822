"""Sends a file while it is written."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Literal

from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from screenpop.web.export_port import (
    CallListExportSpec,
    Export,
    ExportOrder,
    ExportRefusedError,
    ExportRequestSpec,
    OfferExportSpec,
    VoucherExportSpec,
)

Kind = Literal["csv", "xlsx"]

_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class StreamingDownload(StreamingResponse):
    """A response that stops the writer when the client disconnects, also before the first byte."""

    def __init__(self, pieces: AsyncIterator[bytes], stack: AsyncExitStack, kind: Kind, name: str):
        headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
        super().__init__(pieces, media_type=_MEDIA[kind], headers=headers)
        self._stack = stack

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._stack:
            await super().__call__(scope, receive, send)


async def stream_download(
    export: Export | None, order: ExportOrder, name: str
) -> StreamingDownload:
    """Start the writer and return the response; earlier errors become an error page.

    ``name``: of the file, without its ending.
    """
    if export is None:
        raise HTTPException(404, "not_found")
    stack = AsyncExitStack()
    try:
        pieces = await stack.enter_async_context(export(order))
    except ExportRefusedError as refused:
        busy = refused.code == "busy"
        raise HTTPException(503, "export_busy" if busy else "export_failed") from refused
    kind: Kind = "xlsx"
    if isinstance(order, ExportRequestSpec | OfferExportSpec):
        kind = order.kind
    elif isinstance(order, VoucherExportSpec | CallListExportSpec):
        kind = order.file
    return StreamingDownload(pieces, stack, kind, name)
