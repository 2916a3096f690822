"""Notes on a call's page: written and corrected with the permission for it, with the author."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.web.running_server import TOKEN, Running, csrf_of, running
from tests.web.samples import keep, record

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    """Call 1 reached Alice, who wrote a note on her card; call 2 reached Bob."""
    async with running(prepared, tmp_path, real_pages=True) as up:
        await keep(up.database, record(1), record(2, endpoint="102"))
        one = record(1).entry
        noted = up.database.log.keep_note(
            CallId(one.call), PbxId(one.pbx), up.id("alice"), "Typed on the card", BootId(one.boot)
        )
        await up.database.log.flush()
        assert await noted
        yield up


async def _call(client: httpx.AsyncClient, number: int) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/api/v1/calls/{number}")).json()
    return found


async def _notes(server: Running, number: int) -> list[dict[str, Any]]:
    async with await server.client("sue") as sue:
        notes: list[dict[str, Any]] = (await _call(sue, number))["notes"]
        return notes


async def test_an_agent_adds_a_note_to_a_call_of_theirs(office: Running) -> None:
    async with await office.client("bob") as bob:
        answer = await bob.post("/api/v1/calls/2/notes", json={"text": " Calls back\r\nMonday "})
        assert answer.status_code == 201, answer.text
    (note,) = await _notes(office, 2)
    assert (note["agent"], note["text"]) == ("Bob", "Calls back\nMonday")
    assert [change["by"] for change in note["changes"]] == ["Bob"]


async def test_a_second_note_of_the_same_agent_goes_below_and_a_form_sent_twice_adds_once(
    office: Running,
) -> None:
    async with await office.client("alice") as alice:
        for _ in range(2):
            await alice.post("/api/v1/calls/1/notes", json={"text": "And by mail"})
    (note,) = await _notes(office, 1)
    assert note["text"] == "Typed on the card\nAnd by mail"


async def test_a_supervisor_corrects_an_agents_note_and_is_named(office: Running) -> None:
    (before,) = await _notes(office, 1)
    assert before["changes"] == []
    async with await office.client("sue") as sue:
        answer = await sue.put(f"/api/v1/calls/1/notes/{before['id']}", json={"text": "Corrected"})
        assert answer.status_code == 200, answer.text
        page = (await sue.get("/calls/1")).text
    (note,) = await _notes(office, 1)
    assert note["text"] == "Corrected"
    assert note["agent"] == before["agent"], "it stays the agent's note"
    assert [change["by"] for change in note["changes"]] == ["Sue"]
    assert "Corrected" in page
    assert re.search(r"(Άλλαξε από|Changed by): Sue", page)


async def test_a_note_that_another_changed_meanwhile_is_not_overwritten(office: Running) -> None:
    (before,) = await _notes(office, 1)
    place = f"/api/v1/calls/1/notes/{before['id']}"
    async with await office.client("sue") as sue:
        await sue.put(place, json={"text": "Sue's"})
    async with await office.client("alice") as alice:
        late = {"text": "Alice's", "read_at": before["changed_at"]}
        answer = await alice.put(place, json=late)
        assert answer.status_code == 409
        csrf = csrf_of((await alice.get("/calls/1")).text)
        page = await alice.post(
            f"/calls/1/notes/{before['id']}",
            data={"csrf": csrf, "text": "Alice's", "read_at": repr(before["changed_at"])},
        )
        assert page.status_code == 409
        assert "Alice&#39;s</textarea>" in page.text, "what was typed is in the form"
        assert "Sue&#39;s</bdi>" in page.text, "beside what is there now"
    assert [note["text"] for note in await _notes(office, 1)] == ["Sue's"]


async def test_mallory_writes_on_no_call_that_is_not_hers(office: Running) -> None:
    """Bob had nothing to do with call 1, and Alice's note is none of his."""
    (before,) = await _notes(office, 1)
    async with await office.client("bob") as bob:
        csrf = csrf_of((await bob.get("/me")).text)
        place = f"calls/1/notes/{before['id']}"
        attempts = [
            await bob.post("/api/v1/calls/1/notes", json={"text": "x"}),
            await bob.put(f"/api/v1/{place}", json={"text": "x"}),
            await bob.post("/calls/1/notes", data={"csrf": csrf, "text": "x"}),
            await bob.post(f"/{place}", data={"csrf": csrf, "text": "x"}),
            # Through a call of his own.
            await bob.put(f"/api/v1/calls/2/notes/{before['id']}", json={"text": "x"}),
            await bob.post(f"/calls/2/notes/{before['id']}", data={"csrf": csrf, "text": "x"}),
        ]
        assert [answer.status_code for answer in attempts] == [404] * 6
    assert await _notes(office, 1) == [before]
    assert await _notes(office, 2) == []


