"""A message to a customer, written on the customer's page and received by the office's gateway."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from typing_extensions import override

from tests.browser.demo_server import COMMAND, DemoServer
from tests.browser.test_access import violations

NUMBER = "+12125550123"
"""Of a country whose time zone is not known: the office's hours count."""
SETTINGS = """
data_dir = "{data}"
bind_port = {port}
timezone = "{zone}"
languages = ["fa"]
[number_plan]
region = "IR"
extensions = ["1XX"]
[messages]
webhook_url = "http://127.0.0.1:{gateway}/send"
private_http = true
secret = "a-secret-of-the-gateway"
"""


class Gateway(HTTPServer):
    """Keeps what it receives."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Received)
        self.messages: list[dict[str, Any]] = []


class Received(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Gateway)
        self.server.messages.append(json.loads(body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        pass


class MessagingServer(DemoServer):
    """``screenpop serve`` on the demo's data, with a gateway, in a time zone where it is noon."""

    def __init__(self, data: Path, filled: Path, gateway: int) -> None:
        super().__init__(data, filled)
        ahead = 12 - datetime.now(UTC).hour
        # The signs of these zones are reversed: GMT-3 is three hours ahead.
        zone = "Etc/GMT" if ahead == 0 else f"Etc/GMT{-ahead:+d}"
        self.settings = data.with_name("screenpop.toml")
        text = SETTINGS.format(data=data, port=self.port, zone=zone, gateway=gateway)
        self.settings.write_text(text, encoding="utf-8")

    @override
    def command(self) -> list[str]:
        return [COMMAND, "serve", "--settings", str(self.settings)]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def office(gateway: Gateway, filled: Path, tmp_path: Path) -> Iterator[MessagingServer]:
    server = MessagingServer(tmp_path / "data", filled, gateway.server_port)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser, office: MessagingServer) -> Iterator[Page]:
    context = browser.new_context(base_url=office.url, locale="fa-IR")
    page = context.new_page()
    page.goto("/login")
    page.locator("[name=username]").fill("maryam")
    page.locator("[name=password]").fill("demo")
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"{office.url}/")
    yield page
    context.close()


@pytest.mark.slow
def test_a_message_written_by_keyboard_reaches_the_gateway_once(
    page: Page, gateway: Gateway, office: MessagingServer
) -> None:
    made = office.ask(
        "/api/v1/customers",
        {
            "names": {"en": {"given": "Ada", "family": "Orr"}},
            "language": "en",
            "numbers": [{"number": NUMBER, "label": "mobile"}],
        },
    )
    page.goto(f"/customers/{made['id']}")
    form = page.locator("message-form")
    form.get_by_role("button").press("Enter")
    text = form.get_by_role("textbox")
    expect(text).to_be_focused()
    assert not violations(page)
    text.fill("Your visa is ready <b>&amp;</b>")
    text.press("Tab")
    page.keyboard.press("Enter")
    expect(form.get_by_role("status")).to_have_text("پیام فرستاده شد.")
    [message] = gateway.messages
    assert message["text"] == "Your visa is ready <b>&amp;</b>"
    assert message["to"] == NUMBER
