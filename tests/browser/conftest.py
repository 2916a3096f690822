"""Real browsers at the real demo. Run by itself: sync playwright and async tests quarrel."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.cut_line import CutLine
from tests.browser.demo_server import DemoServer, filled_folder
from tests.conftest import cores


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers ``-n auto`` is for these tests: phones ring in real time, and a
    worker waits more than half of the time."""
    return 3 * cores()


expect.set_options(timeout=15_000)

SIZES = {"desk": (1366, 768), "phone": (390, 844)}
"""Width and height of windows."""

LogIn = Callable[..., Page]
"""``log_in(username, language="en", theme="light", at="/", url=server.url, phone=False)``"""


@pytest.fixture(scope="session")
def chromium() -> str:
    return find_chromium()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's data folder, one for all workers: to be copied."""
    mine = tmp_path_factory.getbasetemp()
    return filled_folder(mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine)


@pytest.fixture(scope="session")
def shared_server(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    demo = DemoServer(tmp_path_factory.mktemp("demo") / "data", filled)
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture
def server(shared_server: DemoServer) -> Iterator[DemoServer]:
    """The server that the tests of a worker share. No call outlives the test that began it: on the
    phones of the next test it would ring, sound, and push that test's own call down."""
    yield shared_server
    shared_server.finish_calls()


@pytest.fixture
def own_server(filled: Path, tmp_path: Path) -> Iterator[DemoServer]:
    """For a test that stops it."""
    demo = DemoServer(tmp_path / "data", filled)
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture
def line(server: DemoServer) -> Iterator[CutLine]:
    with CutLine(server.port) as line:
        yield line


@pytest.fixture
def troubles() -> list[str]:
    """What browsers complained of; a test that means it to happen empties it."""
    return []


@pytest.fixture
def log_in(browser: Browser, server: DemoServer, troubles: list[str]) -> Iterator[LogIn]:
    contexts: list[BrowserContext] = []

    def log_in(
        username: str,
        *,
        language: str = "en",
        theme: str = "light",
        at: str = "/",
        url: str = "",
        phone: bool = False,
    ) -> Page:
        width, height = SIZES["phone" if phone else "desk"]
        context = browser.new_context(
            base_url=url or server.url,
            viewport={"width": width, "height": height},
            timezone_id="Asia/Tehran",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda sent: (
                troubles.append(f"{page.url}: {sent.text}")
                if "Content Security Policy" in sent.text
                else None
            ),
        )
        _enter(context, username, {"language": language, "theme": theme, "next": at})
        page.goto(at)
        return page

    yield log_in
    for context in contexts:
        context.close()
    assert troubles == []


TakePhone = Callable[[Page, str], None]
"""``take_phone(page, "113")``: as the page's user does on ``/me``."""


@pytest.fixture
def take_phone(log_in: LogIn) -> Iterator[TakePhone]:
    """For a test whose calls must ring nowhere else, or whose user has no phone. Asks for
    ``log_in`` to give the phones back while its pages are still open."""
    pages: list[Page] = []

    def take_phone(page: Page, phone: str) -> None:
        pages.append(page)
        page.goto("/me")
        page.locator("[name=endpoint]").fill(phone)
        page.locator("form[action='/me/seat'] button").click()
        expect(page.locator("[name=endpoint]")).to_have_value(phone)

    yield take_phone
    for page in pages:
        csrf = re.search(r'data-csrf="([^"]+)"', page.context.request.get("/me").text())
        assert csrf is not None
        form: dict[str, str | float | bool] = {"csrf": csrf[1], "endpoint": ""}
        answer = page.context.request.post("/me/seat", form=form, max_redirects=0)
        assert answer.status == 303


def _enter(context: BrowserContext, username: str, wishes: dict[str, str | float | bool]) -> None:
    """As the forms of the login page and of ``/me`` do, without painting either: what tests of
    other pages want of them is the session."""

    def hidden(path: str, pattern: str) -> str:
        found = re.search(pattern, context.request.get(path).text())
        assert found is not None, f"{path} has no form"
        return found[1]

    csrf = hidden("/login", r'name="csrf" value="([^"]+)"')
    user: dict[str, str | float | bool] = {"csrf": csrf, "username": username, "demo": "yes"}
    assert context.request.post("/login", form=user, max_redirects=0).status == 303
    csrf = hidden("/me", r'data-csrf="([^"]+)"')
    assert context.request.post("/me", form={**wishes, "csrf": csrf}, max_redirects=0).status == 303


def in_both_sizes(page: Page) -> Iterator[str]:
    """Make the window as small as a telephone, then as large as on a desk; yield which it is. A
    page is loaded once for both: what differs is only how its styles lay it out."""
    for name in ("phone", "desk"):
        width, height = SIZES[name]
        page.set_viewport_size({"width": width, "height": height})
        yield name


def is_live(page: Page) -> None:
    """Wait until the page is connected and shows that the PBX is live."""
    expect(page.locator("#status .dot.live")).to_be_attached()


def card_of(page: Page, name: str | re.Pattern[str]) -> "Card":
    return Card(page, name)


class Card:
    """The newest card on a desk whose name is this."""

    def __init__(self, page: Page, name: str | re.Pattern[str]) -> None:
        exact = isinstance(name, str)
        heading = page.get_by_role("heading", name=name, exact=exact)
        self.whole = page.locator("article.card").filter(has=heading)

    def has_state(self, state: str) -> None:
        expect(self.whole.first).to_have_attribute("data-state", state)

    def open(self) -> Locator:
        """The whole card: another call may have made it a brief one."""
        # In one step: between a look for the button and a click the card may open by itself.
        self.whole.first.evaluate("card => card.querySelector('button[data-act=show]')?.click()")
        expect(self.whole.first).not_to_have_class(re.compile("brief"))
        return self.whole.first
