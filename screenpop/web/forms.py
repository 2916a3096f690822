"""Form tokens against cross-site requests, and safe redirect targets."""

import secrets
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

from screenpop.web.auth.cookies import Cookies
from screenpop.web.templating import current_user_of

TOKEN_HEADER = "x-csrf-token"  # noqa: S105 -- a header's name
_LONGEST_PATH = 512


def check_form_token(request: Request, given: str, cookies: Cookies) -> None:
    """Raise 403 unless the form, or the header of a script, has the token of its page."""
    current_user = current_user_of(request)
    wanted = current_user.csrf if current_user else request.cookies.get(cookies.login_form, "")
    brought = given or request.headers.get(TOKEN_HEADER, "")
    if not wanted or not secrets.compare_digest(brought.encode(), wanted.encode()):
        raise HTTPException(403, "stale_form")


def safe_path(wanted: str, otherwise: str = "/") -> str:
    """Return the path if it is on this site, else the default path.

    Browsers take ``\\`` for ``/`` and drop tabs and line ends, so a path with any of these is
    refused.
    """
    ours = (
        wanted.startswith("/")
        and not wanted.startswith("//")
        and len(wanted) <= _LONGEST_PATH
        and wanted.isascii()
        and wanted.isprintable()
        and "\\" not in wanted
    )
    if not ours:
        return otherwise
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc else otherwise
