"""Vouchers of customers who were erased by an older version."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from screenpop.loyalty.vouchers import VoucherState
from screenpop.store.engine.database import migrate, open_database
from screenpop.store.vouchers.queries import list_vouchers
from tests.store.old_schema import migrate_to, place_for, revision_before, run_statements

VOUCHER = (
    "INSERT INTO vouchers (id, code, offer_id, bound, kind, issue_key, issue_no, issued_at,"
    " redeemed_at) VALUES ({}, 'CODE{}', 1, {}, 'amount', 'k{}', 0, 1, {})"
)


def states(url: str) -> dict[int, VoucherState]:
    async def run() -> dict[int, VoucherState]:
        database = open_database(url)
        await database.ready()
        today = date(2026, 12, 1)
        found = await list_vouchers(database, today)
        await database.close()
        return {one.id: one.state_on(today) for one in found}

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def test_an_open_voucher_of_an_erased_customer_is_cancelled_by_the_update(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place_for(kind, tmp_path, request) as url:
        migrate_to(url, revision_before("erased_vouchers"), monkeypatch)
        run_statements(
            url,
            "INSERT INTO offers (id, name, terms, active, made_at, changed_at)"
            " VALUES (1, 'Own', '{}', TRUE, 1, 1)",
            VOUCHER.format(1, 1, "TRUE", 1, "NULL"),
            VOUCHER.format(2, 2, "TRUE", 2, "5"),
            VOUCHER.format(3, 3, "FALSE", 3, "NULL"),
        )
        migrate(url)
        assert states(url) == {
            1: VoucherState.CANCELLED,
            2: VoucherState.REDEEMED,
            3: VoucherState.OPEN,
        }
