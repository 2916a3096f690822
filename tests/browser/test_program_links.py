"""Links from a card to other programs, as the page fills and opens them."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.demo_server import DemoServer

CARD = {
    "id": "7:101",
    "state": "ringing",
    "direction": "inbound",
    "call": "1700000000.7",
    "caller": {
        "e164": "+302101234567",
        "raw": "2101234567",
        "name": "",
        "display": "",
        "kind": "number",
    },
    "person": {"id": 42, "address": {"en": "Dr Ann Lee"}, "salutation": {}},
    "line": {"did": "2109100070", "queue": "sales"},
}


@pytest.fixture(scope="module")
def page(browser: Browser, shared_server: DemoServer) -> Page:
    page = browser.new_context(base_url=shared_server.url).new_page()
    page.goto("/login")
    return page


def evaluate(page: Page, body: str, **values: Any) -> Any:
    return page.evaluate(
        f"""async (values) => {{
            const links = await import("/static/js/program_links.js");
            {body}
        }}""",
        values,
    )


def address(page: Page, url: str, **changes: Any) -> Any:
    return evaluate(
        page, "return links.addressOf(values, values.card);", url=url, card=CARD | changes
    )


def test_every_field_is_filled(page: Page) -> None:
    url = "https://crm.lan/?n={number}&d={digits}&c={customer}&k={call}&l={line}&q={queue}&w={direction}"
    assert address(page, url) == (
        "https://crm.lan/?n=%2B302101234567&d=302101234567&c=42&k=1700000000.7&l=2109100070&q=sales"
        "&w=inbound"
    )


def test_a_doubled_brace_is_a_brace_of_the_address(page: Page) -> None:
    assert address(page, "https://crm.lan/?q={{{digits}}}") == "https://crm.lan/?q={302101234567}"


@pytest.mark.parametrize(
    "name",
    ["&admin=1", "/../../x?y#z", "javascript:alert(1)", "{number}", "\u202e\n\r", '"><b>', "$&"],
)
def test_a_name_stays_inside_its_field(page: Page, name: str) -> None:
    person = {"id": 42, "address": {"en": name}, "salutation": {}}
    filled = address(page, "https://crm.lan/a?name={name}&end=1", person=person)
    parsed = evaluate(
        page,
        """const url = new URL(values.filled);
        return [url.origin, url.pathname, [...url.searchParams.keys()], url.hash];""",
        filled=filled,
    )
    assert parsed == ["https://crm.lan", "/a", ["name", "end"], ""]


def test_an_unknown_caller_has_empty_fields(page: Page) -> None:
    withheld = CARD["caller"] | {"e164": None, "raw": "anonymous"}  # type: ignore[operator]
    filled = address(page, "https://crm.lan/?d={digits}&n={name}", person=None, caller=withheld)
    assert filled == "https://crm.lan/?d=&n="


def test_a_program_opens_once_for_each_card(page: Page) -> None:
    opened = evaluate(
        page,
        """localStorage.removeItem("screenpop.opened");
        const opened = [];
        const open = (url, label) => opened.push([label, url]);
        const make = () => new links.ProgramOpener(values.programs, { open });
        const first = make();
        first.follow(values.card);
        first.follow(values.card);
        make().follow(values.card); // after a reload, or in another tab
        first.follow({ ...values.card, state: "talking" });
        first.follow({ ...values.card, id: "8:101", state: "wrap_up" });
        return opened;""",
        card=CARD,
        programs=[
            {"label": "CRM", "url": "https://crm.lan/{digits}", "opens": "ring"},
            {"label": "ERP", "url": "https://erp.lan/{customer}", "opens": "answer"},
            {"label": "Map", "url": "https://map.lan/", "opens": "click"},
        ],
    )
    assert opened == [["CRM", "https://crm.lan/302101234567"], ["ERP", "https://erp.lan/42"]]


def test_a_blocked_tab_is_reported_on_the_card(page: Page) -> None:
    text = evaluate(
        page,
        """localStorage.removeItem("screenpop.opened");
        const { render } = await import("/static/vendor/lit-html/lit-html.js");
        const opener = new links.ProgramOpener(values.programs, { open: () => false });
        opener.follow(values.card);
        const place = document.createElement("div");
        const blocked = opener.blocked.has(values.card.id);
        render(links.programsView(values.programs, values.card, blocked), place);
        return [place.textContent.trim().replace(/\\s+/g, " "), place.querySelector("a").rel];""",
        card=CARD,
        programs=json.loads('[{"label": "CRM <b>", "url": "https://crm.lan/", "opens": "ring"}]'),
    )
    assert text[0].startswith("CRM <b>")
    assert "pop-ups" in text[0]
    assert text[1] == "noopener noreferrer"
