"""A user with a keyboard only, whose keys are counted."""

from playwright.sync_api import Page

MAX_TABS = 80


class Keyboard:
    """Presses keys on one page. ``keys`` counts them; typed text counts apart, as ``letters``."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0
        self.letters = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.letters += len(text)

    def tab_to(self, selector: str, *, back: bool = False) -> None:
        """Press Tab until an element of this selector has the focus."""
        for _ in range(MAX_TABS):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{selector} has no focus after {MAX_TABS} times Tab")

    def step_to(self, row: str) -> None:
        """Press the key for the next row until this row has the focus."""
        for _ in range(MAX_TABS):
            if self.page.evaluate("s => document.activeElement.closest(s) !== null", row):
                return
            self.press("j")
        raise AssertionError(f"{row} has no focus after {MAX_TABS} rows")

    def activate(self, selector: str, *, back: bool = False) -> None:
        """Go to an element and press Enter."""
        self.tab_to(selector, back=back)
        self.press("Enter")
