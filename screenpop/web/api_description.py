"""The OpenAPI description with security schemes and error responses."""

from functools import cache
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from typing_extensions import override

from screenpop.accounts.token_scopes import Scope
from screenpop.web.auth.route_scopes import scope_of_route
from screenpop.web.error_pages import SENTENCES
from screenpop.web.problem_details import MEDIA_TYPE, PROBLEM_SCHEMA, problem_response

_SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token (`spop_…`) with the scope that the operation names, made under"
        " Admin, API tokens; or the token of the file `token` in the data folder, with all rights.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "screenpop_session",
        "description": "The session of a logged-in user; changes need the page's own origin.",
    },
}
_OPEN_PATHS = ("/healthz", "/readyz")
_REFUSALS = {
    401: "Neither a session nor a token was brought, or it is not valid any more.",
    403: "The role does not allow this, the token lacks the scope (`missing_scope`), or another"
    " site's page asked for it.",
    404: "There is no such thing, or this server has not switched it on.",
    413: "The body is larger than the server takes.",
    415: "The body is of another media type.",
    422: "A value is not possible; `errors` names the fields.",
    429: "Too many unknown tokens came from this address; `Retry-After` has the seconds to wait.",
    500: "Something went wrong in the server; its log has the reason.",
    503: "The database cannot be read or written now; `Retry-After` has the seconds to wait.",
}


_EXAMPLE_CODES = {
    401: "not_logged_in",
    403: "not_allowed",
    404: "not_found",
    413: "too_large",
    415: "wrong_type",
    422: "bad_request",
    429: "too_many_tries",
    500: "failed",
    503: "database_away",
}


EXAMPLES = Path(__file__).with_name("api_examples.json")
"""By operation (``GET /api/v1/calls``): ``request``, and ``answer`` by status. Recorded from the
tests by ``python -m tests.web.api_examples``."""


@cache
def _recorded() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = orjson.loads(EXAMPLES.read_bytes())
    return found


class DescribedApi(FastAPI):
    """FastAPI whose description includes security schemes and error responses."""

    @override
    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            self.openapi_schema = complete(super().openapi())
        return self.openapi_schema


def complete(description: dict[str, Any]) -> dict[str, Any]:
    """Add security schemes and problem responses to FastAPI's description and return it."""
    components = description.setdefault("components", {})
    components["securitySchemes"] = _SECURITY_SCHEMES
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    for path, operations in description["paths"].items():
        if path not in _OPEN_PATHS:
            for method, operation in operations.items():
                _complete(operation, scope_of_route(method.upper(), path))
                _add_examples(operation, _recorded().get(f"{method.upper()} {path}", {}))
    return description


def _complete(operation: dict[str, Any], scope: Scope | None) -> None:
    # OpenAPI 3.1: scopes may be listed for a bearer token too.
    token: list[dict[str, list[str]]] = [] if scope is None else [{"token": [scope.value]}]
    operation["security"] = [*token, {"session": []}]
    answers = operation.setdefault("responses", {})
    has_body = "requestBody" in operation
    for status, meaning in _REFUSALS.items():
        if has_body or status not in (413, 415):
            answers[str(status)] = {
                "description": meaning,
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"$ref": "#/components/schemas/Problem"},
                        "example": _example(status),
                    }
                },
            }


def _add_examples(operation: dict[str, Any], recorded: dict[str, Any]) -> None:
    """Add recorded examples where the route has none of its own."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is not None and "request" in recorded and "examples" not in body:
        body.setdefault("example", recorded["request"])
    for status, answer in recorded.get("answer", {}).items():
        content = operation["responses"].get(status, {}).get("content", {}).get("application/json")
        if content is not None and "examples" not in content:
            content.setdefault("example", answer)


def _example(status: int) -> dict[str, Any]:
    code = _EXAMPLE_CODES[status]
    errors = [{"field": "number", "problem": "Field required"}] if status == 422 else ()
    problem: dict[str, Any] = orjson.loads(
        problem_response(status, code, SENTENCES[code], errors).body
    )
    return problem
