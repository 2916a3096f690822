"""Static files and catalogues. One that is asked for by its version never changes."""

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from screenpop.web.assets import Assets
from screenpop.web.catalogue import Catalogue

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


def file_routes(assets: Assets, catalogues: Mapping[str, Catalogue], build: str) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/static/{path:path}")
    async def static(request: Request, path: str) -> Response:
        asset = assets.find(path)
        if asset is None:
            raise HTTPException(404, "not_found")
        versioned = request.query_params.get("v") == asset.version
        return _file(request, asset.content, asset.media_type, asset.version, versioned)

    @routes.get("/i18n/{language}.json")
    async def words(request: Request, language: str) -> Response:
        catalogue = catalogues.get(language)
        if catalogue is None:
            raise HTTPException(404, "not_found")
        query = request.url.query
        versioned = query in (f"v={catalogue.version}", f"v={build}", build)
        return _file(request, catalogue.json, "application/json", catalogue.version, versioned)

    return routes


def _file(
    request: Request, content: bytes, media_type: str, version: str, versioned: bool
) -> Response:
    # Modules import each other without a version, so those are asked about each time.
    headers = {
        "ETag": f'"{version}"',
        "Cache-Control": _FOR_EVER if versioned else _ASK_AGAIN,
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    response = Response(content, headers=headers)
    response.headers["Content-Type"] = media_type
    return response
