"""The call log: all calls for supervisors, own calls for agents, none without a login."""

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from screenpop.calls.events import Direction, Disposition
from screenpop.service.ports import CardDelivery
from screenpop.service.trunk_lines import TrunkLines
from screenpop.store.accounts.teams import save_team
from screenpop.store.calls.queries import LoggedCall
from screenpop.telephony.identifiers import PbxId, Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.calls.views import call_view
from tests.web.running_server import TOKEN, Running, csrf_of, running
from tests.web.samples import NOON, add_customer, keep, record

pytestmark = pytest.mark.anyio

DAY = 24 * 3600


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    """Five calls: 1, 2 and 5 reached Alice, 3 and 4 reached Bob."""
    async with running(prepared, tmp_path_factory.mktemp("office")) as up:
        customer = await add_customer(up.database)
        await keep(
            up.database,
            record(1, at=NOON - DAY, customer=customer),
            record(2, at=NOON, queue="sales"),
            record(3, at=NOON + 10, endpoint="102"),
            record(4, at=NOON + 20, endpoint="102", withheld=True, name="Rich Man"),
            record(5, at=NOON + 30, disposition=Disposition.NO_ANSWER),
        )
        yield up


async def calls(server: Running, name: str, **query: str) -> list[dict[str, Any]]:
    async with await server.client(name) as client:
        answer = await client.get("/api/v1/calls", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["calls"]
        return found


def numbers(found: list[dict[str, Any]]) -> list[str]:
    return [one["call"].split(".")[0] for one in found]


async def log_id(server: Running, number: int) -> int:
    """The log's own number of a call."""
    found = await calls(server, "sue")
    return int(next(one["id"] for one in found if one["call"] == f"{number}.1"))


async def test_supervisors_see_every_call_newest_first(office: Running) -> None:
    assert numbers(await calls(office, "sue")) == ["5", "4", "3", "2", "1"]
    assert numbers(await calls(office, "adam")) == ["5", "4", "3", "2", "1"]


@pytest.mark.defends("teams")
async def test_a_supervisor_of_one_team_opens_no_call_of_another(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path) as office:
        customer = await add_customer(office.database)
        await keep(
            office.database,
            record(1, customer=customer),
            record(2, endpoint="102", customer=customer),
            record(3, endpoint="999"),
        )
        ids = {one: await log_id(office, one) for one in (1, 2, 3)}
        await save_team(office.database, None, "Alice's", [office.id("alice")], [office.id("sue")])
        async with await office.client("sue") as client:
            for number, found in ((1, True), (2, False), (3, True)):
                page = await client.get(f"/calls/{ids[number]}")
                api = await client.get(f"/api/v1/calls/{ids[number]}")
                note = await client.post(
                    f"/api/v1/calls/{ids[number]}/notes", json={"text": "hello"}
                )
                dial = await client.post(f"/api/v1/calls/{ids[number]}/dialled", json={})
                assert (dial.status_code == 404) is not found, dial.text
                assert {page.status_code, api.status_code} == {200 if found else 404}, number
                assert (note.status_code == 404) is not found, number


async def test_agents_see_their_own_whatever_they_ask_for(office: Running) -> None:
    assert numbers(await calls(office, "alice")) == ["2", "1"]
    assert numbers(await calls(office, "alice", agent=str(office.id("bob")))) == ["2", "1"]
    assert numbers(await calls(office, "bob")) == ["4", "3"]
    assert numbers(await calls(office, "bob", q="karimi")) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"queue": "sales"}, ["2"]),
        ({"disposition": "no_answer"}, ["5"]),
        ({"direction": "outbound"}, []),
        ({"since": "2025-12-01"}, ["5", "4", "3", "2"]),
        ({"until": "2025-11-30"}, ["1"]),
        ({"since": "2025-11-30", "until": "2025-12-01"}, ["5", "4", "3", "2", "1"]),
        ({"q": "karimi"}, ["1"]),
        ({"q": "nobody of that name"}, []),
        ({"simulated": "yes"}, []),
        ({"simulated": "no"}, ["5", "4", "3", "2", "1"]),
        ({"since": "0001-01-01", "until": "9999-12-31"}, ["5", "4", "3", "2", "1"]),
        ({"q": "%"}, []),
        ({"made_up": "1"}, ["5", "4", "3", "2", "1"]),
    ],
)
async def test_the_log_is_filtered(
    office: Running, query: dict[str, str], found: list[str]
) -> None:
    assert numbers(await calls(office, "sue", **query)) == found


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"until": "2025-13-01"},
        {"direction": "sideways"},
        {"disposition": "'; DROP TABLE calls"},
        {"agent": "-1"},
        {"agent": "٣"},
        {"agent": "9" * 30},
        {"customer": "x"},
        {"after": "here"},
        {"after": "nan_1"},
        {"after": "inf_1"},
        {"after": "1.5_"},
        {"after": "1.5_x"},
        {"q": "x" * 201},
    ],
)
async def test_a_filter_that_makes_no_sense_is_reported_by_its_name(
    office: Running, query: dict[str, str]
) -> None:
    async with await office.client("sue") as sue:
        answer = await sue.get("/api/v1/calls", params=query)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == next(iter(query))
        page = await sue.get("/calls", params=query)
        assert page.status_code == 422
        if next(iter(query)) not in {"since", "until"}:  # these are shown beside the form
            assert '<p id="code">bad_request</p>' in page.text


