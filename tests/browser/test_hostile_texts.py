"""Every page on a database full of strangers' texts, and live calls of such callers.

No script runs; there is no report of the policy and no error; nothing is wider than the window, and
no direction turns the text beside it.
"""

import asyncio
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.conftest import LogIn, card_of, in_both_sizes, is_live
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import overflow
from tests.hostile_office import PLACES, fill_with_hostile_texts
from tests.hostile_texts import MARK, TEXTS

DOORS = Path(__file__).parents[2] / "docs/doors.md"
NAMES = ("image", "mixed", "long", "override", "wide")
"""Kinds of texts that callers have as their names."""
NO_PAGES = re.compile(
    r"/api/|/calendar/|/healthz|/readyz|/metrics|/screen/|/login|/reports$|.*(/state|/figures"
    r"|/count|\.csv|/hidden|/import/.*|/bulk/.*|/views/.*|/proposal|/setup|/figures.html|/attachments/\{.*)$"
)
"""Feeds, parts of pages, downloads, and pages of what this database has none of."""

WATCH = """
addEventListener("securitypolicyviolation",
    event => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
globalThis.zq = () => console.error("a text was run");
"""
FORGED = """
[...document.querySelectorAll("*")].filter(one => one.localName.startsWith("zq")
    || [...one.attributes].some(has => has.name.startsWith("on") || has.name.includes("zq"))
    || /^\\s*(javascript|data):/i.test(one.getAttribute("href") ?? "")
    ).map(one => one.outerHTML.slice(0, 120))
"""
BESIDE = """mark => {
    const found = new Set();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const text = walk.currentNode;
        if (!text.data.includes(mark) || !text.parentElement.checkVisibility()) continue;
        let box = text.parentElement;
        if (box.closest(".unseen")) continue;
        const isolates = () => /isolate|plaintext/.test(getComputedStyle(box).unicodeBidi);
        while (getComputedStyle(box).display === "inline" && !isolates()) box = box.parentElement;
        const alone = box.textContent.trim() === text.data.trim();
        if (!isolates() && !alone && !["OPTION", "SCRIPT", "TITLE"].includes(box.tagName))
            found.add(`${box.tagName}.${box.className}: ${box.textContent.trim().slice(0, 90)}`);
    }
    return [...found];
}"""
"""Texts that are neither isolated nor alone in their box."""


def pages() -> list[str]:
    rows = re.findall(r"^\| GET \| (\S+) \|.*$", DOORS.read_text(encoding="utf-8"), re.MULTILINE)
    kept = [path for path in rows if not NO_PAGES.match(path)]
    return [PLACES.get(path, re.sub(r"\{[^}]*\}", "1", path)) for path in kept]


def watch(page: Page, troubles: list[str]) -> None:
    def note(sent: ConsoleMessage) -> None:
        if sent.type == "error":
            troubles.append(f"{page.url}: {sent.text}")

    page.add_init_script(WATCH)
    page.on("console", note)
    page.on("dialog", lambda dialog: troubles.append(f"{page.url}: {dialog.message}"))


def check(page: Page, faults: list[str]) -> None:
    where = page.url.partition("/")[2].partition("/")[2].partition("/")[2]
    faults += [f"/{where} {one}" for one in page.evaluate(FORGED)]
    faults += [f"/{where} beside: {one}" for one in page.evaluate(BESIDE, MARK)]
    for size in in_both_sizes(page):
        if (wide := overflow(page)) > 0:
            faults.append(f"/{where} is {wide} px too wide: {size}")


@pytest.fixture
def hostile_server(migrated_sqlite: Path, tmp_path: Path) -> Iterator[DemoServer]:
    """The demo, whose database was filled before its first start."""
    demo = DemoServer(tmp_path / "data")
    demo.data.mkdir()
    database = Path(shutil.copy(migrated_sqlite, demo.data / "screenpop.db"))
    with ThreadPoolExecutor(1) as thread:  # this one has the loop of playwright
        thread.submit(asyncio.run, fill_with_hostile_texts(database)).result()
    demo.start()
    yield demo
    demo.stop()


@pytest.mark.slow
@pytest.mark.timeout(180)  # sixty pages in two sizes
def test_a_strangers_text_stays_a_text_on_every_page_and_in_a_call(
    hostile_server: DemoServer, log_in: LogIn, troubles: list[str]
) -> None:
    faults: list[str] = []
    page = log_in("admin", url=hostile_server.url)
    watch(page, troubles)
    for path in pages():
        answer = page.goto(path)
        assert answer is not None
        if answer.status != 200:
            faults.append(f"{path} was answered with {answer.status}")
        check(page, faults)
    desk = log_in("nikos", url=hostile_server.url)
    beside = desk.context.new_page()
    beside.goto("/calls")
    for one in (desk, beside):
        watch(one, troubles)
        one.reload()
    is_live(desk)
    expect(beside.locator("#ring-status")).to_have_attribute("data-live", "yes")
    page.goto("/board")
    is_live(page)
    hostile_server.play(caller="+989123456789", to="103", queue="support", ring_s=120)
    expect(desk.locator("article.card").first).to_contain_text(MARK)
    expect(beside.locator(".ring-row").first).to_contain_text(MARK)
    for one in (desk, beside, page):
        check(one, faults)
    for number, kind in enumerate(NAMES):
        caller = f"+3069700000{number}1"
        hostile_server.play(caller=caller, to="103", name=TEXTS[kind], ring_s=120)
    expect(desk.locator("article.card")).to_have_count(6)
    for number in range(len(NAMES)):
        card = card_of(desk, f"+30 697 000 00{number}1").open()
        expect(card).to_contain_text(MARK)
        check(desk, faults)
    check(page, faults)
    assert not faults, "; ".join(faults)
    assert troubles == []
