"""The people who work here, each at a phone of the lab and at a page of the product."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from pbx_lab.sip import SipLeg
from tests.browser.chromium import FLAGS, find_chromium
from tests.pbx.agent_page import Desk, sit_down
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
    desks: dict[str, Desk]
    table: Table = field(default_factory=Table)

    def at(self, phone: str) -> Desk:
        """Whose phone this is."""
        return self.desks[phone]

    @property
    def all_desks(self) -> list[Desk]:
        """Each once."""
        return list(dict.fromkeys(self.desks.values()))

    def desk_of(self, leg: SipLeg) -> Desk | None:
        """Whose phone a SIP leg leads to."""
        return self.desks.get(leg.endpoint)


@contextmanager
def opened(folder: Path) -> Iterator[Office]:
    """The product runs and every agent has an open page."""
    product = Product(folder, PEOPLE)
    chromium = find_chromium()
    product.set_up()
    try:
        product.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            yield Office(product, desks_in(browser, product.url))
            browser.close()
    finally:
        product.stop()


def desks_in(browser: Browser, url: str) -> dict[str, Desk]:
    """A browser context each, by phone."""
    desks: dict[str, Desk] = {}
    for person in PEOPLE:
        desk = sit_down(browser, url, person)
        desks |= dict.fromkeys(person.phones, desk)
    return desks
