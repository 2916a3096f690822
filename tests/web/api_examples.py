"""``python -m tests.web.api_examples``: records examples of the API's requests and answers.

The tests of pages and API send real requests to a real server; of each route the fullest short one
that succeeded is written to ``screenpop/web/api_examples.json``, from which the description takes
its examples; paths of tests after it add to them. Run it after a change of a route:
``test_api_examples.py`` holds them to the schemas.
"""

import re
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from screenpop.web import application
from screenpop.web.api_description import EXAMPLES

PREFIX = "/api/v1/"
MOST_CHARACTERS = 2_500
"""Of an answer as JSON; a longer one is no example."""
PARTS = (
    "tests/web",
    *(f"tests/app/test_{name}.py" for name in ("messages", "availability", "calling_back")),
)
HOSTILE = ("hostile", "limits", "doors", "api_description", "route_scopes", "connections")
"""Parts of the names of test modules that send what no program should."""
OUTSIDE = re.compile(rb"/tmp/|/home/|\\\\u0000|<script|spop_|([^ ])\\1{7}")
"""Paths of this machine, tokens, and texts that try a limit."""


class Recorder:
    """A plugin of pytest that keeps an example of each route."""

    def __init__(self) -> None:
        self.examples: dict[str, dict[str, Any]] = {}
        self._is_plain = False

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._is_plain = not any(part in item.nodeid for part in HOSTILE)

    def wrap(self, web: type[application.Web]) -> None:
        original = web.__call__

        async def call(this: application.Web, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
                return await original(this, scope, receive, send)
            sent, body, headers, status = bytearray(), bytearray(), {}, 0

            async def reading() -> Message:
                message = await receive()
                body.extend(message.get("body", b""))
                return message

            async def writing(message: Message) -> None:
                nonlocal status, headers
                if message["type"] == "http.response.start":
                    status, headers = message["status"], dict(message["headers"])
                sent.extend(message.get("body", b""))
                await send(message)

            await original(this, scope, reading, writing)
            kind = headers.get(b"content-type", b"").decode().partition(";")[0]
            if self._is_plain and 200 <= status < 300:
                self._keep(this, scope, bytes(body), status, kind, bytes(sent))
            return None

        web.__call__ = call  # type: ignore[assignment, method-assign]

    def _keep(
        self, web: application.Web, scope: Scope, body: bytes, status: int, kind: str, sent: bytes
    ) -> None:
        operation = _operation(web, scope)
        if operation is None or OUTSIDE.search(body + sent):
            return
        example: dict[str, Any] = {}
        if kind == "application/json":
            answer = orjson.loads(sent)
            example["answer"] = {
                str(status): answer if len(sent) <= MOST_CHARACTERS else _shortened(answer)
            }
        if body and (given := _json(body)) is not None and len(body) <= MOST_CHARACTERS:
            example["request"] = given
        before = self.examples.get(operation, {})
        if len(orjson.dumps(example)) > len(orjson.dumps(before)):
            self.examples[operation] = example


def _operation(web: application.Web, scope: Scope) -> str | None:
    """Return ``GET /api/v1/...`` as the description has it; None for no route of ours."""
    for route in web.pages.routes:
        if not isinstance(route, Route) or scope["method"] not in (route.methods or ()):
            continue
        if route.path_regex.match(scope["path"]):
            return f"{scope['method']} {route.path}"
    return None


def _shortened(value: Any) -> Any:
    """Return a JSON value with two items of each list."""
    if isinstance(value, list):
        return [_shortened(one) for one in value[:2]]
    if isinstance(value, dict):
        return {key: _shortened(one) for key, one in value.items()}
    return value


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def main() -> int:
    recorder = Recorder()
    recorder.wrap(application.Web)
    options = ["-q", "-n", "0", "-p", "no:cacheprovider"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # this module imports ours first
    status = pytest.main([*options, *(sys.argv[1:] or PARTS)], [recorder])
    if len(sys.argv) > 1:  # a part adds to what there is
        recorder.examples = {**orjson.loads(EXAMPLES.read_bytes()), **recorder.examples}
    # A job that is cancelled in time is a race; its answer is that of one that was started.
    alike = recorder.examples.get("POST /api/v1/imports/{job}/start")
    if alike is not None:
        recorder.examples.setdefault("POST /api/v1/imports/{job}/cancel", alike)
    ordered = {name: recorder.examples[name] for name in sorted(recorder.examples)}
    text = orjson.dumps(ordered, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    Path(EXAMPLES).write_bytes(text.replace(b"Alice <b>Agent</b>", b"Alice Agent"))
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
