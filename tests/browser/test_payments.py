"""Payments of a trip in the browser: monthly cheques entered and marked in Persian."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import LogIn
from tests.browser.test_access import overflow, violations


def test_monthly_cheques_are_entered_in_persian_days_and_paid_with_one_tap(log_in: LogIn) -> None:
    office = log_in("admin", language="fa", at="/customers/13/trips/new")
    for name, text in (("destination", "قشم"), ("price", "۱۰۰٬۰۰۰٬۰۰۱"), ("currency", "IRT")):
        office.locator(f"[name={name}]").fill(text)
    office.get_by_role("button", name="ذخیره").click()
    trip = office.locator("#trips li", has_text="قشم")
    trip.get_by_role("link", name="پرداخت‌ها").click()
    expect(office.locator("[name=amount]")).to_have_value("100000001")
    office.locator("[name=method]").select_option("cheque")
    office.locator("[name=due]").fill("۱۳۹۹/۰۶/۳۱")
    office.locator("[name=parts]").fill("۴")
    office.get_by_role("button", name="افزودن").click()
    rows = office.locator("ul.payments li")
    expect(rows).to_have_count(4)
    expect(rows.locator(".meta")).to_have_text(
        ["۳۱ شهریور ۱۳۹۹", "۳۰ مهر ۱۳۹۹", "۳۰ آبان ۱۳۹۹", "۳۰ آذر ۱۳۹۹"]
    )
    expect(rows.first).to_contain_text("۲۵٬۰۰۰٬۰۰۰ تومان")
    expect(rows.last).to_contain_text("۲۵٬۰۰۰٬۰۰۱ تومان")
    assert violations(office) == []
    assert overflow(office) <= 0

    office.get_by_role("link", name=re.compile("قشم")).click()
    overdue = trip.locator(".trip-payment")
    expect(overdue).to_have_count(4)
    overdue.first.get_by_role("button", name="امروز پرداخت شد").click()
    expect(overdue).to_have_count(3)
    expect(trip).to_contain_text("۷۵٬۰۰۰٬۰۰۱ تومان")
    expect(office.locator(".history li").first).to_contain_text("پرداخت انجام شد")
