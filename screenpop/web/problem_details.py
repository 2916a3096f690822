"""Error responses for programs: ``application/problem+json`` (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["about:blank"]},
        "title": {"type": "string", "description": "The name of the status code."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence with what to do."},
        "code": {"type": "string", "description": "Distinguishes problems, for programs."},
        "errors": {
            "type": "array",
            "description": "Which values are not possible.",
            "items": {
                "type": "object",
                "required": ["field", "problem"],
                "properties": {"field": {"type": "string"}, "problem": {"type": "string"}},
            },
        },
    },
}


def problem_response(
    status: int,
    code: str,
    sentence: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> JSONResponse:
    """Return a problem response; ``errors``: each with ``field`` and ``problem``.

    ``more``: further members, as RFC 9457 allows.
    """
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "code": code,
    }
    problem |= more or {}
    if errors:
        problem["errors"] = list(errors)
    return JSONResponse(problem, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def is_for_programs(path: str) -> bool:
    """Return whether this path is requested by programs and scripts, and not shown as a page."""
    return path.startswith(("/api/", "/drafts", "/metrics", "/static/", "/i18n/"))
