"""What changes of a call in progress while its row is being written is written with the next."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from screenpop.calls.call_state import CallKey
from screenpop.store.calls.writer import CallLogWriter
from screenpop.telephony.identifiers import BootId, CallId, PbxId

pytestmark = pytest.mark.anyio

KEY: CallKey = (PbxId("lab"), BootId("b1"), CallId("1.1"))


async def test_a_change_during_a_write_is_asked_for_again_before_a_flush_returns() -> None:
    begun, goes_on = asyncio.Event(), asyncio.Event()

    async def write(_work: Callable[[Connection], None]) -> None:
        begun.set()
        await goes_on.wait()

    asked: list[str] = []
    state = "arrived"

    def record() -> None:
        asked.append(state)

    log = CallLogWriter("sqlite", write, gather_s=0)
    log.start()
    log.keep_open(KEY, record)
    log.keep_open(KEY, record)
    await begun.wait()
    state = "answered an offer"
    log.keep_open(KEY, record)
    flushing = asyncio.create_task(log.flush())
    goes_on.set()
    await flushing
    assert asked == ["arrived", "answered an offer"]
    await log.close()
