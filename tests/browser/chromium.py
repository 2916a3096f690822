"""Chromium for the tests, with the flags they start it with."""

from tests.tools import CHROMIUM, NODE_LIBRARIES, prepare_playwright

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """Return its path, with Playwright ready to start it. Skips the test where it is missing."""
    NODE_LIBRARIES.ensure_for_test()
    prepare_playwright()
    return str(CHROMIUM.ensure_for_test())
