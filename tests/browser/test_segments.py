"""A segment in Persian: made, counted, listed, its customers tagged in one step, and undone."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.test_access import overflow, violations


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f"select[name='{name}']").select_option(value)


def test_a_segment_is_made_and_its_customers_are_tagged_and_changed_back(log_in: LogIn) -> None:
    page = log_in("sara", language="fa", at="/segments/new")
    page.get_by_label("نام دسته").fill("خانواده‌های تهرانی")
    choose(page, "r.0.0.field", "city")
    page.locator("input[name='r.0.0.value']").fill("Tehran")
    page.locator("button[value='add_row.0']").click()
    choose(page, "r.0.1.field", "trip.season")
    page.get_by_role("checkbox", name="بهار").check()
    number = page.locator(".segment-result .segment-count")
    expect(number).to_contain_text("مشتری")
    expect(page.locator(".segment-words")).to_contain_text("سفری با فصل حرکت: بهار")
    assert violations(page) == []
    assert overflow(page) <= 0
    count = number.inner_text()

    page.get_by_role("button", name="ذخیره").click()
    segment = page.get_by_role("region", name="خانواده‌های تهرانی")
    expect(segment.locator(".segment-count")).to_have_text(count)
    segment.get_by_role("link", name="نمایش فهرست").click()
    expect(page.locator(".segment-line .segment-count")).to_have_text(count)
    expect(page.locator("tbody tr").first).to_contain_text("تهران")

    page.get_by_role("button", name="تغییر همهٔ این فهرست").click()
    page.get_by_label("برچسب", exact=True).fill("نوروز")
    page.get_by_role("button", name="اول بشمار").click()
    expect(page.get_by_role("status")).to_contain_text(f"{count} تغییر می‌کند")
    page.get_by_role("button", name=f"تغییر {count}").click()
    expect(page.get_by_role("status")).to_contain_text(f"{count} تغییر کرد")
    page.get_by_role("button", name="لغو").click()
    expect(page.get_by_role("status").last).to_contain_text(f"لغو شد: {count}")
    assert violations(page) == []
    page.goto("/segments")
    segment.get_by_role("link", name="ویرایش").click()
    page.get_by_role("button", name="حذف دسته").click()
    expect(page.get_by_role("status")).to_have_text("دسته حذف شد.")
