"""An attached file, from the form to the page that shows it."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import LogIn
from tests.customers.attached_files import PNG


def test_a_file_is_attached_and_opened_in_persian(log_in: LogIn, tmp_path: Path) -> None:
    large, scan = tmp_path / "large.png", tmp_path / "scan.png"
    large.write_bytes(PNG + bytes(10 * 1024 * 1024))
    scan.write_bytes(PNG)
    page = log_in("sara", language="fa")
    page.goto("/customers/3/attachments/new")
    file = page.locator("input[type=file]")
    page.get_by_label("نوع").select_option("passport_copy")
    file.set_input_files(large)
    expect(page.get_by_role("alert")).to_contain_text("۱۰ مگابایت")
    page.get_by_role("button", name="ذخیره", exact=True).click()
    expect(page).to_have_url("/customers/3/attachments/new")
    file.set_input_files(scan)
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="ذخیره", exact=True).click()

    kept = page.locator("#attachments li").filter(has_text="scan.png")
    expect(kept).to_be_visible()
    with page.expect_popup() as opened:
        kept.get_by_role("link").click()
    # The picture is painted although its page may run nothing.
    picture = opened.value.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 1
