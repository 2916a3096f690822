"""Static files and catalogues; versioned addresses may be cached for ever.

Only these are compressed: they contain no secrets that their length could reveal (BREACH).
"""

import re
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from screenpop.web.assets import Asset, Assets, gzipped
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.translations import Catalogue

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_VERSIONED = re.compile(r"v-([0-9a-f]{12})/(.+)")


def file_routes(assets: Assets, catalogues: Mapping[str, Catalogue], build: str) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)
    words_assets = {
        language: Asset(
            catalogue.json, "application/json", catalogue.version, gzipped(catalogue.json)
        )
        for language, catalogue in catalogues.items()
    }

    @routes.get("/static/{path:path}")
    async def static(request: Request, path: str) -> Response:
        versioned = _VERSIONED.fullmatch(path)
        # Pages of an older build still get files, but must not cache them.
        asset = assets.find(versioned[2] if versioned else path)
        if asset is None:
            raise HTTPException(404, "not_found")
        is_current = versioned is not None and versioned[1] == assets.version
        return _file(request, asset, is_current)

    @routes.get("/i18n/{language}.json")
    async def words(request: Request, language: str) -> Response:
        asset = words_assets.get(language)
        if asset is None:
            raise HTTPException(404, "not_found")
        query = request.url.query
        return _file(request, asset, query in (f"v={asset.version}", f"v={build}", build))

    return routes


def _file(request: Request, asset: Asset, is_versioned: bool) -> Response:
    """Return the file. ``is_versioned``: requested by an address whose content never changes."""
    takes_gzip = asset.gzipped is not None and accepts_gzip(
        request.headers.get("accept-encoding", "")
    )
    tag = f"{asset.version}-gzip" if takes_gzip else asset.version
    headers = {
        "ETag": f'"{tag}"',
        "Cache-Control": _FOR_EVER if is_versioned else _ASK_AGAIN,
    }
    if asset.gzipped is not None:
        headers["Vary"] = "Accept-Encoding"
    if tag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    if takes_gzip:
        headers["Content-Encoding"] = "gzip"
    response = Response(asset.gzipped if takes_gzip else asset.content, headers=headers)
    response.headers["Content-Type"] = asset.media_type
    return response


def accepts_gzip(header: str) -> bool:
    """Return whether an ``Accept-Encoding`` header allows gzip (RFC 9110, 12.5.3)."""
    allowed = dict[str, bool]()
    for part in header.lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        allowed[coding] = weight.strip("0.") != ""
    return allowed.get("gzip", allowed.get("*", False))


def _tags(header: str) -> set[str]:
    """Return the entity tags of ``If-None-Match``; weak ones too, as a proxy may weaken them."""
    return {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")}
