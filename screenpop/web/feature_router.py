"""Routers whose routes cost nothing until their first request.

FastAPI reads the parameters of each route twice: where it is declared, and once more, for all
routes of a router, at the first request that looks through it. With 200 routes that is most of the
work of ``create_web`` and of the first pages. Here a route is only a path until it is needed.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import compile_path, get_name

from screenpop.web.security_middleware import LARGEST_BODY

_READ = {*APIRoute.__annotations__, "app", "form_limits"}
"""The attributes that FastAPI makes of an endpoint."""


class LazyRoute(APIRoute):
    """A route that reads its endpoint's parameters when they are first needed."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        # What matching and naming need; FastAPI sets the same values, and all others, later.
        self.path = path
        self.endpoint = endpoint
        self.name = options["name"] or get_name(endpoint)
        self.methods = {method.upper() for method in options["methods"] or ("GET",)}
        self.include_in_schema = options["include_in_schema"]
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self._declared = options

    def __getattr__(self, name: str) -> Any:
        """Return an attribute that is not set yet, after reading the endpoint."""
        if name not in _READ or "_declared" not in vars(self):
            raise AttributeError(name)
        super().__init__(self.path, self.endpoint, **vars(self).pop("_declared"))
        return getattr(self, name)


class FeatureRouter(APIRouter):
    """The routes of one feature, for ``add_routes``."""

    def __init__(
        self,
        *,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        include_in_schema: bool = True,
    ) -> None:
        super().__init__(
            prefix=prefix,
            tags=tags,
            include_in_schema=include_in_schema,
            route_class=LazyRoute,
            max_body_size=LARGEST_BODY,
        )


def add_routes(pages: FastAPI, router: FeatureRouter) -> None:
    """Add the routes themselves: ``include_router`` would make a second route of each."""
    pages.router.routes += router.routes
