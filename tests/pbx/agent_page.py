"""An agent's page in a real browser, and everything that was painted on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as NotInTimeError

from pbx_lab.errors import NeverHappenedError
from tests.pbx.product import PASSWORD, Person

RECORDER = (Path(__file__).parent / "sightings.js").read_text(encoding="utf-8")
ON = frozenset({"ringing", "dialling", "talking", "held"})
"""States of a card whose call is still on for the agent."""


@dataclass(frozen=True)
class Sighting:
    """Something as it was on the page from ``at`` on: seconds since 1970, just after the paint.

    ``what``: ``card``, ``left`` (a card that is gone), ``band`` (the red one), ``no band``.
    ``changed``: when the page's script had put it there, a frame or so before.
    """

    at: float
    changed: float
    what: str
    card: str = ""
    state: str = ""
    match: str = ""
    name: str = ""
    sure: str = ""
    reason: str = ""
    transfer: str = ""
    network: str = ""
    whole: bool = False
    all: str = ""


class AgentPage:
    """One logged-in agent."""

    def __init__(self, person: Person, page: Page) -> None:
        self.person = person
        self.page = page

    @property
    def name(self) -> str:
        """As colleagues read it."""
        return self.person.name

    def seen(self, after: float = 0.0) -> list[Sighting]:
        """Everything painted after a moment, in order."""
        found = self.page.evaluate("after => screenpopSeen.filter(one => one.at > after)", after)
        return [Sighting(**one) for one in found]

    def cards(self, after: float = 0.0) -> list[Sighting]:
        """The cards among it, each as often as it changed."""
        return [one for one in self.seen(after) if one.what == "card"]

    def until(self, after: float, limit: float = 10.0, **wanted: Any) -> Sighting:
        """Wait until something with these values has been painted after a moment."""
        test = """([after, wanted]) => screenpopSeen.find(one => one.at > after
            && Object.entries(wanted).every(([name, value]) => one[name] === value))"""
        try:
            found = self.page.wait_for_function(test, arg=[after, wanted], timeout=limit * 1000)
        except NotInTimeError:
            raise NeverHappenedError(
                f"{self.name} did not see {wanted} within {limit} s, but {self.seen(after)}"
            ) from None
        return Sighting(**found.json_value())

    def is_quiet(self) -> bool:
        """Whether no card on the page is a live call."""
        shown: int = self.page.evaluate(
            """states => [...document.querySelectorAll('#stack article.card')]
                .filter(card => states.includes(card.dataset.state)).length""",
            sorted(ON),
        )
        return shown == 0

    def missed(self) -> str:
        """The text of the list of missed calls."""
        box = self.page.locator("#beside .missed")
        return " ".join(box.all_inner_texts())

    def lists_missed(self, name: str) -> None:
        """Wait until the list of missed calls, which is read from the log, names this caller."""
        expect(self.page.locator("#beside .missed")).to_contain_text(name)

    def write(self, note: str) -> None:
        """Type into the note of the card in hand, and wait until it is kept."""
        whole = self.page.locator("#stack article.card:not(.brief)")
        whole.locator("textarea").fill(note)
        expect(whole.locator("[data-saved=yes]")).to_have_count(1)


def log_in(browser: Browser, url: str, person: Person) -> AgentPage:
    """Log in through the login page and wait until the desk is live."""
    # A bell that swings all day takes a core from the phones beside it.
    context = browser.new_context(
        base_url=url, viewport={"width": 1366, "height": 900}, reduced_motion="reduce"
    )
    context.add_init_script(RECORDER)
    page = context.new_page()
    page.goto("/login")
    page.fill("input[name=username]", person.username)
    page.fill("input[name=password]", PASSWORD)
    page.click("form button.main")
    page.wait_for_url(lambda address: "/login" not in address)
    expect(page.locator("#status .dot.live")).to_be_attached(timeout=20_000)
    return AgentPage(person, page)
