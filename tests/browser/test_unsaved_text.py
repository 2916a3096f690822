"""Unfinished text survives at the server, for its user only; the browser stores nothing of it."""

import json
import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, Route, expect

from tests.browser.conftest import LogIn, _enter, card_of, is_live
from tests.browser.cut_line import CutLine
from tests.browser.demo_server import DemoServer

QUESTION = "Text that you have not saved is deleted when you log out."
FORM = "/customers/7/edit"
STORED = """async () => ({
  local: { ...localStorage }, session: { ...sessionStorage },
  databases: await indexedDB.databases(), caches: await caches.keys(),
})"""
NOT_PERSONAL = {
    *("screenpop.closed", "screenpop.opened", "screenpop.muted", "screenpop.keys-off"),
    "screenpop.file-part",
}


def stores_nothing_personal(page: Page) -> None:
    stored = page.evaluate(STORED)
    assert stored["local"].keys() | stored["session"].keys() <= NOT_PERSONAL
    assert (stored["databases"], stored["caches"]) == ([], [])


def end_sessions(server: DemoServer, username: str) -> None:
    """End the sessions of a user as their time does."""
    with closing(sqlite3.connect(server.data / "screenpop.db", timeout=20)) as database, database:
        user = database.execute("SELECT id FROM users WHERE username = ?", [username]).fetchone()
        database.execute("UPDATE sessions SET expires_at = ? WHERE user_id = ?", [0.0, *user])


def log_in_again(context: BrowserContext, username: str) -> None:
    context.clear_cookies()
    _enter(context, username, {"language": "en", "theme": "light"})


@pytest.mark.slow
@pytest.mark.defends("browser-storage")
def test_text_of_a_form_outlives_its_session_and_is_seen_by_its_user_only(
    log_in: LogIn, server: DemoServer
) -> None:
    page = log_in("maryam", at=FORM)
    page.evaluate("localStorage.setItem('screenpop.form.maryam./customers/7/edit', '{}')")
    notes, state = page.locator("textarea[name=notes]"), page.locator(".draft-state")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        notes.fill("Begun by Maryam")
    page.reload()
    expect(state).to_have_text("Your unsaved text has been restored.")
    expect(notes).to_have_value("Begun by Maryam")
    stores_nothing_personal(page)

    def lose(route: Route) -> None:
        route.abort()

    page.route("**/drafts*", lose)  # the server is away for a short time
    notes.press_sequentially(", went on")
    expect(state).to_contain_text("No connection to the server.")
    end_sessions(server, "maryam")
    page.unroute("**/drafts*", lose)
    expect(state).to_contain_text("You are logged out.")
    stores_nothing_personal(page)
    with page.expect_response(lambda answer: answer.status == 204):
        log_in_again(page.context, "maryam")
    expect(state).to_have_text("")
    elsewhere = log_in("maryam", at=FORM)
    expect(elsewhere.locator("textarea[name=notes]")).to_have_value("Begun by Maryam, went on")

    # Another user at the same computer: the page of the one before goes away with its text.
    end_sessions(server, "maryam")
    log_in_again(page.context, "nikos")
    notes.press_sequentially(" and on")
    page.wait_for_url(re.compile("/$"))
    with page.expect_response(re.compile("begins=%2Fcustomers")):
        page.goto(FORM)
    kept = page.context.request.get("/drafts").json()["drafts"]
    assert FORM not in {draft["form"] for draft in kept}
    assert "Begun" not in page.evaluate(
        "[...document.querySelectorAll('input, select, textarea')].map((one) => one.value).join()"
    )
    stores_nothing_personal(page)

    # Saved: the draft is gone. Not saved: a log-out deletes it after a question.
    log_in_again(elsewhere.context, "maryam")
    elsewhere.reload()
    notes = elsewhere.locator("textarea[name=notes]")
    expect(notes).to_have_value("Begun by Maryam, went on")
    elsewhere.locator("form[data-keep] .save-bar button").click()
    elsewhere.wait_for_url(re.compile("/customers/7$"))
    kept = elsewhere.context.request.get("/drafts").json()["drafts"]
    assert FORM not in {draft["form"] for draft in kept}
    elsewhere.goto(FORM)
    with elsewhere.expect_response(lambda answer: answer.request.method == "PUT"):
        notes.evaluate("field => { field.closest('details')?.setAttribute('open', ''); }")
        notes.fill("Begun again")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    elsewhere.on("dialog", answer)
    elsewhere.evaluate("localStorage.setItem('screenpop.muted', 'yes')")
    log_out = elsewhere.locator("form[action='/logout'] button")
    with elsewhere.expect_event("dialog"):
        log_out.click()
    expect(elsewhere).to_have_url(re.compile(f"{FORM}$"))
    log_out.click()
    expect(elsewhere).to_have_url(re.compile(r"/login\?why=logged_out$"))
    assert asked == [QUESTION] * 2
    assert elsewhere.evaluate("localStorage.getItem('screenpop.muted')") == "yes"
    stores_nothing_personal(elsewhere)
    log_in_again(elsewhere.context, "maryam")
    assert elsewhere.context.request.get("/drafts").json()["drafts"] == []


def test_a_form_names_a_database_that_cannot_be_written_and_keeps_its_text(
    log_in: LogIn, server: DemoServer
) -> None:
    page = log_in("eleni", at="/customers/9/edit")
    notes, state = page.locator("textarea[name=notes]"), page.locator(".draft-state")

    def refuse(route: Route) -> None:
        problem = json.dumps({"code": "database_away"})
        route.fulfill(status=503, content_type="application/problem+json", body=problem)

    page.route("**/drafts*", refuse)  # the disk is full, or the file is read-only
    notes.evaluate("field => { field.closest('details')?.setAttribute('open', ''); }")
    notes.fill("Begun by Eleni")
    expect(state).to_contain_text("The database cannot be written now.")
    page.locator("form[data-keep] .save-bar button").click()
    page.unroute("**/drafts*", refuse)
    page.wait_for_url(re.compile("/customers/9$"))  # saved as soon as it is back
    expect(page.locator("main")).to_contain_text("Begun by Eleni")


@pytest.mark.slow
@pytest.mark.defends("browser-storage")
def test_a_note_outlives_the_session_that_ended_while_the_line_was_cut(
    log_in: LogIn, server: DemoServer, line: CutLine
) -> None:
    desk = log_in("nikos", url=line.url)
    is_live(desk)
    server.play(caller="+306970000041", to="103", ring_s=1, talk_s=60)
    card = card_of(desk, "+30 697 000 0041")
    card.has_state("talking")
    card.open()
    line.cut()
    expect(desk.locator("#band .band")).to_contain_text("Connection lost at")
    card.whole.locator("textarea").fill("Wants to fly on Friday")
    stores_nothing_personal(desk)
    end_sessions(server, "nikos")
    line.mend()
    expect(desk.locator("#band .band")).to_contain_text("a note is not saved yet")
    expect(card.whole.locator("textarea")).to_have_value("Wants to fly on Friday")
    stores_nothing_personal(desk)
    log_in_again(desk.context, "nikos")
    is_live(desk)
    expect(card.open().locator("textarea")).to_have_value("Wants to fly on Friday")
    expect(card.whole.locator(".note-state")).to_have_text("Saved")
    stores_nothing_personal(desk)
