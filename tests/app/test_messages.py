"""Messages to customers in the whole application, with a real HTTP server as the gateway."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from screenpop.app.running_app import App
from screenpop.app.server import running
from screenpop.follow_ups import quiet_times
from tests.app.gateway_server import SECRET, GatewayServer, gateway_server
from tests.app.running_app import LALEH, NOW, client, simulating

pytestmark = pytest.mark.anyio

REQUEST = "request-1"


@asynccontextmanager
async def office(
    folder: Path, *answers: bytes | None, **settings: Any
) -> AsyncIterator[tuple[App, GatewayServer, httpx.AsyncClient]]:
    async with gateway_server(*answers) as gateway:
        given = {"webhook_url": gateway.url, "secret": SECRET, "private_http": True, "retries": 0}
        messages = given | settings.pop("messages", {})
        async with (
            running(simulating(folder, messages=messages, **settings)) as app,
            client(app, "maryam") as maryam,
        ):
            yield app, gateway, maryam


async def laleh(folder: Path, **values: Any) -> int:
    """As ``_laleh``, in a thread: the server on this loop may hold the database's lock."""
    return await asyncio.to_thread(_laleh, folder, **values)


def _laleh(folder: Path, **values: Any) -> int:
    """Return Dr Laleh Karimi, at noon of her own day, with these values in her file."""
    number = "+98" + LALEH[1:]
    with sqlite3.connect(folder / "screenpop.db") as database:
        found = database.execute(
            "SELECT customer_id FROM customer_phones WHERE e164 = ?", [number]
        ).fetchone()
        database.execute("UPDATE customers SET language = 'en' WHERE id = ?", found)
        for name, value in values.items():
            database.execute(f"UPDATE customers SET {name} = ? WHERE id = ?", [value, *found])  # noqa: S608
    customer: int = found[0]
    return customer


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers are awake, at whatever hour the tests run."""
    monkeypatch.setattr(quiet_times, "CALLS_FROM", time(0))
    monkeypatch.setattr(quiet_times, "CALLS_UNTIL", time.max)


def path(customer: int) -> str:
    return f"/api/v1/customers/{customer}/message"


def sent(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "screenpop.db") as database:
        return database.execute("SELECT state, text FROM customer_messages").fetchall()


async def test_text_has_title_and_name_in_the_language_of_the_customer(folder: Path) -> None:
    templates = {"general": {"fa": "درود {salutation}!"}}
    customer = await laleh(folder)
    async with office(folder, messages={"templates": templates}) as (_, _, maryam):
        page = (await maryam.get(f"/customers/{customer}")).text
        assert f'<message-form data-customer="{customer}" data-reason="general"' in page
        filled = (await maryam.get(path(customer), params={"reason": "promise"})).json()
        assert filled["text"].startswith("Dear Dr Karimi, as promised")
        assert (filled["number"], filled["problem"]) == ("+98" + LALEH[1:], "")
        await laleh(folder)
        with sqlite3.connect(folder / "screenpop.db") as database:
            database.execute("UPDATE customers SET language = 'fa' WHERE id = ?", [customer])
        filled = (await maryam.get(path(customer))).json()
        assert filled["text"].startswith("درود خانم دکتر")
        assert filled["text"].endswith("!")


async def test_message_is_sent_once_however_often_it_is_asked_for(folder: Path) -> None:
    customer = await laleh(folder)
    body = {"text": "Dear Dr Karimi, <b>hello</b>", "request": REQUEST}
    async with office(folder) as (_, gateway, maryam):
        for _ in range(2):
            answer = await maryam.post(path(customer), json=body)
            assert (answer.status_code, answer.json()) == (200, {"sent": True})
    ((_, headers, posted),) = gateway.requests
    assert posted["text"] == body["text"]
    assert headers["idempotency-key"].endswith(REQUEST)
    assert sent(folder) == [("sent", body["text"])]


async def test_second_request_while_the_first_is_on_its_way_sends_nothing(folder: Path) -> None:
    customer = await laleh(folder)
    body = {"text": "Hello", "request": REQUEST}
    async with office(folder) as (_, gateway, maryam):
        gateway.hold = asyncio.Event()
        first = asyncio.create_task(maryam.post(path(customer), json=body))
        await gateway.arrived.wait()
        again = await maryam.post(path(customer), json=body)
        assert (again.status_code, again.json()["error"]) == (409, "being_sent")
        # Pages and calls are not held up meanwhile.
        assert (await maryam.get("/api/v1/calls")).status_code == 200
        gateway.hold.set()
        assert (await first).status_code == 200
    assert len(gateway.requests) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 500 Oops\r\n\r\n", "gateway_unreachable"),
        (b"HTTP/1.1 403 No\r\n\r\n", "gateway_refused"),
        (None, "gateway_unreachable"),
    ],
)
async def test_bad_answer_has_a_code_and_the_same_request_can_be_sent_again(
    folder: Path, answer: bytes | None, code: str
) -> None:
    customer = await laleh(folder)
    body = {"text": "Hello", "request": REQUEST}
    async with office(folder, answer) as (_, gateway, maryam):
        refused = await maryam.post(path(customer), json=body)
        assert (refused.status_code, refused.json()["error"]) == (409, code)
        assert sent(folder) == [("failed", "Hello")]
        assert (await maryam.post(path(customer), json=body)).status_code == 200
    assert len(set(gateway.keys)) == 1
    assert sent(folder) == [("sent", "Hello")]


@pytest.mark.parametrize(
    ("values", "reason", "code"),
    [
        ({"consents": '{"sms": {"given": false}}'}, "general", "no_consent"),
        ({"marketing_consent": 0}, "birthday", "no_consent"),
        ({"marketing_consent": 0}, "promise", ""),
        ({"marketing_consent": None}, "birthday", "no_consent"),
        ({"marketing_consent": None}, "promise", ""),
        (
            {"marketing_consent": 1, "consents": '{"email": {"given": false}}'},
            "birthday",
            "",
        ),
    ],
)
async def test_consent_decides_by_channel_and_reason(
    folder: Path, values: dict[str, Any], reason: str, code: str
) -> None:
    customer = await laleh(folder, **values)
    async with office(folder) as (_, gateway, maryam):
        filled = (await maryam.get(path(customer), params={"reason": reason})).json()
        assert filled["problem"] == code
        body = {"text": "Hello", "request": REQUEST, "reason": reason}
        status = (await maryam.post(path(customer), json=body)).status_code
    assert (status, len(gateway.requests)) == ((409, 0) if code else (200, 1))


async def test_closed_day_of_the_office_is_quiet(folder: Path) -> None:
    customer = await laleh(folder)
    days = [(NOW + timedelta(days=back)).date().isoformat() for back in (-1, 1)]
    async with office(folder, closed_days=["..".join(days)]) as (_, gateway, maryam):
        refused = await maryam.post(path(customer), json={"text": "Hello", "request": REQUEST})
    assert (refused.status_code, refused.json()["error"]) == (409, "quiet")
    assert gateway.requests == []


async def test_mallory_sends_nothing(folder: Path) -> None:
    customer = await laleh(folder)
    good = {"text": "Hello", "request": REQUEST}
    async with office(folder) as (app, gateway, maryam):
        for wrong in (
            {"text": "x" * 1001},
            {"text": ""},
            {"request": "short"},
            {"request": "a b\r\nX: y-"},
            {"reason": "nonsense"},
            {"number": "+900"},
        ):
            assert (await maryam.post(path(customer), json=good | wrong)).status_code == 422
        hidden = await maryam.post(path(customer), json=good | {"reason": "balance"})
        assert hidden.status_code == 403
        assert (await maryam.post(path(99_999), json=good)).status_code == 404
        assert (await maryam.post(path(customer), data=good)).status_code in {415, 422}
        maryam.headers["Origin"] = "https://mallory.example"
        assert (await maryam.post(path(customer), json=good)).status_code == 403
        async with httpx.AsyncClient(base_url=app.url, trust_env=False) as stranger:
            assert (await stranger.get(path(customer))).status_code == 401
    assert gateway.requests == []


async def test_office_without_a_gateway_has_no_messages(app: App, folder: Path) -> None:
    async with client(app, "maryam") as maryam:
        assert (await maryam.get(path(await laleh(folder)))).status_code == 404
        assert 'data-messages="no"' in (await maryam.get("/follow-ups")).text
        assert "<message-form" not in (await maryam.get(f"/customers/{await laleh(folder)}")).text