async def test_the_log_is_read_page_by_page_and_each_call_is_on_one(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path) as server:
        # Many at one moment, so that the place must be more than a time.
        await keep(server.database, *(record(number, at=NOON) for number in range(120)))
        async with await server.client("sue") as sue:
            seen: list[str] = []
            after = ""
            while after is not None:
                answer = (await sue.get("/api/v1/calls", params={"after": after})).json()
                seen += numbers(answer["calls"])
                after = answer["next_cursor"]
    assert len(seen) == 120
    assert set(seen) == {str(number) for number in range(120)}


@pytest.mark.defends("text-is-text")
async def test_the_page_shows_the_log_and_strangers_names_as_text(office: Running) -> None:
    async with await office.client("sue") as sue:
        text = (await sue.get("/calls", params={"q": '"><script>'})).text
        assert '<p id="q">&#34;&gt;&lt;script&gt;</p>' in text
        text = (await sue.get("/calls")).text
        assert "|+98 912 345 6789|&lt;b&gt;Mallory&lt;/b&gt;|answered|" in text
        assert "\u202e" not in text
        assert '<p id="agents">Adam Alice &lt;b&gt;Agent&lt;/b&gt; Bob Sue</p>' in text
    async with await office.client("alice") as alice:
        assert '<p id="agents"></p>' in (await alice.get("/calls")).text


async def test_a_customer_is_called_as_the_reader_speaks(office: Running) -> None:
    (first,) = await calls(office, "sue", q="karimi")
    assert first["customer"]["name"].endswith("Karimi <i>")


async def test_a_withheld_number_leaves_the_server_nowhere(office: Running) -> None:
    number = await log_id(office, 4)
    async with await office.client("sue") as sue:
        answers = [
            await sue.get("/api/v1/calls", params={"disposition": "answered"}),
            await sue.get(f"/api/v1/calls/{number}"),
            await sue.get(f"/calls/{number}"),
        ]
        withheld = next(one for one in answers[0].json()["calls"] if one["id"] == number)
    assert withheld["caller"] == {
        "kind": "withheld",
        "withheld": True,
        "number": "",
        "e164": None,
        "name": "",
    }
    for answer in answers[1:]:
        assert "9123456789" not in answer.text
        assert "Rich Man" not in answer.text


async def test_one_call_is_displayed_with_all_that_happened(office: Running) -> None:
    number = await log_id(office, 2)
    for name in ("sue", "alice"):
        async with await office.client(name) as client:
            body = (await client.get(f"/api/v1/calls/{number}")).json()
            assert body["entry"]["id"] == number
            assert body["entry"]["agent"]["name"] == "Alice <b>Agent</b>"
            assert [leg["outcome"] for leg in body["legs"]] == ["answered"]
            assert [one["kind"] for one in body["transfers"]] == ["blind"]
            assert [step["step"] for step in body["trace"]] == ["call_arrived"]
            page = await client.get(f"/calls/{number}")
            assert "<li>101|answered</li>" in page.text


async def test_a_call_that_rang_here_is_an_own_call_though_it_was_not_answered(
    office: Running,
) -> None:
    number = await log_id(office, 5)
    async with await office.client("alice") as alice:
        assert (await alice.get(f"/calls/{number}")).status_code == 200
    async with await office.client("bob") as bob:
        assert (await bob.get(f"/calls/{number}")).status_code == 404


