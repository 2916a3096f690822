"""Values that no honest page sends, and the places of an application that take values."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from fastapi import FastAPI
from fastapi.routing import APIRoute
from typing_extensions import override

PATH_VALUES = (
    "0",
    "1",
    "-1",
    str(2**63 - 1),
    str(2**63),
    "9" * 30,
    "9" * 5000,
    "x",
    "%00",
    "%FF",
    "%D9%A3",
    "%C2%B2",
    "..%2F..",
    "'%20OR%201=1",
)
"""Each is one segment of a path, percent-encoded already."""

FIELD_VALUES = (
    "",
    "1",
    "-1",
    "9" * 30,
    "9" * 5000,
    str(2**63),
    "NaN",
    "1e400",
    "a\0b",
    "²",
    "٣",
    "\u202e<script>alert(1)</script>",
    "' OR 1=1 --",
    "%s %(name)s {0}",
    "9999-12-31",
    "1405/13/45",
    "x" * 20_000,
    "on",
)


def routes_of(pages: FastAPI) -> list[APIRoute]:
    """Every page and API route of the application."""
    # FastAPI keeps an included router whole, as one entry of its own list.
    routers = [getattr(entry, "original_router", None) for entry in pages.routes]
    included = [route for one in routers if one is not None for route in one.routes]
    entries = [*pages.routes, *included]
    return [route for route in entries if isinstance(route, APIRoute)]


def query_names(route: APIRoute) -> set[str]:
    """The names of the query parameters a route reads."""
    names: set[str] = set()
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        waiting.extend(dependant.dependencies)
        for field in dependant.query_params:
            model = getattr(field.field_info.annotation, "model_fields", None)
            names |= set(model) if model else {field.alias}
    return names


def filled(path: str, value: str) -> str:
    """The path with this value in each of its places."""
    return re.sub(r"\{[^}]*\}", lambda _: value, path)


class FormReader(HTMLParser):
    """Collects the forms of a page: for each its action and the names of its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, set[str]]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            method = (values.get("method") or "get").lower()
            self.forms.append((method, values.get("action") or "", set()))
        elif tag in {"input", "select", "textarea", "button"} and self.forms:
            name = values.get("name")
            if name:
                self.forms[-1][2].add(name)


def forms_in(html: str) -> Iterator[tuple[str, str, set[str]]]:
    """Yield (method, action, field names) of each form in a page."""
    reader = FormReader()
    reader.feed(html)
    yield from reader.forms
