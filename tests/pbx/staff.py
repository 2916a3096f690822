"""Agents, each at a phone of the lab and at a page of the product."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from pbx_lab.sip import SipLeg
from pbx_lab.testing import OFFICE
from tests.browser.chromium import FLAGS, find_chromium
from tests.pbx.agent_page import AgentPage, log_in
from tests.pbx.product import Person, Product
from tests.pbx.table import Table

MARYAM = Person("maryam", "Maryam", "en", ("101", "99101"))
ELENI = Person("eleni", "Eleni", "en", ("102",))
NIKOS = Person("nikos", "Nikos", "fa", ("103",))
PEOPLE = (MARYAM, ELENI, NIKOS)


@dataclass
class Office:
    """Everything of one version's run: the product, the desks, and what was measured."""

    product: Product
    agent_pages: dict[str, AgentPage]
    table: Table = field(default_factory=Table)

    def at(self, phone: str) -> AgentPage:
        """Whose phone this is."""
        return self.agent_pages[phone]

    @property
    def all_agent_pages(self) -> list[AgentPage]:
        """Each once."""
        return list(dict.fromkeys(self.agent_pages.values()))

    def agent_page_of(self, leg: SipLeg) -> AgentPage | None:
        """Whose phone a SIP leg leads to."""
        return self.agent_pages.get(leg.endpoint)


def product_in(folder: Path) -> Product:
    """Set up the product with these people; by a copy where the run has set one up already."""
    product = Product(folder, PEOPLE)
    ready = os.environ.get(OFFICE)
    if ready is None:
        product.set_up()
    else:
        product.set_up_as(Path(ready))
    return product


@contextmanager
def opened(folder: Path) -> Iterator[Office]:
    """The product runs and every agent has an open page."""
    chromium = find_chromium()
    product = product_in(folder)
    try:
        product.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            yield Office(product, agent_pages_in(browser, product.url))
            browser.close()
    finally:
        product.stop()


def agent_pages_in(browser: Browser, url: str) -> dict[str, AgentPage]:
    """A browser context each, by phone."""
    agent_pages: dict[str, AgentPage] = {}
    for person in PEOPLE:
        agent_page = log_in(browser, url, person)
        agent_pages |= dict.fromkeys(person.phones, agent_page)
    return agent_pages
