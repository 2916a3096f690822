"""A sheet from LibreOffice is dropped, corrected, read about, brought in, found and undone."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn, in_both_sizes
from tests.browser.test_access import overflow, violations

SHEETS = Path(__file__).parents[1] / "spreadsheets" / "sheets"
DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  const where = document.querySelector(".drop-zone");
  for (const type of ["dragover", "drop"])
    where.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
}"""


def drop(page: Page, name: str, data: bytes) -> None:
    expect(page.locator("form.drop[data-ready]")).to_be_attached()
    page.evaluate(DROP, [name, base64.b64encode(data).decode()])


def test_a_sheet_is_dropped_corrected_brought_in_found_and_undone(log_in: LogIn) -> None:
    office = log_in("sara", at="/customers")
    office.get_by_role("link", name="Import").click()
    drop(office, "persian.ods", (SHEETS / "persian.ods").read_bytes())

    notes = office.get_by_role("combobox", name="توضیحات")
    expect(notes).to_have_value("notes")
    expect(office.get_by_role("row", name=re.compile("توضیحات"))).to_contain_text("نزدیک دریا")
    notes.select_option("preferences")
    office.get_by_role("button", name="Check without importing").click()

    tiles = office.get_by_role("navigation", name="Result of each row")
    expect(tiles.get_by_role("link", name=re.compile("New customers"))).to_contain_text("3")
    expect(office.locator("#rows")).to_contain_text("با تشکر از همکاران")
    expect(office.locator("#rows")).to_contain_text("Only a name is given.")
    tiles.get_by_role("link", name=re.compile("with a note")).click()
    expect(office.locator("#rows tbody tr")).to_have_count(3)
    expect(office.locator("#rows")).to_contain_text("1365/05/12")
    with office.expect_download() as report:
        office.get_by_role("link", name="Full report (CSV)").click()
    assert "سارا امینی" in Path(report.value.path()).read_text(encoding="utf-8-sig")

    office.get_by_role("button", name="Import now").click()
    expect(office.get_by_role("main").get_by_role("status")).to_contain_text("Import finished")
    office.get_by_role("link", name="Go to customers").click()
    office.get_by_role("searchbox").fill("اميني سارا")
    expect(office.locator("#rows tbody tr")).to_have_count(1)
    expect(office.locator("#rows tbody")).to_contain_text("+98 912 333 4455")

    office.goto("/customers/import")
    office.get_by_role("button", name="Undo persian.ods").first.click()
    undone = office.get_by_role("main").get_by_role("status")
    expect(undone).to_contain_text("Everything is as it was before")
    office.goto("/customers?q=%D8%A7%D9%85%DB%8C%D9%86%DB%8C+%D8%B3%D8%A7%D8%B1%D8%A7")
    expect(office.locator("#rows")).to_contain_text("No customers found")

    # The same headings need no correction again.
    office.goto("/customers/import")
    drop(office, "persian.csv", (SHEETS / "persian.csv").read_bytes())
    expect(office.get_by_role("combobox", name="توضیحات")).to_have_value("preferences")


def test_a_program_with_another_name_is_refused_in_a_sentence(log_in: LogIn) -> None:
    office = log_in("sara", at="/customers/import", language="el")
    drop(office, "customers.xlsx", b"MZ\x90\x00 a program")
    expect(office.get_by_role("alert")).to_contain_text("Είναι πρόγραμμα με άλλο όνομα")


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(log_in: LogIn) -> None:
    office = log_in("sara", at="/customers/import", language="fa")
    office.evaluate('() => { document.querySelector(".drop").dataset.largest = "10"; }')
    drop(office, "a.csv", b"more than ten bytes")
    expect(office.get_by_role("alert")).to_contain_text("بزرگ‌تر")
    expect(office.get_by_text("فایل مشتریان را اینجا رها کنید")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("fa", "dark"), ("el", "light")])
def test_each_page_on_the_way_is_without_fault(log_in: LogIn, language: str, theme: str) -> None:
    page = log_in("sara", at="/customers/import", language=language, theme=theme)

    def is_without_fault() -> None:
        for size in in_both_sizes(page):
            assert (violations(page), overflow(page) <= 0) == ([], True), size

    is_without_fault()
    drop(page, "greek.xlsx", (SHEETS / "greek.xlsx").read_bytes())
    expect(page.locator(".columns select").first).to_be_visible()
    is_without_fault()
    page.locator(".columns-form button.main").click()
    expect(page.locator(".tiles")).to_be_visible()
    is_without_fault()


def test_an_agent_finds_no_way_to_bring_in_sheets(log_in: LogIn) -> None:
    desk = log_in("maryam", at="/customers")
    expect(desk.locator("h1")).to_be_visible()
    expect(desk.locator("a[href='/customers/import']")).to_have_count(0)
