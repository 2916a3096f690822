"""On the card of an answered call: the missing fact that is asked for, answered by the keyboard."""

import sqlite3

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LogIn, is_live
from tests.browser.demo_server import DemoServer

NEW_CUSTOMER = """
async (customer) => {
  const answer = await fetch("/api/v1/customers?anyway=true", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(customer),
  });
  return (await answer.json()).id;
}
"""


def new_customer(desk: Page, number: str, **more: object) -> int:
    """A customer with a name and one number only, and what ``more`` holds."""
    names = {"fa": {"given": "پروانه", "family": "شایان"}}
    customer = {"names": names, "numbers": [{"number": number}], **more}
    made: int = desk.evaluate(NEW_CUSTOMER, customer)
    return made


def test_a_jalali_birthday_is_asked_for_and_saved_by_keys_and_stays_typed_through_the_next_ring(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("eleni", language="fa")
    is_live(desk)
    customer = new_customer(desk, "09351290001", heard_from="رادیو")
    server.play(caller="09351290001", to="102", ring_s=1, talk_s=300)
    card = desk.locator("article.card[data-state=talking]")
    question = card.locator("form[data-fact=birthday]")
    answer = card.locator("[name=answer]")
    expect(question).to_contain_text("تاریخ تولد را بپرسید")

    desk.keyboard.press("q")
    desk.keyboard.type("۱۳۶۶/۱۳/۱۲")
    desk.keyboard.press("Enter")
    expect(card.locator(".work-state[data-bad]")).to_contain_text("این تاریخ نیست")
    expect(answer).to_have_attribute("aria-invalid", "true")
    expect(answer).to_be_focused()
    desk.keyboard.press("Control+A")
    desk.keyboard.type("۱۳۶۶/")
    server.play(caller="09351290002", to="102", ring_s=300)
    expect(desk.locator("article.card[data-state=ringing]")).to_be_visible()
    expect(answer).to_be_focused()
    desk.keyboard.type("۰۵/۱۲")
    desk.keyboard.press("Enter")

    expect(card.locator(".work-state")).to_contain_text("تاریخ تولد ثبت شد")
    expect(question).to_have_count(0)
    desk.goto(f"/customers/{customer}")
    expect(desk.locator("#part-details dl.facts")).to_contain_text("۱۲ مرداد ۱۳۶۶")


def test_a_question_is_declined_in_one_tap_and_not_asked_again(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("maryam")
    is_live(desk)
    new_customer(desk, "09351290003")
    server.play(caller="09351290003", to="101", ring_s=1, talk_s=300)
    card = desk.locator("article.card[data-state=talking]")
    card.locator("form[data-fact=heard_from] [data-decline]").click()
    expect(card.locator(".work-state")).to_have_text("Not asked again for now.")
    desk.reload()
    expect(card.locator("[data-due]").first).to_be_visible()
    expect(card.locator("[name=answer]")).to_have_count(0)


def test_a_second_number_that_others_have_is_saved_only_after_a_warning_with_their_names(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("eleni", language="el")
    is_live(desk)
    known = {"heard_from": "radio", "birthday": "1987-08-03", "emails": ["p@example.com"]}
    customer = new_customer(desk, "09351290004", **known)
    new_customer(desk, "09351290005")
    server.play(caller="09351290004", to="102", ring_s=1, talk_s=300)
    card = desk.locator("article.card[data-state=talking]")
    answer = card.locator("form[data-fact=second_number] [name=answer]")
    answer.fill("0935 129 0005")
    answer.press("Enter")
    expect(card.locator(".asked-shared")).to_contain_text("پروانه شایان")
    expect(answer).to_have_value("0935 129 0005")
    answer.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(card.locator(".work-state")).to_have_text("Το δεύτερο τηλέφωνο αποθηκεύτηκε.")
    desk.goto(f"/customers/{customer}")
    expect(desk.locator("#numbers")).to_contain_text("+98 935 129 0005")


def card_with_an_offer(desk: Page, server: DemoServer, number: str) -> Locator:
    """A new customer whose birthday is today talks to Maryam."""
    is_live(desk)
    # In the office's time zone, which is the browser's: in Greenwich it may be the day before.
    birthday = desk.evaluate("new Date().toLocaleDateString('en-CA').slice(5, 10)")
    new_customer(desk, number, birthday=birthday, marketing_consent=True)
    server.play(caller=number, to="101", ring_s=1, talk_s=300)
    return desk.locator("article.card[data-state=talking]")


def test_a_no_has_its_reason_in_one_tap_and_the_offer_is_quiet_on_the_next_call(
    log_in: LogIn, server: DemoServer
) -> None:
    card = card_with_an_offer(log_in("maryam"), server, "09351290006")
    offer = card.locator(".offer").first
    text = offer.locator(".offer-text").inner_text()
    offer.locator("[data-answer=no]").click()
    expect(offer.locator("[data-why]")).to_have_count(5)
    offer.locator("[data-why=price]").click()
    expect(offer.locator("[data-why]")).to_have_count(0)
    expect(offer.locator(".act")).to_contain_text("Price")
    server.finish_calls()
    server.logged("9351290006")
    server.play(caller="09351290006", to="101", ring_s=1, talk_s=300)
    expect(card.locator("[data-due]").first).to_be_visible()
    expect(card.locator(".offer-text").filter(has_text=text)).to_have_count(0)


def test_an_answer_that_cannot_be_saved_is_reported_and_its_buttons_come_back(
    log_in: LogIn, server: DemoServer
) -> None:
    card = card_with_an_offer(log_in("maryam"), server, "09351290007")
    offer = card.locator(".offer").first
    expect(offer).to_be_visible()
    backup = sqlite3.connect(server.data / "screenpop.db", isolation_level=None)
    try:
        backup.execute("BEGIN IMMEDIATE")
        offer.locator("[data-answer=later]").click()
        expect(offer.locator("[role=alert]")).to_contain_text("could not be saved")
    finally:
        backup.close()
    offer.locator("[data-answer=later]").click()
    expect(offer.locator(".answered")).to_be_visible()
    expect(offer.locator("[role=alert]")).to_have_count(0)
