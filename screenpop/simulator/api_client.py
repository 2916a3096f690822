"""HTTP client of a running server, with the token of its data folder."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screenpop.accounts.api_token import is_usable_api_token

TOKEN_FILE = "token"  # noqa: S105 -- a file's name
URL_FILE = "url"
_PATIENCE_S = 10.0


class ApiClientError(Exception):
    """The server is not reachable or refuses; the message has the remedy."""


@dataclass(frozen=True, slots=True)
class ApiClient:
    url: str
    token: str

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Send a request and return the answer. Raises ``ApiClientError``."""
        request = urllib.request.Request(  # noqa: S310 -- checked to be http in find_server
            self.url + path,
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:  # noqa: S310
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as refusal:
            raise ApiClientError(_refused(self.url, refusal)) from None
        except (OSError, ValueError) as problem:
            raise ApiClientError(
                f"No Screenpop answers at {self.url} ({problem}). Start it with screenpop serve or"
                " screenpop demo, or name another with --url."
            ) from None


def find_server(folders: tuple[Path, ...], url: str = "") -> ApiClient:
    """Return the server of the first folder with a token. Raises ``ApiClientError``."""
    for folder in folders:
        try:
            token = (folder / TOKEN_FILE).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            continue
        except OSError as problem:
            raise ApiClientError(
                f"The token in {folder} cannot be read ({problem.strerror}). Run this as the user"
                " that runs the server."
            ) from None
        except UnicodeDecodeError:
            token = ""
        if not is_usable_api_token(token):
            raise ApiClientError(
                f"The token file in {folder} is empty or cut off, as after a full disk. Restart the"
                " server: it makes a new token."
            )
        return ApiClient(_checked(url or _url_in(folder)), token)
    places = " or ".join(str(folder) for folder in folders)
    raise ApiClientError(
        f"There is no token in {places}: no server has run there. Name its folder with --data."
    )


def _url_in(folder: Path) -> str:
    try:
        return (folder / URL_FILE).read_text(encoding="ascii").strip()
    except OSError:
        raise ApiClientError(
            f"No server runs in {folder} now. Start one, or name its address with --url."
        ) from None


def _checked(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ApiClientError(f"{url!r} is no address of a server; write http://127.0.0.1:8080")
    return url.rstrip("/")


def _refused(url: str, refusal: urllib.error.HTTPError) -> str:
    """Return the error for a refusal of the server."""
    try:
        body = json.load(refusal)
    except ValueError:
        body = {}
    code = body.get("code") if isinstance(body, dict) else None
    detail = body.get("detail") if isinstance(body, dict) else None
    match code:
        case "bad_token":
            return f"{url} does not accept this token; name the server's own folder with --data."
        case "simulator_off":
            return (
                "This server plays no calls: put simulate = true into its settings and restart it."
            )
        case "bad_call" if isinstance(detail, str):
            return detail
        case _:
            return f"{url} refuses: {refusal.code} {code or refusal.reason}."
