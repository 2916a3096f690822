"""A request that another process did in the same moment: one change, and the same answer."""

from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.event import listen, remove
from sqlalchemy.util import await_only

from screenpop.loyalty.vouchers import Voucher
from screenpop.store.engine.database import Database
from screenpop.store.vouchers.queries import voucher_history
from screenpop.store.vouchers.redeeming import (
    cancel_voucher,
    find_voucher,
    redeem_voucher,
    reverse_voucher,
)
from tests.store.vouchers.test_vouchers import AT, TODAY, batch, offer

pytestmark = pytest.mark.anyio


@contextmanager
def done_before_the_next(
    words: str, change: Callable[[], Coroutine[Any, Any, object]]
) -> Generator[None]:
    """Have ``change`` committed just before the next statement with these words."""
    waiting = [change]

    def before(_: Any, __: Any, statement: str, *more: object) -> None:
        if words in statement and waiting:
            await_only(waiting.pop()())

    listen(Engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        remove(Engine, "before_cursor_execute", before)
    assert not waiting


# SQLite has one writer at a time: there the second request waits before it reads.
@pytest.mark.parametrize("kind", [pytest.param("postgresql", marks=pytest.mark.postgres)])
@pytest.mark.parametrize("words", ["request_key =", "UPDATE vouchers"])
async def test_request_that_another_process_does_in_the_same_moment_returns_the_change(
    database: Database, words: str
) -> None:
    (voucher,) = await batch(database, await offer(database))

    async def redeem() -> Voucher:
        return await redeem_voucher(
            *(database, voucher.code),
            customer_id=None,
            today=TODAY,
            user_id=None,
            now=AT,
            key="1",
        )

    async def reverse() -> Voucher:
        return await reverse_voucher(
            database, voucher.code, reason="typed", user_id=None, now=AT, key="2"
        )

    async def cancel() -> Voucher:
        return await cancel_voucher(
            database, voucher.code, reason="stolen", user_id=None, now=AT, key="3"
        )

    for change in (redeem, reverse, cancel):
        with done_before_the_next(words, change):
            found = await change()
        assert found == await find_voucher(database, voucher.code)
    events = [one.what for one in await voucher_history(database, voucher.id)]
    assert events == ["cancelled", "reversed", "redeemed", "issued"]
