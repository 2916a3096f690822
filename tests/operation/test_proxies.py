"""The samples of nginx and Caddy, with the certificate of an office's own authority."""

import sqlite3
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from screenpop.spreadsheets.reading.text_encoding import MOST_BYTES
from tests.browser.demo_server import free_port
from tests.operation.proxied_server import COMMAND, NAME, caddy, nginx, office_behind, run, trusting
from tests.web.running_server import csrf_of

FORGED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}


@dataclass(frozen=True)
class Office:
    url: str
    folder: Path
    tls: Path
    direct: str
    """The server's own address."""

    def browser(self, **headers: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.url,
            verify=trusting(self.tls),
            headers=headers,
            timeout=100,
            trust_env=False,
        )


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    tls = folder / "tls"
    run(COMMAND, "certificate", NAME, "127.0.0.1", "--to", str(tls))
    with office_behind(port, folder) as server, request.param(port, server, tls, folder):
        yield Office(f"https://{NAME}:{port}", folder, tls, f"http://127.0.0.1:{server}")


def test_a_page_comes_over_https_and_browsers_shall_keep_to_it(office: Office) -> None:
    with office.browser() as browser:
        page = browser.get("/login")
        assert page.status_code == 200
        assert "Screenpop" in page.text
        assert page.headers.get_list("strict-transport-security") == ["max-age=31536000"]
        # Behind a proxy all requests come from this machine, so none may see details.
        assert browser.get("/readyz").json() == {"ready": True}
        assert browser.get("/metrics").status_code == 403


def test_a_websocket_passes(office: Office) -> None:
    address = f"{office.url.replace('https', 'wss')}/ws/v1"
    with connect(address, origin=Origin(office.url), proxy=None, ssl=trusting(office.tls)) as line:
        assert '"bye"' in str(line.recv(timeout=20))  # not logged in: closed with a message


def test_the_address_of_a_browser_is_not_what_it_claims(office: Office) -> None:
    with office.browser(Origin=office.url, **FORGED) as browser:
        form = {
            "username": "maryam",
            "password": "wrong",
            "csrf": csrf_of(browser.get("/login").text),
        }
        answer = browser.post("/login", data=form)
        assert answer.status_code in (303, 401), answer.text[:500]
    until = time.monotonic() + 20
    while not (found := addresses(office)):
        assert time.monotonic() < until
        time.sleep(0.05)  # another process's database; logins are written a moment later
    assert found == {"127.0.0.1"}


def addresses(office: Office) -> set[str]:
    """Those of the logins so far."""
    with closing(sqlite3.connect(office.folder / "data" / "screenpop.db")) as database:
        return {row[0] for row in database.execute("SELECT address FROM login_records")}


def test_an_import_of_the_largest_size_passes(office: Office) -> None:
    """It is refused for what it is, by Screenpop, and not for its size, by the proxy."""
    token = (office.folder / "data" / "token").read_text().strip()
    with office.browser(Authorization=f"Bearer {token}") as browser:
        answer = browser.post(
            "/api/v1/imports?name=large.csv",
            content=b"\0" * MOST_BYTES,
            headers={"Content-Type": "application/octet-stream"},
        )
        assert answer.status_code in (201, 422), answer.text
        assert answer.headers["content-type"].startswith("application/")
        too_large = browser.post("/api/v1/imports?name=large.csv", content=b"\0" * (131 * 2**20))
        assert too_large.status_code == 413


def test_caddys_own_authority_signs_for_the_server_too(tmp_path: Path) -> None:
    port = free_port()
    with (
        office_behind(port, tmp_path) as server,
        caddy(port, server, tmp_path / "none", tmp_path, own_authority=True),
    ):
        root = tmp_path / ".local/share/caddy/pki/authorities/local/root.crt"
        until = time.monotonic() + 20
        while not root.exists():
            assert time.monotonic() < until
            time.sleep(0.05)  # another process's file
        trusted = ssl.create_default_context(cafile=str(root))
        page = httpx.get(f"https://{NAME}:{port}/login", verify=trusted, trust_env=False)
        assert page.status_code == 200


def test_the_documentation_has_the_samples_as_they_are() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs/operations.md").read_text(encoding="utf-8")
    for name in ("nginx-screenpop.conf", "Caddyfile"):
        assert (root / "packaging" / name).read_text(encoding="utf-8") in page
