"""``/api/v1/asyncapi.json``: the socket and the webhooks as an AsyncAPI 3.0 document."""

from functools import cache
from typing import Any

from starlette.responses import JSONResponse, Response

from screenpop.protocol.server_messages import PROTOCOL_VERSION
from screenpop.web.asyncapi.schemas import (
    AGENT,
    Schema,
    client_frames,
    dataclass_schemas,
    server_frames,
    webhook_bodies,
)
from screenpop.web.auth.current_user import RequireUser
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter

PATH = "/api/v1/asyncapi.json"


def asyncapi_routes(_context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get(PATH)
    async def asyncapi(_: RequireUser) -> Response:
        return JSONResponse(asyncapi_document())

    return routes


@cache
def asyncapi_document() -> dict[str, Any]:
    """Return the document. It is the same for every office."""
    server = {f"server.{kind}": schema for kind, schema in server_frames().items()}
    client = {f"client.{kind}": schema for kind, schema in client_frames().items()}
    events = {f"webhook.{kind.value}": schema for kind, schema in webhook_bodies().items()}
    messages = {
        **{name: _message(name, schema) for name, schema in {**server, **client}.items()},
        **{name: _message(name, schema, is_webhook=True) for name, schema in events.items()},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Screenpop",
            "version": PROTOCOL_VERSION,
            "description": "The socket of the pages, which other programs may use too"
            " (docs/websocket-protocol.md), and the webhooks (docs/webhooks.md).",
        },
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/ws/v1",
                "messages": _named([*server, *client]),
                "bindings": {"ws": {"method": "GET"}},
            },
            "webhook": {
                "address": None,
                "description": "The address of each target, chosen by an administrator.",
                "messages": _named(events),
            },
        },
        "operations": {
            "sendToClient": _operation("send", "socket", list(server)),
            "receiveFromClient": _operation("receive", "socket", list(client)),
            "sendWebhook": _operation("send", "webhook", list(events)),
        },
        "components": {
            "messages": messages,
            "schemas": {**dataclass_schemas(), "Agent": AGENT},
        },
    }


def _message(name: str, schema: Schema, *, is_webhook: bool = False) -> dict[str, Any]:
    message: dict[str, Any] = {"name": name, "payload": schema}
    if is_webhook:
        headers = ("webhook-id", "webhook-timestamp", "webhook-signature")
        message["headers"] = {
            "type": "object",
            "properties": {header: {"type": "string"} for header in headers},
            "required": list(headers),
        }
    return message


def _named(names: Any) -> dict[str, Schema]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _operation(action: str, channel: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
    }
