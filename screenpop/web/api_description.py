"""The OpenAPI description with security schemes and error responses."""

from typing import Any

from fastapi import FastAPI
from typing_extensions import override

from screenpop.web.problem_details import MEDIA_TYPE, PROBLEM_SCHEMA

_SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of the file `token` in the data folder: for programs.",
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
    401: "Neither a session nor the token was brought, or it is not valid any more.",
    403: "The role does not allow this, or another site's page asked for it.",
    404: "There is no such thing, or this server has not switched it on.",
    413: "The body is larger than the server takes.",
    415: "The body is of another media type.",
    422: "A value is not possible; `errors` names the fields.",
}


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
            for operation in operations.values():
                _complete(operation)
    return description


def _complete(operation: dict[str, Any]) -> None:
    operation["security"] = [{name: []} for name in _SECURITY_SCHEMES]
    answers = operation.setdefault("responses", {})
    has_body = "requestBody" in operation
    for status, meaning in _REFUSALS.items():
        if has_body or status not in (413, 415):
            answers[str(status)] = {
                "description": meaning,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