async def test_a_call_at_a_colleagues_phone_is_of_the_agent_logged_in_there_then(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path) as up:
        card = CardDelivery(up.id("alice"), "102", NOON, None, None, None, True)
        dialled = replace(record(2).entry, direction=Direction.OUTBOUND, answered_by=(), legs=())
        await keep(
            up.database,
            replace(record(1, endpoint="102"), painted=(card,)),
            replace(record(2), entry=dialled, painted=(card,), dialled_from="102"),
        )
        assert numbers(await calls(up, "alice")) == ["2", "1"]
        assert numbers(await calls(up, "bob")) == []
        for number in (1, 2):
            path = f"/api/v1/calls/{await log_id(up, number)}"
            async with await up.client("alice") as alice:
                assert (await alice.get(path)).status_code == 200
            async with await up.client("bob") as mallory:
                assert (await mallory.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/calls/{}", "/api/v1/calls/{}"])
async def test_a_colleagues_call_is_not_there_for_an_agent(office: Running, path: str) -> None:
    number = await log_id(office, 3)
    async with await office.client("alice") as mallory:
        theirs = await mallory.get(path.format(number))
        missing_call = await mallory.get(path.format(10_000))
        assert theirs.status_code == missing_call.status_code == 404
        assert theirs.text == missing_call.text


@pytest.mark.parametrize("number", ["0", "-1", "x", "1e3", "9223372036854775808", "../1"])
async def test_what_is_no_number_of_a_call_is_no_call(office: Running, number: str) -> None:
    async with await office.client("sue") as sue:
        assert (await sue.get(f"/api/v1/calls/{number}")).status_code in (404, 422)
        assert (await sue.get(f"/calls/{number}")).status_code in (404, 422)


async def test_strangers_get_nothing_from_the_api(office: Running) -> None:
    strangers: list[dict[str, str]] = [
        {},
        {"Cookie": "screenpop_session=made-up"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {TOKEN}"},
    ]
    for headers in strangers:
        async with office.browser(**headers) as mallory:
            answers: list[httpx.Response] = await asyncio.gather(
                *(
                    mallory.get(path)
                    for path in ("/api/v1/calls", "/api/v1/calls/1", "/api/v1/customers")
                )
            )
            for answer in answers:
                assert answer.status_code == 401
                assert answer.json()["code"] in ("not_logged_in", "bad_token")
                assert "Mallory" not in answer.text


async def test_the_command_line_sees_all_with_its_token(office: Running) -> None:
    async with office.browser(Authorization=f"Bearer {TOKEN}") as command_line:
        assert len((await command_line.get("/api/v1/calls")).json()["calls"]) == 5


def test_the_line_that_was_dialled_has_its_name_or_a_number_one_can_read() -> None:
    plan = NumberPlan(region=Region("IR"), area_code="21")
    lines = TrunkLines(plan, labels={(PbxId("office"), "+982188554401"): "Sales line"})
    values: dict[str, Any] = {field.name: None for field in fields(LoggedCall)}
    values |= {
        "pbx": "office",
        "called": "",
        "caller_kind": "withheld",
        "answered_by": (),
        "labels": {},
    }
    call = LoggedCall(**values | {"withheld": True, "did": "+982188554401"})
    assert call_view(call, "en", lines)["line"] == {"label": "Sales line", "number": ""}
    for did, shown in (
        ("+982188554402", "+98 21 8855 4402"),
        ("02188554402", "+98 21 8855 4402"),
        ("s", "s"),
        ("", ""),
    ):
        assert call_view(replace(call, did=did), "en", lines)["line"] == {
            "label": "",
            "number": shown,
        }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"since": "1404/09/10"}, ["5", "4", "3", "2"]),
        ({"since": "۱۴۰۴/۰۹/۱۰"}, ["5", "4", "3", "2"]),
        ({"until": "1404-09-09"}, ["1"]),
        ({"until": "30/11/2025"}, ["1"]),
    ],
)
async def test_days_of_a_filter_are_read_in_either_calendar(
    office: Running, query: dict[str, str], found: list[str]
) -> None:
    """Noon of the calls is that of 1 December 2025, 10 Azar 1404."""
    assert numbers(await calls(office, "sue", **query)) == found


@pytest.mark.parametrize(
    ("language", "shown", "example"),
    [
        ("fa", "۱۴۰۴/۰۹/۱۰", r"۱[۰-۹]{3}/[۰-۹]{2}/[۰-۹]{2}"),
        ("en", "2025-12-01", r"\d{4}-\d{2}-\d{2}"),
    ],
)
async def test_the_days_of_the_log_are_typed_in_the_calendar_of_the_page(
    prepared: Path, tmp_path: Path, language: str, shown: str, example: str
) -> None:
    async with running(prepared, tmp_path, real_pages=True) as up, await up.client("sue") as sue:
        csrf = csrf_of((await sue.get("/me")).text)
        await sue.post("/me", data={"csrf": csrf, "language": language})
        page = (await sue.get("/calls", params={"since": "2025-12-01"})).text
        assert 'type="date"' not in page
        assert f'name="since" value="{shown}"' in page
        wrong = await sue.get("/calls", params={"until": "1404/13/01"})
        assert wrong.status_code == 422
        field = {"fa": "تا", "en": "Until"}[language]
        error = re.search(r'id="wrong-day"[^>]*>([^<]*)<', wrong.text)
        assert error is not None
        assert error[1].startswith(f"{field}")
        assert re.search(example, error[1])
        assert 'value="1404/13/01"' in wrong.text, "what was typed stays"
