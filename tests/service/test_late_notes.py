"""A note that comes when its call is over and forgotten: it reaches the log, or is refused."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.service.late_notes import log_late_note
from screenpop.service.ports import LoggedCall
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.service.service_under_test import ELENI, MARYAM

pytestmark = pytest.mark.anyio

CARD = f"office/pbx1-1795315010.0/{MARYAM}"


class Log:
    """The log of one call, of which one agent had a card."""

    def __init__(self) -> None:
        self.commits = True
        self.notes: list[tuple[CallId, PbxId, UserId, str, BootId | None]] = []

    def keep(self, record: LoggedCall) -> None:
        raise AssertionError(record)

    def keep_open(self, key: CallKey, record: Callable[[], LoggedCall | None]) -> None:
        pass

    def merge(self, key: CallKey, into: CallId) -> None:
        pass

    def close_left_open(self, pbx: PbxId) -> None:
        pass

    def keep_note(
        self, call: CallId, pbx: PbxId, agent: UserId, text: str, boot: BootId | None = None
    ) -> Awaitable[bool]:
        self.notes.append((call, pbx, agent, text, boot))
        return asyncio.sleep(0, result=self.commits)

    async def boot_of(self, pbx: PbxId, call: CallId, agent: UserId) -> BootId | None:
        had = (pbx, call, agent) == ("office", "pbx1-1795315010.0", MARYAM)
        return BootId("b7") if had else None


async def test_the_agent_of_the_card_writes_on_the_call_in_the_log() -> None:
    log = Log()
    assert await log_late_note(log, log, MARYAM, {"card": CARD, "text": "late"}) == {}
    assert log.notes == [("pbx1-1795315010.0", "office", MARYAM, "late", "b7")]


@pytest.mark.parametrize(
    ("user", "card"),
    [
        (ELENI, CARD),
        (ELENI, f"office/pbx1-1795315010.0/{ELENI}"),
        (MARYAM, f"office/9.9/{MARYAM}"),
        (MARYAM, f"elsewhere/pbx1-1795315010.0/{MARYAM}"),
        (MARYAM, "office/pbx1-1795315010.0"),
        (MARYAM, "office/pbx1-1795315010.0/"),
        (MARYAM, "office/pbx1-1795315010.0/\u0661"),
        (MARYAM, f"/pbx1-1795315010.0/{MARYAM}"),
        (MARYAM, ""),
    ],
)
async def test_mallory_writes_on_no_call_of_which_she_had_no_card(user: UserId, card: str) -> None:
    log = Log()
    refused = await log_late_note(log, log, user, {"card": card, "text": "mine"})
    assert refused == {"error": "unknown_card"}
    assert log.notes == []


async def test_a_late_note_that_is_not_committed_is_not_reported_as_saved() -> None:
    log = Log()
    log.commits = False
    answer = await log_late_note(log, log, MARYAM, {"card": CARD, "text": "late"})
    assert answer == {"error": "not_saved_yet"}
