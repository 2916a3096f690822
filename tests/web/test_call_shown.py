"""The page and the list of a call, on the real templates: answered elsewhere, voicemail.

The user Sue reads Greek.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from screenpop.calls.call_record import LegOutcome, LegRecord
from screenpop.calls.events import Disposition
from screenpop.telephony.identifiers import Endpoint, LegId
from tests.web.running_server import Running, running
from tests.web.samples import NOON, keep, record

pytestmark = pytest.mark.anyio

LANGUAGES = {"en": "Voicemail", "fa": "صندوق صوتی", "el": "Τηλεφωνητής"}


def loser(leg: str, by: str, outcome: LegOutcome = LegOutcome.ANSWERED_ELSEWHERE) -> LegRecord:
    times = (NOON + 1, None, NOON + 4)
    return LegRecord(LegId(leg), Endpoint("102"), "", *times, outcome, True, by=Endpoint(by))


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    """1: Alice answered and 102 rang beside her. 2: a mobile took it. 3: voicemail. 4: Alice
    asked 102 and went back to the caller."""
    async with running(prepared, tmp_path, real_pages=True) as up:
        one, two = record(1).entry, record(2).entry
        mobile = replace(two.legs[0], endpoint=Endpoint("trunk"), dialled="09121112233")
        four = record(4).entry
        await keep(
            up.database,
            replace(record(1), entry=replace(one, legs=(*one.legs, loser("l1", "101")))),
            replace(
                record(2),
                entry=replace(
                    two, legs=(mobile, loser("l2", "trunk")), answered_by=(Endpoint("trunk"),)
                ),
            ),
            record(3, disposition=Disposition.VOICEMAIL),
            replace(
                record(4),
                entry=replace(four, legs=(*four.legs, loser("l4", "101", LegOutcome.CANCELLED))),
            ),
        )
        yield up


async def page(office: Running, call: int) -> str:
    async with await office.client("sue") as client:
        listed = await client.get("/api/v1/calls")
        number = next(c["id"] for c in listed.json()["calls"] if c["call"] == f"{call}.1")
        answer = await client.get(f"/calls/{number}")
        assert answer.status_code == 200
        return answer.text


async def test_a_phone_that_lost_names_the_answering_agent(office: Running) -> None:
    text = await page(office, 1)
    assert "Απαντήθηκε αλλού" in text
    row = text[text.index("Απαντήθηκε αλλού") :].partition("</td>")[0]
    assert "<small>" in row
    assert "Αλίκη" in row or "Alice" in row or "101" in row


async def test_a_mobile_is_displayed_by_its_number_and_never_by_the_trunk(office: Running) -> None:
    text = await page(office, 2)
    assert "09121112233" in text
    assert ">trunk<" not in text
    async with await office.client("sue") as client:
        listed = await client.get("/calls")
        assert "09121112233" in listed.text
        assert ">trunk<" not in listed.text


async def test_a_consultation_that_ended_is_displayed_as_that(office: Running) -> None:
    text = await page(office, 4)
    assert "Η διαβούλευση διακόπηκε" in text
    assert "Ο καλών έκλεισε" not in text


async def test_a_voicemail_is_an_outcome_that_can_be_filtered(office: Running) -> None:
    async with await office.client("sue") as client:
        listed = await client.get("/calls", params={"disposition": "voicemail"})
        assert listed.status_code == 200
        assert '<option value="voicemail" selected>Τηλεφωνητής</option>' in listed.text
        found = await client.get("/api/v1/calls", params={"disposition": "voicemail"})
        assert [call["call"] for call in found.json()["calls"]] == ["3.1"]
        for language, words in LANGUAGES.items():
            catalogue = await client.get(f"/i18n/{language}.json")
            assert words in catalogue.text
