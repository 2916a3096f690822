"""The other pages: lists, search, a call's page, playing a call, and missing permissions."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LogIn, card_of, is_live
from tests.browser.demo_server import DemoServer


def test_the_board_follows_a_call_without_a_reload(log_in: LogIn, server: DemoServer) -> None:
    board = log_in("sara", at="/board")
    desk = log_in("nikos")
    is_live(board)
    is_live(desk)
    server.play(caller="+982188776655", to="103", ring_s=4)
    shared = board.locator("tr").filter(has_text="+98 21 8877 6655").first
    expect(shared.locator(".caller .pill")).to_have_text("several people")
    server.finish_calls()
    server.play(caller="+306970000020", to="103", ring_s=4)
    row = board.locator("tr").filter(has_text="+30 697 000 0020")
    expect(row).to_contain_text("Νίκος")
    expect(board.locator("section", has_text="Waiting and ringing").locator(row)).to_have_count(1)
    expect(board.locator("section", has_text="Active calls").locator(row)).to_have_count(1)
    server.finish_calls()
    expect(board.locator("section", has_text="Recently ended").locator(row)).to_contain_text(
        "Answered"
    )


def test_a_call_page_has_the_reason_of_its_card(log_in: LogIn, server: DemoServer) -> None:
    desk, supervisor = log_in("nikos"), log_in("sara", at="/calls")
    is_live(desk)
    server.play(caller="+306970000021", to="103", ring_s=2)
    card_of(desk, "+30 697 000 0021").has_state("talking")
    server.finish_calls()
    server.logged("6970000021")
    supervisor.get_by_label("Name or number").fill("6970000021")
    row = supervisor.locator("#rows tbody tr")
    expect(row).to_have_count(1)
    expect(supervisor).to_have_url(re.compile("q=6970000021"))
    row.locator("a.row-link").click()
    expect(supervisor.locator("#why")).to_contain_text(
        re.compile(r"Νίκος: on the screen .+ after the phone was dialled, .+ before pickup")
    )
    expect(supervisor.locator("#timeline")).to_contain_text("The call ended: Answered")


def test_page_of_a_call_whose_steps_were_deleted_gives_no_reason(log_in: LogIn) -> None:
    supervisor = log_in("sara", at="/calls/1")
    expect(supervisor.locator("#why")).to_have_text("The steps of this call are no longer kept.")
    expect(supervisor.locator("#timeline")).to_be_hidden()


def test_page_of_a_call_in_progress_has_its_steps_so_far(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("nikos")
    is_live(desk)
    server.play(caller="+306970000024", to="103", ring_s=1, talk_s=60)
    card_of(desk, "+30 697 000 0024").has_state("talking")
    call = server.begun("6970000024")
    desk.goto(f"/calls/{call['id']}")
    expect(desk.locator("main")).to_contain_text("This call is in progress.")
    expect(desk.locator("#why")).to_contain_text("Νίκος: on the screen")
    expect(desk.locator("#timeline")).to_contain_text("answered")
    expect(desk.get_by_role("row").filter(has_text="103")).to_contain_text("Νίκος")


def test_a_phone_without_an_agent_is_named(log_in: LogIn, server: DemoServer) -> None:
    supervisor = log_in("sara")
    server.play(caller="+306970000022", to="109", outcome="missed")
    server.finish_calls()
    supervisor.goto(f"/calls/{server.logged('6970000022')['id']}")
    expect(supervisor.locator("#why")).to_contain_text("it has no user")


def test_customers_are_found_while_one_types(log_in: LogIn) -> None:
    page = log_in("maryam", at="/customers")
    many = page.locator("#rows tbody tr:not(.more-row)").count()
    assert many > 10
    page.get_by_label("Name, number, place, note").press_sequentially("laleh")
    expect(page.locator("#rows tbody tr:not(.more-row)").first).to_contain_text("Laleh")
    assert page.locator("#rows tbody tr:not(.more-row)").count() < many


def test_more_customers_are_added_below(log_in: LogIn) -> None:
    page = log_in("maryam", at="/customers")
    rows = page.locator("#rows tbody tr:not(.more-row)")
    before = rows.count()
    page.locator("#more a").click()
    expect(rows.nth(before)).to_be_visible()
    assert page.locator("#more").count() <= 1


def test_a_supervisor_plays_a_call_from_the_form(log_in: LogIn) -> None:
    desk, page = log_in("nikos"), log_in("sara", at="/simulate")
    is_live(desk)
    page.get_by_label("Caller number").fill("+306970000023")
    page.get_by_label("Which phones ring").fill("103")
    page.get_by_role("button", name="Start the call").click()
    expect(page.get_by_text("The call has started.")).to_be_visible()
    card_of(desk, "+30 697 000 0023").has_state("ringing")


def test_a_call_that_cannot_be_played_has_a_reason(log_in: LogIn) -> None:
    page = log_in("sara", at="/simulate")
    page.get_by_label("Caller number").fill("+306970000024")
    page.get_by_label("Which phones ring").fill("no phone at all!")
    page.get_by_role("button", name="Start the call").click()
    expect(page.locator("#result .problem")).to_contain_text("Not a valid phone")
    page.get_by_label("Which phones ring").fill("999")
    page.get_by_role("button", name="Start the call").click()
    expect(page.locator("#result .problem")).to_contain_text("This phone has no user")


def test_fields_that_a_recording_ignores_are_neither_displayed_nor_sent(log_in: LogIn) -> None:
    page = log_in("sara", at="/simulate")
    recorded_call = page.locator("select[name=scenario]")
    for name in ("queue", "ring_s", "talk_s"):
        expect(page.locator(f"input[name={name}]")).to_be_visible()
    expect(page.get_by_role("group", name="Outcome")).to_be_visible()

    recorded_call.select_option("blind_transfer")
    for name in ("name", "queue", "ring_s", "talk_s"):
        expect(page.locator(f"input[name={name}]")).to_be_hidden()
    expect(page.get_by_role("group", name="Outcome")).to_be_hidden()
    expect(page.get_by_label("Caller number")).to_be_visible()

    recorded_call.select_option("internal")
    expect(page.get_by_label("Caller number")).to_be_hidden()
    with page.expect_request("**/api/v1/simulated-calls") as asked:
        page.get_by_role("button", name="Start the call").click()
    assert set(asked.value.post_data_json or ()) == {"scenario", "to"}
    expect(page.get_by_text("The call has started.")).to_be_visible()

    recorded_call.select_option("")
    expect(page.get_by_label("Caller number")).to_be_visible()
    expect(page.locator("input[name=queue]")).to_be_visible()


def test_an_agent_on_a_supervisors_page_is_refused_with_a_reason(log_in: LogIn) -> None:
    page = log_in("maryam", at="/customers")
    for path in ("/board", "/simulate"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("No access")


def test_an_outsider_gets_the_login_page(browser: Browser, server: DemoServer) -> None:
    page = browser.new_page(base_url=server.url)
    for path in ("/", "/board", "/calls", "/customers", "/me", "/simulate"):
        page.goto(path)
        assert "/login" in page.url, path
        page.goto("about:blank")
    page.close()


def test_a_wrong_password_is_reported_in_the_readers_language(
    browser: Browser, server: DemoServer
) -> None:
    context = browser.new_context(base_url=server.url, locale="fa-IR")
    page = context.new_page()
    page.goto("/login")
    page.locator("input[name=username]:not([type=hidden])").fill("maryam")
    page.locator("input[name=password]").fill("wrong")
    page.locator("form.fields button").click()
    expect(page.get_by_role("alert")).to_contain_text("نادرست")
    context.close()


LOADED = """() => performance.getEntriesByType("resource")
    .filter(entry => entry.transferSize > 0).map(entry => entry.name)"""


@pytest.mark.parametrize("path", ["/", "/board", "/customers"])
def test_a_warm_reload_asks_for_fewer_than_ten_files(log_in: LogIn, path: str) -> None:
    """All else has an address that never has another content, and is kept."""
    page = log_in("sara", at=path)
    page.wait_for_load_state("networkidle")
    cold = page.evaluate(LOADED)
    assert len(cold) >= 10
    page.reload()
    page.wait_for_load_state("networkidle")
    warm = page.evaluate(LOADED)
    assert len(warm) < 10, warm
    assert not any("/static/" in name for name in warm), warm


def test_click_to_call_is_dialling_on_the_board_until_the_customer_answers(
    log_in: LogIn, server: DemoServer
) -> None:
    board = log_in("sara", at="/board")
    is_live(board)
    server.play(caller="+306970000029", to="103", scenario="click_to_call")
    row = board.locator("section", has_text="Active calls").locator("tbody tr")
    expect(row.filter(has_text="Dialling")).to_contain_text("Νίκος")
    expect(row.filter(has_text="Dialling")).to_have_count(0)
    expect(row.filter(has_text="Νίκος")).to_have_count(1)


def test_a_mobile_that_took_the_call_is_displayed_by_its_number_and_wants_no_agent(
    log_in: LogIn, server: DemoServer
) -> None:
    supervisor = log_in("sara")
    server.play(caller="+306970000028", to="103", scenario="follow_me")
    server.finish_calls()
    call = server.logged("6970000028", "answered")
    supervisor.goto(f"/calls/{call['id']}")
    phones = supervisor.locator("section", has_text="Ring time")
    expect(phones).to_contain_text("09121112233")
    expect(supervisor.locator("main")).not_to_contain_text("it has no user")
    expect(supervisor.locator("#timeline")).to_contain_text("Number 09121112233 answered.")
    expect(supervisor.locator("#timeline")).not_to_contain_text("Phone trunk")


def test_a_form_sent_twice_is_saved_once_and_a_refused_one_begins_at_the_marked_field(
    log_in: LogIn,
) -> None:
    page = log_in("sara", at="/customers/new")
    birthday = page.locator("input[name=birthday]")
    page.locator("input[name=name_en_given]").fill("Doublia")
    birthday.fill("1405/13/45")
    page.get_by_role("button", name="Save").click()
    expect(birthday).to_be_focused()
    expect(birthday).to_have_value("1405/13/45")
    birthday.fill("")
    page.get_by_role("button", name="Save").dblclick()
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    page.goto("/customers?q=doublia")
    expect(page.locator("a.row-link")).to_have_count(1)
