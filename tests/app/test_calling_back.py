"""Calling back from a page, in the whole application, with a PBX that answers on AMI."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from screenpop.app.running_app import App
from tests.app.running_app import LALEH, client, page, rings
from tests.app.test_availability import linked

pytestmark = pytest.mark.anyio

CONTEXT = {"click_to_call_context": "from-internal"}
STRANGER = "02188776655"


async def missed_call(app: App, phone: str, number: str) -> tuple[int, dict[str, str]]:
    """Let a call ring at a phone in vain; return its row and the call of its card."""
    name = {"101": "maryam", "102": "eleni"}[phone]
    async with page(app, name) as shown:
        await shown.live()
        rings(app, phone, number=number, outcome="abandoned")
        card = await shown.card("missed")
    await app.database.log.flush()
    with sqlite3.connect(app.settings.data_dir / "screenpop.db") as database:
        found = database.execute("SELECT id FROM calls WHERE linkedid = ?", [card["call"]])
        row: int = found.fetchone()[0]
    return row, {"pbx": card["pbx"], "call": card["call"]}


async def post(app: App, name: str, path: str, **more: Any) -> tuple[int, dict[str, Any]]:
    async with client(app, name) as browser:
        answer = await browser.post(path, **({"json": {}} | more))
        return answer.status_code, answer.json()


async def test_missed_caller_is_called_back_by_row_and_by_card(folder: Path) -> None:
    async with linked(folder, "originate", **CONTEXT) as (app, pbx), page(app, "maryam") as shown:
        await shown.live("office")
        row, card = await missed_call(app, "101", LALEH)
        number = "+98" + LALEH[1:]
        placed = await post(app, "maryam", f"/api/v1/calls/{row}/call-back")
        assert placed == (202, {"number": number})
        assert await post(app, "maryam", "/api/v1/call-back", params=card) == placed
        assert pbx.called == [("101", LALEH)] * 2


async def test_number_of_a_stranger_in_the_log_is_called_back(folder: Path) -> None:
    async with linked(folder, "originate", **CONTEXT) as (app, pbx), page(app, "maryam") as shown:
        await shown.live("office")
        row, _ = await missed_call(app, "101", STRANGER)
        status, _ = await post(app, "maryam", f"/api/v1/calls/{row}/call-back")
        assert (status, pbx.called) == (202, [("101", STRANGER)])


@pytest.mark.defends("toll-fraud")
async def test_callers_from_abroad_are_called_back_only_in_countries_of_the_settings(
    folder: Path,
) -> None:
    rules = {**CONTEXT, "click_to_call_countries": ["GR"]}
    async with linked(folder, "originate", **rules) as (app, pbx), page(app, "maryam") as shown:
        await shown.live("office")
        expected = {"00302102223333": "", "00442071234567": "country_not_allowed"}
        for number, refusal in expected.items():
            row, _ = await missed_call(app, "101", number)
            status, answer = await post(app, "maryam", f"/api/v1/calls/{row}/call-back")
            assert (status, answer.get("code", "")) == ((409 if refusal else 202), refusal)
        assert pbx.called == [("101", "00302102223333")]


@pytest.mark.slow
@pytest.mark.defends("toll-fraud")
async def test_calls_beyond_the_limit_of_an_hour_are_refused_with_the_setting(
    folder: Path,
) -> None:
    async with linked(folder, "originate", **CONTEXT) as (app, pbx), page(app, "maryam") as shown:
        await shown.live("office")
        row, _ = await missed_call(app, "101", LALEH)
        path = f"/api/v1/calls/{row}/call-back"
        answers = [
            await post(app, "maryam", path) for _ in range(app.settings.click_to_call_per_hour + 1)
        ]
        assert {status for status, _ in answers[:-1]} == {202}
        status, problem = answers[-1]
        assert (status, problem["code"]) == (409, "too_many_placed")
        assert "click_to_call_per_hour" in problem["detail"]
        assert len(pbx.called) == app.settings.click_to_call_per_hour


async def test_call_back_without_the_class_is_refused_with_the_remedy(folder: Path) -> None:
    async with linked(folder, **CONTEXT) as (app, pbx), page(app, "maryam") as shown:
        await shown.live("office")
        row, card = await missed_call(app, "101", LALEH)
        for path, more in (
            (f"/api/v1/calls/{row}/call-back", {}),
            ("/api/v1/call-back", {"params": card}),
        ):
            status, problem = await post(app, "maryam", path, **more)
            assert (status, problem["code"]) == (409, "calling_not_allowed")
            assert "originate" in problem["detail"]
        assert pbx.called == []


async def test_withheld_number_and_users_without_a_phone_are_refused(folder: Path) -> None:
    async with linked(folder, "originate", **CONTEXT) as (app, pbx), page(app, "maryam") as shown:
        await shown.live("office")
        withheld, card = await missed_call(app, "101", "anonymous")
        row, _ = await missed_call(app, "101", LALEH)
        for path, more in (
            (f"/api/v1/calls/{withheld}/call-back", {}),
            ("/api/v1/call-back", {"params": card}),
        ):
            status, problem = await post(app, "maryam", path, **more)
            assert (status, problem["code"]) == (409, "not_dialable")
        status, problem = await post(app, "sara", f"/api/v1/calls/{row}/call-back")
        assert (status, problem["code"]) == (409, "no_own_phone")
        assert pbx.called == []


async def test_mallory_cannot_call_back_the_callers_of_a_colleague(folder: Path) -> None:
    async with linked(folder, "originate", **CONTEXT) as (app, pbx), page(app, "maryam") as shown:
        await shown.live("office")
        row, card = await missed_call(app, "102", LALEH)
        path = f"/api/v1/calls/{row}/call-back"
        assert (await post(app, "maryam", path))[0] == 404
        assert (await post(app, "maryam", "/api/v1/call-back", params=card))[0] == 404
        unknown = {"pbx": "office' OR 1=1", "call": "*"}
        assert (await post(app, "maryam", "/api/v1/call-back", params=unknown))[0] == 404
        form = {"json": None, "data": {"number": "0900123456"}}
        assert (await post(app, "eleni", path, **form))[0] == 415
        async with client(app, "eleni") as eleni:
            eleni.headers["Origin"] = "https://mallory.example"
            assert (await eleni.post(path, json={})).status_code == 403
            eleni.cookies.clear()
            eleni.headers["Origin"] = app.url
            assert (await eleni.post(path, json={})).status_code in {401, 403}
        assert pbx.called == []


async def test_pbx_without_a_context_is_never_asked_to_call(folder: Path) -> None:
    async with linked(folder, "originate") as (app, pbx), page(app, "maryam") as shown:
        await shown.live("office")
        row, _ = await missed_call(app, "101", LALEH)
        async with client(app, "maryam") as maryam:
            await maryam.post(f"/api/v1/calls/{row}/call-back", json={})
        assert pbx.called == []


async def test_call_from_a_list_brings_the_card_with_its_reason_and_the_last_note(
    folder: Path, app: App
) -> None:
    async with page(app, "maryam") as shown, client(app, "maryam") as maryam:
        await shown.live()
        rings(app, "101", number=LALEH)
        card = await shown.card("talking")
        assert (await shown.ask("note", card=card["id"], text="Wants a window seat"))["ok"]
        promised = {"due": "tomorrow", "promise": "Send the visa list", "request": "r-1"}
        assert (await shown.ask("follow_up", card=card["id"], **promised))["ok"]
        await shown.card_in("wrap_up")
        with sqlite3.connect(folder / "screenpop.db") as database:  # the next day
            database.execute("UPDATE follow_ups SET due = date(due, '-1 day')")
            database.execute("UPDATE calls SET talk_s = 9 WHERE linkedid = ?", [card["call"]])
        rows = (await maryam.get("/api/v1/follow-ups?kind=promise")).json()["rows"]
        (row,) = [one for one in rows if one["params"]["promise"] == "Send the visa list"]
        placed = await maryam.post(f"/api/v1/phones/{row['customer']['phone_id']}/call", json={})
        assert placed.status_code == 202, placed.text
        card = await shown.card("dialling")
        assert card["person"]["id"] == row["customer"]["id"]
        reason = (await shown.ask("call_reason", card=card["id"]))["value"]
    assert (reason["list"]["kind"], reason["list"]["params"]) == ("promise", row["params"])
    assert reason["last"]["note"] == "Wants a window seat"


async def test_call_back_of_a_missed_stranger_has_the_missed_calls_on_its_card(app: App) -> None:
    await missed_call(app, "101", STRANGER)
    row, _ = await missed_call(app, "101", STRANGER)
    async with page(app, "maryam") as shown:
        await shown.live()
        assert (await post(app, "maryam", f"/api/v1/calls/{row}/call-back"))[0] == 202
        card = await shown.card("dialling")
        reason = (await shown.ask("call_reason", card=card["id"]))["value"]
    assert (reason["list"], reason["missed"]["times"]) == (None, 2)
