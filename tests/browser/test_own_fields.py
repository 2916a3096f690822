"""An admin makes a field, an agent fills it in, and it is on the card of the next call."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn, is_live
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import violations


@pytest.mark.slow
def test_a_choice_field_of_an_admin_is_filled_in_and_is_on_the_card_in_persian(
    log_in: LogIn, server: DemoServer
) -> None:
    admin = log_in("admin", at="/admin/fields/new")
    for code, name in (("en", "Meal on board"), ("fa", "غذای پرواز"), ("el", "Γεύμα πτήσης")):
        admin.fill(f"[name=name_{code}]", name)
    admin.select_option("[name=kind]", "choice")
    admin.check("[name=on_card]")
    for place, names in enumerate((("Halal", "حلال"), ("Vegetarian", "گیاهی"))):
        for code, name in zip(("en", "fa"), names, strict=True):
            admin.fill(f"[name=new_{place}_{code}]", name)
    assert violations(admin) == []
    admin.click("main .save-bar .main")
    admin.get_by_role("link", name="Meal on board").click()
    expect(admin.locator("[name=choice_1_fa]")).to_have_value("حلال")
    assert violations(admin) == []

    desk = log_in("eleni", language="fa", at="/customers/new?number=09351290077")
    desk.fill("[name=name_fa_given]", "پروانه")
    desk.fill("[name=name_fa_family]", "شایان")
    desk.get_by_label("غذای پرواز").select_option(label="گیاهی")
    assert violations(desk) == []
    desk.click("main .save-bar .main")
    expect(desk.locator("#part-details dl.facts")).to_contain_text("گیاهی")

    desk.goto("/")
    is_live(desk)
    server.play(caller="09351290077", to="102", ring_s=1, talk_s=300)
    card = desk.locator("article.card[data-state=talking]")
    expect(card.locator(".own-values")).to_have_text("غذای پرواز گیاهی", use_inner_text=True)
