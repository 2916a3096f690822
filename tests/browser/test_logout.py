"""After a log-out no text about customers stays in the browser."""

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import LogIn

STORED = "JSON.stringify({ ...localStorage, ...sessionStorage })"
QUESTION = "Text that you have not saved is only in this browser. Logging out deletes it."
KEEP = """() => {
  // As if typed a while ago: what was typed just now may still be on its way.
  const draft = JSON.stringify({ values: { notes: "Begun by Laleh" }, at: Date.now() - 5000 });
  localStorage.setItem("screenpop.form.maryam./customers/8/edit", draft);
  localStorage.setItem("screenpop.note.maryam.office/1", JSON.stringify({ text: "Hotel" }));
  localStorage.setItem("screenpop.muted", "yes");
  sessionStorage.setItem("screenpop.answers", JSON.stringify([["a voucher", "SP-1234"]]));
}"""


def log_out(page: Page) -> None:
    page.locator("form[action='/logout'] button").click()


@pytest.mark.defends("browser-storage")
def test_half_filled_form_is_deleted_by_a_log_out_after_a_question(log_in: LogIn) -> None:
    office = log_in("maryam", at="/customers/7/edit")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        if len(asked) == 1:
            dialog.dismiss()
        else:
            dialog.accept()

    office.on("dialog", answer)
    office.evaluate(KEEP)
    log_out(office)
    expect(office).to_have_url(re.compile("/customers/7/edit$"))
    assert "Begun by Laleh" in office.evaluate(STORED)
    log_out(office)
    expect(office).to_have_url(re.compile(r"/login\?why=logged_out$"))
    office.wait_for_function("!localStorage.getItem('screenpop.note.maryam.office/1')")
    assert asked == [QUESTION] * 2
    stored = office.evaluate(STORED)
    assert "Begun" not in stored
    assert "SP-1234" not in stored
    assert office.evaluate("localStorage.getItem('screenpop.muted')") == "yes"
