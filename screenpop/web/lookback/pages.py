"""``/lookback``: what the office would have known about past calls, from two files."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, BinaryIO

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from screenpop.audit.lookback import Lookback
from screenpop.web.auth.current_user import RequireSupervisor
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.imports.uploads import FORM_AROUND_FILE
from screenpop.web.imports.views import in_digits, localized
from screenpop.web.lookback.port import LookbackRefusedError, LookbackView, RunLookback

LOOKBACK_PATH = "/lookback"
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of each of the two files."""
_MEGABYTE = 1024 * 1024
_LONGEST_COLUMN = 200
_SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv", ".txt", ".vcf")
_Count = Annotated[int, Field(ge=0, le=10**12)]


class LookbackFigures(BaseModel):
    """The figures of a page to share, as its address has them."""

    model_config = ConfigDict(extra="forbid")

    calls: _Count
    named_percent: Annotated[int, Field(ge=0, le=100)]
    customers: _Count
    silver: _Count = 0
    gold: _Count = 0
    platinum: _Count = 0
    lapsed: _Count = 0
    missed: _Count | None = None
    never_called_back: _Count = 0
    one_digit_off: _Count = 0
    withheld: _Count = 0

    @classmethod
    def of(cls, figures: Lookback) -> "LookbackFigures":
        names = cls.model_fields.keys() - {"silver", "gold", "platinum"}
        tiers = {tier.value: count for tier, count in figures.tiers.items()}
        return cls(**{name: getattr(figures, name) for name in names}, **tiers)


def lookback_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get(LOOKBACK_PATH)
    async def page(request: Request, _: RequireSupervisor) -> Response:
        _service(context)
        return _page(context, request, {})

    @routes.post(LOOKBACK_PATH, max_body_size=2 * LARGEST_FILE + FORM_AROUND_FILE)
    async def count(request: Request, _: RequireSupervisor) -> Response:
        """Count, and answer with the figures; neither file is kept."""
        service = _service(context)
        language = context.renderer.language(request)
        async with request.form(max_files=2, max_fields=4) as form:
            check_form_token(request, str(form.get("csrf", "")), context.cookies)
            column = str(form.get("number_column", "")).strip()[:_LONGEST_COLUMN]
            calls, sheet = _file(form.get("calls")), _file(form.get("customers"))
            try:
                view = await _counted(service, calls, sheet, column)
            except LookbackRefusedError as refused:
                params = localized(refused.params, language)
                data: View = {"problem": refused.code, "params": params, "column": column}
                return _page(context, request, data, status=422)
        return _page(context, request, {**_result(view, language), "column": column})

    @routes.get(LOOKBACK_PATH + "/figures.html")
    async def file(
        request: Request, _: RequireSupervisor, figures: Annotated[LookbackFigures, Query()]
    ) -> Response:
        """Return the figures as one file without names, for other people."""
        data: View = {"figures": _figures(figures, context.renderer.language(request))}
        answer = context.renderer.page(request, "lookback_file.html", "reports", data)
        answer.headers["Content-Disposition"] = 'attachment; filename="lookback.html"'
        return answer

    return routes


def _service(context: WebContext) -> RunLookback:
    if context.admin.lookback is None:
        raise HTTPException(404, "not_found")
    return context.admin.lookback


def _file(given: UploadFile | str | None) -> UploadFile | None:
    """Return the file of a field; None for a field that was left empty."""
    return given if isinstance(given, UploadFile) and given.filename else None


async def _counted(
    service: RunLookback, calls: UploadFile | None, sheet: UploadFile | None, column: str
) -> LookbackView:
    if calls is None:
        raise LookbackRefusedError("no_calls")
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="screenpop-lookback-"))
    try:
        calls_path = folder / "calls.csv"
        await asyncio.to_thread(_save, calls.file, calls_path)
        sheet_path = None
        if sheet is not None:
            ending = Path(sheet.filename or "").suffix.lower()
            sheet_path = folder / f"customers{ending if ending in _SHEETS else '.csv'}"
            await asyncio.to_thread(_save, sheet.file, sheet_path)
        return await service(calls_path, sheet_path, column)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _save(source: BinaryIO, path: Path) -> None:
    """Copy at most ``LARGEST_FILE`` bytes. Raises ``LookbackRefusedError`` for more."""
    with path.open("xb") as copy:
        while piece := source.read(_MEGABYTE):
            if copy.tell() + len(piece) > LARGEST_FILE:
                raise LookbackRefusedError("refusal.too_big", {"limit": LARGEST_FILE // _MEGABYTE})
            copy.write(piece)


def _page(context: WebContext, request: Request, data: View, status: int = 200) -> Response:
    shown = {"problem": "", "params": {}, "column": "", "figures": None, **data}
    return context.renderer.page(request, "lookback.html", "reports", shown, status=status)


def _result(view: LookbackView, language: str) -> View:
    figures = LookbackFigures.of(view.figures)
    return {
        "figures": _figures(figures, language),
        "first": view.figures.first and view.figures.first.isoformat(),
        "last": view.figures.last and view.figures.last.isoformat(),
        "skipped": _text(view.skipped, language) if view.skipped else "",
        "left_out": _text(view.rows_left_out, language) if view.rows_left_out else "",
        "query": figures.model_dump(exclude_none=True),
    }


def _figures(figures: LookbackFigures, language: str) -> View:
    """The numbers as texts of the language; None for what the file does not have."""
    counts = figures.model_dump()
    shown: View = {
        name: None if count is None else _text(count, language) for name, count in counts.items()
    }
    percent = "٪" if language == "fa" else "%"
    return {
        **shown,
        "named_percent": _text(figures.named_percent, language) + percent,
        "tiers": [tier for tier in ("platinum", "gold", "silver") if counts[tier]],
    }


def _text(count: int, language: str) -> str:
    separator = {"fa": "٬", "el": "."}.get(language, ",")
    return in_digits(f"{count:,}".replace(",", separator), language)
