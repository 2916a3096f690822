"""The export of the call log on its page: saved, followed, cancelled, refused while others run."""

import csv
from pathlib import Path

from playwright.sync_api import Route, expect

from tests.browser.conftest import LogIn, in_both_sizes
from tests.browser.test_access import overflow, violations


def test_export_of_the_log_is_saved_counts_its_rows_and_is_cancelled(log_in: LogIn) -> None:
    page = log_in("sara", at="/calls?direction=inbound", language="en")
    progress = page.locator("#export-progress")
    form = page.locator("form[data-export]")
    with page.expect_download() as saved:
        form.get_by_role("button", name="CSV").click()
    expect(progress).to_contain_text(f"{saved.value.suggested_filename} was saved.")
    rows = list(csv.reader(Path(saved.value.path()).read_text("utf-8-sig").splitlines()))
    assert len(rows) > 1

    # An export that takes longer: how far it is, and its end by the button.
    ended: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            ended.append(route.request.url)
        route.fulfill(status=200, json={"rows": 1500, "total": 6000})

    page.route("**/api/v1/exports/**", answer)
    page.route("**/calls/export", lambda _: None)  # Never answered.
    form.get_by_role("button", name="Excel").click()
    expect(progress).to_contain_text("1,500 of 6,000 rows written")
    assert progress.locator("progress").get_attribute("value") == "1500"
    for size in in_both_sizes(page):
        page.evaluate("scrollTo(0, 0)")  # A row half below the bar would be a small target.
        assert violations(page) == [], size
        assert overflow(page) <= 0, size
    progress.get_by_role("button", name="Cancel").click()
    expect(progress).to_contain_text("The export was cancelled.")
    expect(progress.locator("progress")).to_have_count(0)
    assert len(ended) == 1
    assert ended[0].endswith("/cancel")

    page.unroute("**/calls/export")
    page.route("**/calls/export", lambda route: route.fulfill(status=503, body="busy"))
    form.get_by_role("button", name="CSV").click()
    expect(progress).to_contain_text("Two exports are already running.")
