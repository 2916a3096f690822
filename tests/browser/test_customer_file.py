"""From the card to the file: create, link, choose; and in the office: edit, merge, take apart."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn, card_of, in_both_sizes, is_live
from tests.browser.cut_line import CutLine
from tests.browser.demo_server import DemoServer
from tests.browser.stranger_cards import (
    card_of_stranger,
    create,
    open_create_form,
    search_to_link,
)

SHARED = "+982188776655"
"""Shirin and Kaveh Sohrabi's."""


def test_an_unknown_caller_is_put_on_file_in_two_clicks(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("maryam")
    card = card_of_stranger(desk, server, "+306970005001", "101", name="Eva Kanaki")
    expect(open_create_form(card)).to_have_value("Eva")
    expect(card.get_by_label("Family name")).to_have_value("Kanaki")
    card.get_by_role("button", name="Save").click()

    known = card_of(desk, "Eva Kanaki").whole.first
    expect(known).to_have_attribute("data-match", "certain")
    desk.goto("/customers?q=kanaki")
    expect(desk.locator("tbody")).to_contain_text("+30 697 000 5001")


def test_an_unknown_caller_is_linked_while_one_types_and_past_calls_follow(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("eleni")
    is_live(desk)
    server.play(caller="+306970005002", to="102", outcome="missed", ring_s=1)
    server.play(caller="+306970005002", to="102", ring_s=1, talk_s=60)
    # The missed call's card is there too, below the one in hand.
    expect(desk.locator("article.card[data-state=talking]")).to_be_visible()
    card = card_of(desk, "+30 697 000 5002").open()
    found = search_to_link(desk, card, "παπαδοπουλοσ νικ").first
    expect(found).to_contain_text("Nikos Papadopoulos")
    found.click()

    known = card_of(desk, re.compile("Nikos Papadopoulos")).whole.first
    expect(known).to_have_attribute("data-match", "certain")
    link = known.get_by_role("link", name="Open the file").get_attribute("href")
    desk.goto(str(link))
    expect(desk.locator("#numbers")).to_contain_text("+30 697 000 5002")
    expect(desk.locator(".history")).to_contain_text("Number linked from a call")


def test_the_agents_choice_on_a_shared_number_is_remembered(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("nikos", language="en")
    is_live(desk)
    server.play(caller=SHARED, to="103", ring_s=1, talk_s=5)
    card = desk.locator("article.card[data-match=shared]").first
    expect(card).to_be_visible()
    shirin = card.locator(".candidates li", has_text="Shirin")
    shirin.get_by_role("button", name="This is the caller").click()
    known = card_of(desk, re.compile("Shirin")).whole.first
    expect(known).to_have_attribute("data-match", "certain")
    expect(known).to_contain_text("Confirmed by Νίκος")
    desk.reload()
    is_live(desk)
    server.play(caller=SHARED, to="103", ring_s=1, talk_s=30)
    again = desk.locator("article.card[data-match=shared]").first
    first = again.locator(".candidates li").first
    expect(first).to_contain_text("Shirin")
    expect(first).to_contain_text("Chosen last time")


def test_what_is_typed_into_the_search_survives_new_revisions(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("maryam")
    ringing = card_of_stranger(desk, server, "+306970005003", "101", ring_s=6)
    expect(ringing).to_have_attribute("data-state", "ringing")
    search_to_link(desk, ringing, "lal")
    card = card_of(desk, "+30 697 000 5003")
    card.has_state("talking")
    field = card.whole.first.get_by_role("searchbox")
    expect(field).to_be_focused()
    expect(field).to_have_value("lal")


def make(page: Page, given: str, family: str, number: str, *, is_on_file: bool = False) -> str:
    page.goto("/customers/new")
    page.locator("input[name=name_en_given]").fill(given)
    page.locator("input[name=name_en_family]").fill(family)
    page.locator("input[name=number]").fill(number)
    page.get_by_role("button", name="Save").click()
    if is_on_file:
        page.get_by_role("button", name="Create anyway").click()
    page.wait_for_url(re.compile(r"/customers/\d+$"))
    return page.url.rsplit("/", 1)[1]


def test_two_files_are_merged_and_taken_apart_again(log_in: LogIn) -> None:
    office = log_in("sara")
    one = make(office, "Twice", "Told", "+306970005004")
    other = make(office, "Twice", "Told", "+306970005004", is_on_file=True)
    office.goto("/customers/duplicates")
    office.locator("tr", has_text=f"#{one}").get_by_role("link", name="Compare").click()
    office.get_by_role("button", name="Merge into").click()
    office.wait_for_url(f"**/customers/{one}")
    expect(office.locator(".merge-note")).to_contain_text("Merged from")
    office.goto(f"/customers/{other}")
    office.wait_for_url(f"**/customers/{one}")
    office.get_by_role("button", name="Undo merge").click()
    expect(office.locator(".merge-note")).to_have_count(0)
    office.goto(f"/customers/{other}")
    expect(office).to_have_url(re.compile(f"/customers/{other}$"))


def unfold(page: Page) -> None:
    """Open the folded sections of the form of a customer on file."""
    for name in ("details", "likes"):
        page.locator(f"#{name} > summary").click()


def test_what_is_typed_into_a_form_survives_a_lost_line(log_in: LogIn) -> None:
    office = log_in("maryam")
    office.goto("/customers/7/edit")
    unfold(office)
    notes = office.locator("textarea[name=notes]")
    notes.fill("Typed on the train")
    office.context.set_offline(True)
    office.get_by_role("button", name="Save").click()
    expect(office.locator("[data-kept]")).to_contain_text("No connection to the server")
    office.context.set_offline(False)
    office.wait_for_url(re.compile(r"/customers/7$"))
    expect(office.locator(".notes-text")).to_contain_text("Typed on the train")
    office.goto("/customers/7/edit")
    expect(office.locator("[data-kept]")).to_have_text("")


def test_an_edit_goes_on_while_the_line_is_cut_and_is_saved_when_it_is_whole_again(
    log_in: LogIn, line: CutLine
) -> None:
    office = log_in("maryam", url=line.url)
    office.goto(f"{line.url}/customers/8/edit")
    unfold(office)
    notes = office.locator("textarea[name=notes]")
    notes.fill("Typed before")
    line.cut()
    notes.press_sequentially(" and after the cut")
    office.get_by_role("button", name="Save").click()
    expect(office.locator("[data-kept]")).to_contain_text("No connection to the server")
    line.mend()
    office.wait_for_url(re.compile(r"/customers/8$"))
    expect(office.locator(".notes-text")).to_contain_text("Typed before and after the cut")


@pytest.mark.parametrize("answered", [False, True])
def test_an_edit_is_not_lost_when_the_line_breaks_while_it_is_saved(
    log_in: LogIn, line: CutLine, *, answered: bool
) -> None:
    """The line is cut before the command reaches the server, or before its answer comes back."""
    number, text = (9, "The answer never came") if answered else (10, "Nobody heard it")
    edit = f"{line.url}/customers/{number}/edit"
    office = log_in("maryam", url=line.url)
    office.goto(edit)
    unfold(office)
    office.locator("textarea[name=notes]").fill(text)
    cut = line.cut_at(f"POST /customers/{number}/edit".encode(), answered=answered)
    with office.expect_event("framenavigated", lambda frame: frame.url.startswith("chrome-error:")):
        office.get_by_role("button", name="Save").click(no_wait_after=True)
    assert cut.is_set()
    line.mend()
    office.goto(edit)
    expect(office.locator("textarea[name=notes]")).to_have_value(text)
    if not answered:
        expect(office.locator("[data-kept]")).to_have_text("Your unsaved text has been restored.")
        office.get_by_role("button", name="Save").click()
        office.wait_for_url(re.compile(f"/customers/{number}$"))
    office.goto(f"{line.url}/customers/{number}")
    expect(office.locator(".notes-text")).to_contain_text(text)


def test_typed_text_is_kept_when_another_user_changed_the_customer_meanwhile(
    log_in: LogIn,
) -> None:
    office, colleague = log_in("maryam"), log_in("eleni")
    office.goto("/customers/11/edit")
    unfold(office)
    office.locator("textarea[name=notes]").fill("Typed before the window was closed")
    office.goto("/")
    colleague.goto("/customers/11/edit")
    unfold(colleague)
    colleague.locator("input[name=tags]").fill("changed by eleni")
    colleague.get_by_role("button", name="Save").click()
    colleague.wait_for_url(re.compile(r"/customers/11$"))
    office.goto("/customers/11/edit")
    expect(office.locator("[data-kept]")).to_contain_text("This record was changed in the meantime")
    expect(office.locator("textarea[name=notes]")).to_have_value(re.compile("^Typed before"))
    expect(office.locator("input[name=tags]")).to_have_value("changed by eleni")
    office.get_by_role("button", name="Save").click()
    office.wait_for_url(re.compile(r"/customers/11$"))
    expect(office.locator(".notes-text")).to_contain_text("Typed before the window was closed")
    office.goto("/customers/11/edit")
    expect(office.locator("[data-kept]")).to_have_text("")


@pytest.mark.parametrize("language", ["en", "fa", "el"])
def test_no_page_of_the_file_is_wider_than_its_window(log_in: LogIn, language: str) -> None:
    office = log_in("admin", language=language, theme="dark")
    for path in (
        "/customers/1",
        "/customers/1/edit",
        "/customers/1/trips/new",
        "/customers/2/cases/new",
        "/customers/duplicates",
        "/customers/numbers?problem=shared",
        "/customers/1/merge?with=2",
        "/offers/1",
    ):
        office.goto(path)
        for size in in_both_sizes(office):
            wide = office.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (path, size)


def test_a_supervisor_takes_along_what_was_found(log_in: LogIn) -> None:
    office = log_in("sara", at="/customers")
    expect(office.get_by_text("Export all")).to_be_visible()
    office.get_by_role("searchbox").fill("papadopoulos")
    expect(office.get_by_text("Export results")).to_be_visible()
    with office.expect_download() as coming:
        office.get_by_role("button", name="CSV").click()
    file = coming.value
    assert re.fullmatch(r"customers-\d{4}-\d{2}-\d{2}\.csv", file.suggested_filename)
    lines = file.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Screenpop number,Code,Title,First name,Last name,Mobile")
    assert 1 < len(lines) < 200
    assert any("Papadopoulos" in line for line in lines)
    assert "Balance" not in lines[0]  # sales does not see it


def test_an_administrator_prints_all_that_is_kept_and_erases_after_typing_the_name(
    log_in: LogIn,
) -> None:
    office = log_in("admin")
    customer_id = make(office, "Zoe", "Zarkadaki", "+306970005021")
    office.get_by_role("link", name="Changes").click()
    office.get_by_role("link", name="All stored data").click()
    office.get_by_label("Your password").fill("demo")
    office.get_by_role("button", name="Continue").click()
    expect(office.get_by_role("heading", name="All data about Zoe Zarkadaki")).to_be_visible()
    expect(office.locator("main")).to_contain_text("+306970005021")
    expect(office.get_by_role("button", name="Print")).to_be_visible()

    office.goto(f"/customers/{customer_id}")
    office.get_by_role("link", name="Erase permanently").click()  # the part opened last
    office.get_by_label("Type the full name").fill("Zoe")
    office.get_by_label("Your password").fill("demo")
    office.get_by_role("button", name="Erase permanently").click()
    expect(office.get_by_role("alert")).to_contain_text("not the name on the file")
    office.get_by_label("Type the full name").fill("zoe zarkadaki")
    office.get_by_label("Your password").fill("demo")
    office.get_by_role("button", name="Erase permanently").click()
    expect(office.get_by_role("status").filter(has_text="erased")).to_be_visible()
    assert office.request.get(f"/customers/{customer_id}").status == 404
    office.goto("/customers?q=zarkadaki")
    expect(office.locator("#rows")).to_contain_text("No customers found")


def test_an_agent_has_no_button_to_take_customers_along(log_in: LogIn) -> None:
    desk = log_in("maryam", at="/customers")
    expect(desk.locator("tbody tr").first).to_be_visible()
    expect(desk.locator(".export-link")).to_have_count(0)


def test_a_wrong_link_is_undone_from_the_card(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("maryam")
    card = card_of_stranger(desk, server, "+306970005077", "101")
    found = search_to_link(desk, card, "papadopoulos nik").filter(has_text="Gold").first
    expect(found).to_contain_text("Nikos Papadopoulos")
    expect(found.locator(".pill").first).to_be_visible()  # the tier
    expect(found).to_contain_text("customer since")
    found.click()
    known = card_of(desk, re.compile("Nikos Papadopoulos")).whole.first
    expect(known).to_have_attribute("data-match", "certain")
    desk.reload()  # the card knows it, not the page
    known = card_of(desk, re.compile("Nikos Papadopoulos")).whole.first
    file = known.get_by_role("link", name="Open the file").get_attribute("href")

    known.get_by_role("button", name="Wrong customer? Undo").click()

    card = card_of(desk, "+30 697 000 5077").whole
    expect(card).to_have_attribute("data-match", "none")
    expect(card.get_by_role("button", name="Wrong customer? Undo")).to_have_count(0)
    desk.goto(str(file))
    expect(desk.locator("#numbers")).not_to_contain_text("+30 697 000 5077")
    expect(desk.locator(".history")).to_contain_text("Link from a call undone")


def test_a_customer_created_by_mistake_is_deleted_from_the_card_and_the_note_stays(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("maryam")
    create(card_of_stranger(desk, server, "+306970005079", "101"), "Mistaken", "Person")
    known = card_of(desk, "Mistaken Person").whole.first
    expect(known).to_have_attribute("data-match", "certain")
    file = known.get_by_role("link", name="Open the file").get_attribute("href")
    known.get_by_role("textbox").last.fill("Wants Rome in May")
    expect(known).to_contain_text("Saved")

    known.get_by_role("button", name="Created by mistake? Delete").click()

    card = card_of(desk, "+30 697 000 5079").whole
    expect(card).to_have_attribute("data-match", "none")
    expect(card.get_by_role("textbox").last).to_have_value("Wants Rome in May")
    answer = desk.goto(str(file))
    assert answer is not None
    assert answer.status == 404


def test_a_created_customer_changed_since_stays_and_the_card_has_the_reason(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("maryam")
    create(card_of_stranger(desk, server, "+306970005080", "101"), "Kept", "Person")
    known = card_of(desk, "Kept Person").whole.first
    file = known.get_by_role("link", name="Open the file").get_attribute("href")
    other = desk.context.new_page()
    other.goto(f"{file}/edit")
    unfold(other)
    other.get_by_label("Tags").fill("wine")
    other.get_by_role("button", name="Save").click()
    expect(other.locator("main")).to_contain_text("wine")

    known.get_by_role("button", name="Created by mistake? Delete").click()

    expect(known.get_by_role("status").filter(has_text="changed or used since")).to_be_visible()
    expect(known).to_have_attribute("data-match", "certain")


def test_a_shared_number_is_headed_by_the_household_with_a_last_trip_for_each_person(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("maryam")
    is_live(desk)
    server.play(caller=SHARED, to="101", outcome="abandoned", ring_s=60)
    card = desk.locator("article.card[data-match=shared][data-state=ringing]").first
    card.get_by_role("button", name="Show").or_(card.locator(".candidates")).first.click()
    expect(card.locator(".candidates")).to_be_visible()
    heading = card.get_by_role("heading", level=2)
    expect(heading).not_to_contain_text("Shirin")
    expect(heading).not_to_contain_text("Kaveh")
    rows = card.locator(".candidates li")
    texts = [row.inner_text() for row in rows.all()]
    assert len(texts) == len(set(texts)) == 2
    assert all("Last trip" in text or "customer since" in text for text in texts)


def test_customers_that_a_new_one_may_be_are_listed_on_the_form_and_it_is_saved_anyway(
    log_in: LogIn,
) -> None:
    page = log_in("maryam", at="/customers/new?number=%2B982188776655&name=Eva+Sohrabi")
    page.get_by_role("button", name="Save").click()
    on_file = page.locator("#on-file")
    expect(on_file).to_contain_text("Shirin")

    page.get_by_label("Given name").first.press("Enter")  # looks again, and creates none
    page.wait_for_load_state()
    expect(on_file).to_contain_text("Shirin")
    page.get_by_role("button", name="Create anyway").click()

    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    expect(page.locator("h1")).to_contain_text("Eva Sohrabi")


def test_the_card_lists_customers_with_the_name_of_a_new_one_while_it_is_typed(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("eleni")
    card = card_of_stranger(desk, server, "+306970005099", "102")
    open_create_form(card).fill("Nikos")
    card.get_by_label("Family name").fill("Papadopulos")

    card.locator(".on-file button", has_text="Nikos Papadopoulos").first.click()

    known = card_of(desk, re.compile("Nikos Papadopoulos")).whole.first
    expect(known).to_have_attribute("data-match", "certain")