async def test_an_agent_of_the_call_does_not_correct_a_colleagues_note(office: Running) -> None:
    async with await office.client("sue") as sue:
        await sue.post("/api/v1/calls/1/notes", json={"text": "From the supervisor"})
    hers = next(note for note in await _notes(office, 1) if note["agent"] == "Sue")
    async with await office.client("alice") as alice:
        answer = await alice.put(f"/api/v1/calls/1/notes/{hers['id']}", json={"text": "x"})
        assert answer.status_code == 403
        page = (await alice.get("/calls/1")).text
        assert f"/calls/1/notes/{hers['id']}" not in page, "and gets no form for it"
    assert hers in await _notes(office, 1)


async def test_a_stranger_another_site_and_a_form_without_its_token_write_nothing(
    office: Running,
) -> None:
    before = await _notes(office, 1)
    async with office.browser() as stranger:
        assert (await stranger.post("/api/v1/calls/1/notes", json={"text": "x"})).status_code == 401
    cookie = await office.log_in("alice")
    async with office.browser(Cookie=cookie) as alice:
        assert (await alice.post("/calls/1/notes", data={"text": "x"})).status_code == 403
        as_text = await alice.post("/api/v1/calls/1/notes", content='{"text": "x"}')
        assert as_text.status_code in {415, 422}
    async with office.browser(Cookie=cookie, Origin="https://evil.example") as evil:
        assert (await evil.post("/api/v1/calls/1/notes", json={"text": "x"})).status_code == 403
    assert await _notes(office, 1) == before


async def test_markup_in_a_note_is_text(office: Running) -> None:
    hostile = "</textarea><script>alert(1)</script>\u0000"
    async with await office.client("bob") as bob:
        await bob.post("/api/v1/calls/2/notes", json={"text": hostile})
        page = (await bob.get("/calls/2")).text
    assert "<script>alert" not in page
    assert (await _notes(office, 2))[0]["text"].startswith("</textarea><script>")


@pytest.mark.parametrize("text", ["", " \r\n "])
async def test_an_empty_note_is_refused_in_a_sentence(office: Running, text: str) -> None:
    async with await office.client("alice") as alice:
        csrf = csrf_of((await alice.get("/calls/1")).text)
        page = await alice.post("/calls/1/notes", data={"csrf": csrf, "text": text})
        assert page.status_code == 422
        assert "An empty note is not saved" in page.text


@pytest.mark.parametrize(("length", "status"), [(10_000, 201), (10_001, 422)])
async def test_a_note_has_at_most_ten_thousand_characters(
    office: Running, length: int, status: int
) -> None:
    async with await office.client("bob") as bob:
        answer = await bob.post("/api/v1/calls/2/notes", json={"text": "x" * length})
        assert answer.status_code == status


async def test_what_is_added_to_a_full_note_is_refused_and_still_in_the_form(
    office: Running,
) -> None:
    async with await office.client("bob") as bob:
        await bob.post("/api/v1/calls/2/notes", json={"text": "x" * 9_999})
        csrf = csrf_of((await bob.get("/calls/2")).text)
        page = await bob.post("/calls/2/notes", data={"csrf": csrf, "text": "more"})
        assert page.status_code == 422
        assert "10,000" in page.text or "۱۰٬۰۰۰" in page.text
    assert (await _notes(office, 2))[0]["text"] == "x" * 9_999


async def test_the_token_file_writes_a_note_of_no_agent(office: Running) -> None:
    async with office.browser(Authorization=f"Bearer {TOKEN}") as program:
        answer = await program.post("/api/v1/calls/2/notes", json={"text": "By a program"})
        assert answer.status_code == 201
    (note,) = await _notes(office, 2)
    assert (note["agent_id"], note["text"]) == (None, "By a program")


@pytest.mark.parametrize("language", ["en", "fa", "el"])
async def test_the_page_has_a_form_in_each_language(office: Running, language: str) -> None:
    async with await office.client("bob") as bob:
        csrf = csrf_of((await bob.get("/me")).text)
        await bob.post("/me", data={"csrf": csrf, "language": language})
        page = (await bob.get("/calls/2")).text
    words = {"en": "Add a note", "fa": "افزودن یادداشت", "el": "Προσθήκη σημείωσης"}[language]
    assert words in page
