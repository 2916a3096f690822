"""The page and the API of a call in progress: its steps so far, and no empty sections."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from screenpop.calls.events import Disposition
from screenpop.service.ports import LoggedCall
from tests.web.running_server import Running, running
from tests.web.samples import NOON, keep, record

pytestmark = pytest.mark.anyio

PHONES, STEPS, REASONS = 'id="legs-title"', 'id="timeline"', 'id="why"'
STEP = {"at": NOON, "step": "arrived", "raw": "+989123456789"}


def in_progress(number: int, *, withheld: bool = False) -> LoggedCall:
    """The record of a call to one phone that has not ended."""
    logged = record(number, withheld=withheld)
    entry = replace(logged.entry, disposition=None, ended_at=None, talk_s=None, legs=())
    return replace(logged, entry=entry, trace=())


@pytest.fixture(scope="module")
async def office(
    prepared: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Running]:
    """Call 1 has ended, calls 2 and 3 are in progress."""
    async with running(prepared, tmp_path_factory.mktemp("office"), real_pages=True) as server:
        await keep(server.database, record(1), in_progress(2), in_progress(3, withheld=True))
        yield server


async def page_of(server: Running, number: int, language: str = "en") -> str:
    async with await server.client("adam") as browser:
        answer = await browser.get(f"/calls/{number}", headers={"Accept-Language": language})
        assert answer.status_code == 200
        return answer.text


async def test_call_in_progress_has_its_steps_so_far_and_no_empty_list_of_phones(
    office: Running,
) -> None:
    call = in_progress(2).entry
    office.traces[call.pbx, call.call] = (STEP,)
    page = await page_of(office, 2)
    assert "This call is in progress. New steps appear here as they happen." in page
    assert STEPS in page
    assert REASONS in page
    assert PHONES not in page
    async with await office.client("adam") as browser:
        assert (await browser.get("/api/v1/calls/2")).json()["trace"] == [STEP]


async def test_call_in_progress_without_known_steps_has_a_sentence_instead(office: Running) -> None:
    office.traces.clear()
    page = await page_of(office, 2)
    assert "Its phones and steps appear here when it ends." in page
    assert STEPS not in page
    assert REASONS not in page
    assert PHONES not in page


async def test_steps_of_a_withheld_number_in_progress_do_not_have_the_number(
    office: Running,
) -> None:
    call = in_progress(3).entry
    office.traces[call.pbx, call.call] = (STEP,)
    assert "9123456789" not in await page_of(office, 3)


async def test_ended_call_has_its_stored_steps_and_its_phones(office: Running) -> None:
    call = record(1).entry
    office.traces[call.pbx, call.call] = (STEP, STEP)
    page = await page_of(office, 1)
    assert "This call is in progress." not in page
    assert STEPS in page
    assert PHONES in page
    async with await office.client("adam") as browser:
        [step] = (await browser.get("/api/v1/calls/1")).json()["trace"]
        assert step["step"] == "call_arrived"


async def test_a_call_in_progress_has_its_phones_from_the_steps_and_is_drawn(
    office: Running,
) -> None:
    call = in_progress(2).entry
    steps = (
        {"at": NOON + 1, "step": "dialled", "endpoint": "101", "agent": "<b>Eve", "queue": ""},
        {"at": NOON + 4, "step": "answered", "endpoint": "101", "agent": "<b>Eve"},
        {"at": NOON + 9, "step": "held", "endpoint": "101"},
    )
    office.traces[call.pbx, call.call] = (STEP, *steps)
    page = await page_of(office, 2)
    assert PHONES in page
    assert page.count("&lt;b&gt;Eve") >= 2
    for kind in ("waiting", "ringing", "talking", "held"):
        assert f'class="span {kind}"' in page, kind
    office.traces.clear()


async def test_supervisors_have_a_link_to_the_recording_that_no_value_can_change(
    prepared: Path, tmp_path: Path
) -> None:
    template = "https://pbx.example/rec/{queue}/{linkedid}.wav?n={number}"
    async with running(prepared, tmp_path, real_pages=True, recording_template=template) as server:
        await keep(
            server.database,
            record(1, queue='..//"><b>?x=#'),
            record(2, withheld=True),
            record(3, disposition=Disposition.NO_ANSWER),
        )
        page = await page_of(server, 1)
        assert (
            'href="https://pbx.example/rec/..%2F%2F%22%3E%3Cb%3E%3Fx%3D%23/1.1.wav?n=989123456789"'
            in page
        )
        assert "n=989" not in await page_of(server, 2)
        assert "pbx.example" not in await page_of(server, 3)
        async with await server.client("alice") as alice:
            own = (await alice.get("/calls/1")).text
            assert 'id="drawn"' in own
            assert "pbx.example" not in own
