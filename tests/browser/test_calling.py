"""Calling from a list: the desk opens with the card, the reason of the list and the last note."""

from playwright.sync_api import Route, expect

from tests.browser.conftest import LogIn, TakePhone
from tests.browser.demo_server import DemoServer


def at_any_hour(route: Route) -> None:
    """Pass a list on without its quiet times, so that the test may run at night."""
    answer = route.fetch()
    body = answer.json()
    for row in body.get("rows", []):
        row["quiet"] = None
    route.fulfill(response=answer, json=body)


def test_call_from_a_list_opens_the_desk_with_the_reason_of_the_list(
    log_in: LogIn, server: DemoServer, take_phone: TakePhone
) -> None:
    desk = log_in("sara")
    take_phone(desk, "112")
    desk.route("**/api/v1/follow-ups?*", at_any_hour)
    desk.goto("/follow-ups?kind=promise&owner=all")
    row = desk.locator(".work-row").first
    name = row.locator("h2").inner_text()  # waits for the list
    reason = row.locator(".work-why").inner_text()
    row.get_by_role("button", name="Call").click()
    desk.locator("[data-call-now]").click()
    card = desk.locator("article[data-state=dialling], article[data-state=talking]").first
    expect(card.locator("h2")).to_have_text(name)
    expect(card.locator(".call-reason")).to_contain_text(reason)
    expect(desk).to_have_url(f"{server.url}/")
