"""Vouchers in the store: made, redeemed once, cancelled, given back, counted, merged, erased."""

import asyncio
import random
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from screenpop.customers.models import CustomerId
from screenpop.loyalty.voucher_code import formatted, is_code
from screenpop.loyalty.vouchers import (
    MAX_BATCH,
    MAX_DAYS,
    Voucher,
    VoucherKind,
    VoucherRefusal,
    VoucherState,
    VoucherTerms,
    VoucherWorth,
)
from screenpop.offers.office_offer import OfferId, OfferTerms
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.engine.database import Database
from screenpop.store.offers.saved import (
    OfferRefusal,
    OfferRefusedError,
    add_offer,
    delete_offer,
)
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.voucher_tables import voucher_events, vouchers
from screenpop.store.vouchers.issuing import (
    issue_batch,
    issue_for_answer,
    withdraw_for_answer,
)
from screenpop.store.vouchers.queries import (
    list_vouchers,
    voucher_history,
    voucher_report,
    vouchers_of_customer,
)
from screenpop.store.vouchers.redeeming import (
    cancel_voucher,
    find_voucher,
    redeem_voucher,
    reverse_voucher,
)
from screenpop.store.vouchers.rows import VoucherRefusedError
from tests.store.samples import add_customer, add_user

pytestmark = pytest.mark.anyio
TODAY = date(2026, 2, 27)
AT = datetime(2026, 2, 27, 9, tzinfo=UTC).timestamp()
EUROS = VoucherWorth(kind=VoucherKind.AMOUNT, amount=50, currency="EUR")
TOMANS = VoucherWorth(kind=VoucherKind.AMOUNT, amount=900_000, currency="IRT")
TEN = VoucherWorth(kind=VoucherKind.PERCENT, percent=10)
ROOT = Path(__file__).parents[3]


async def offer(
    database: Database, worth: VoucherWorth | None = EUROS, *, days: int = 90, bound: bool = True
) -> OfferId:
    voucher = None if worth is None else VoucherTerms(worth=worth, days=days, is_bound=bound)
    terms = OfferTerms(name="Rome again", words={"en": "Rome?"}, voucher=voucher)
    return await add_offer(database, terms, user_id=None, now=AT)


async def batch(database: Database, number: OfferId, count: int = 1, **more: Any) -> list[Voucher]:
    given: dict[str, Any] = {
        "valid_from": None,
        "valid_to": None,
        "today": TODAY,
        "user_id": None,
        "now": AT,
    }
    return list(await issue_batch(database, number, count, **{**given, **more}))


async def accepted(
    database: Database, number: OfferId, customer: CustomerId, key: str = "answer:1"
) -> Voucher:
    async with database.writing() as connection:
        made = await issue_for_answer(
            connection, number, customer, key, today=TODAY, user_id=None, now=AT
        )
    assert made is not None
    return made


async def redeem(database: Database, code: str, **more: Any) -> Voucher:
    given: dict[str, Any] = {"customer_id": None, "today": TODAY, "user_id": None, "now": AT}
    return await redeem_voucher(database, code, **{**given, **more})


async def refusal(work: Any) -> VoucherRefusedError:
    with pytest.raises(VoucherRefusedError) as error:
        await work
    return error.value


async def test_voucher_is_redeemed_once_and_the_second_desk_hears_when_and_where(
    database: Database,
) -> None:
    agent = await add_user(database, "maryam", "101")
    (voucher,) = await batch(database, await offer(database))
    assert (voucher.customer_id, voucher.is_bound) == (None, False)
    done = await redeem(database, formatted(voucher.code), user_id=agent.id, place="Athens")
    assert done.state_on(TODAY) is VoucherState.REDEEMED
    refused = await refusal(redeem(database, voucher.code, now=AT + 60))
    assert refused.refusal is VoucherRefusal.USED
    assert refused.voucher is not None
    assert (refused.voucher.redeemed_at, refused.voucher.redeemed_place) == (AT, "Athens")
    assert refused.voucher.redeemed_by == agent.display_name
    history = await voucher_history(database, voucher.id)
    assert [(one.what, one.by, one.place) for one in history] == [
        ("redeemed", "Maryam", "Athens"),
        ("issued", "", ""),
    ]


@pytest.mark.slow
async def test_two_processes_redeem_a_voucher_once(database: Database, url: str) -> None:
    number = await offer(database)
    (voucher,) = await batch(database, number)
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.store.vouchers.redeem_process"),
            *(url, voucher.code, key),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for key in ("till 1", "till 2")
    ]
    for one in processes:
        assert one.stdout is not None
        assert await one.stdout.readline() == b"ready\n"
    outs = await asyncio.gather(*(one.communicate(b"go\n") for one in processes))
    results = sorted(out.decode().strip() for out, _ in outs)
    assert results == ["redeemed", "voucher_used"]
    stored = await find_voucher(database, voucher.code)
    history = await voucher_history(database, voucher.id)
    assert [(one.what, one.place) for one in history] == [
        ("redeemed", stored.redeemed_place),
        ("issued", ""),
    ]


async def test_many_tasks_with_one_key_redeem_once_and_all_succeed(database: Database) -> None:
    first, second = await batch(database, await offer(database), 2)
    found = await asyncio.gather(*(redeem(database, first.code, key="till-7") for _ in range(5)))
    assert {one.redeemed_at for one in found} == {AT}
    assert len(await voucher_history(database, first.id)) == 2
    refused = await refusal(redeem(database, second.code, key="till-7"))
    assert refused.refusal is VoucherRefusal.KEY_USED
    assert (await find_voucher(database, second.code)).redeemed_at is None


async def test_voucher_is_refused_before_its_first_and_after_its_last_day(
    database: Database,
) -> None:
    first, last = TODAY + timedelta(2), TODAY + timedelta(5)
    vouchers_made = await batch(database, await offer(database), 2, valid_from=first, valid_to=last)
    one, other = vouchers_made
    early = await refusal(redeem(database, one.code, today=first - timedelta(1)))
    late = await refusal(redeem(database, one.code, today=last + timedelta(1)))
    assert (early.refusal, late.refusal) == (VoucherRefusal.NOT_YET, VoucherRefusal.EXPIRED)
    for voucher, day in ((one, first), (other, last)):
        done = await redeem(database, voucher.code, today=day)
        assert done.state_on(day) is VoucherState.REDEEMED


async def test_bound_voucher_is_for_its_customer_also_after_a_merge(database: Database) -> None:
    laleh, nikos = await add_customer(database, "Karimi"), await add_customer(database, "Ilias")
    voucher = await accepted(database, await offer(database), laleh)
    assert voucher.valid_to == TODAY + timedelta(90)
    unnamed = await refusal(redeem(database, voucher.code))
    other = await refusal(redeem(database, voucher.code, customer_id=nikos))
    assert (unnamed.refusal, other.refusal) == (
        VoucherRefusal.CUSTOMER_NEEDED,
        VoucherRefusal.OTHER_CUSTOMER,
    )
    merge = await merge_customers(database, nikos, laleh, user_id=None, now=AT)
    assert [one.id for one in await vouchers_of_customer(database, nikos)] == [voucher.id]
    await undo_merge(database, merge, user_id=None, now=AT)
    assert [one.id for one in await vouchers_of_customer(database, laleh)] == [voucher.id]
    await merge_customers(database, nikos, laleh, user_id=None, now=AT)
    done = await redeem(database, voucher.code, customer_id=laleh)
    assert done.customer_id == nikos
    detail = await load_customer_detail(database, nikos)
    assert detail is not None
    changes = [(one.what, one.changes.get("voucher")) for one in detail.history]
    assert ("voucher_redeemed", [None, formatted(voucher.code)]) in [
        (what, list(pair) if pair else pair) for what, pair in changes
    ]


async def test_unknown_code_names_the_voucher_it_was_meant_to_be(database: Database) -> None:
    (voucher,) = await batch(database, await offer(database))
    code = voucher.code
    wrong = code[:3] + ("A" if code[3] != "A" else "B") + code[4:]
    refused = await refusal(redeem(database, wrong))
    assert (refused.refusal, refused.likely) == (VoucherRefusal.MISTYPED, (code,))
    async with database.writing() as connection:
        await connection.execute(voucher_events.delete())
        await connection.execute(vouchers.delete())
    unknown = await refusal(find_voucher(database, code))
    assert (unknown.refusal, unknown.likely) == (VoucherRefusal.UNKNOWN, ())
    nonsense = await refusal(find_voucher(database, "hello"))
    assert (nonsense.refusal, nonsense.likely) == (VoucherRefusal.MISTYPED, ())


async def test_reversal_and_cancellation_need_a_reason_and_are_kept(database: Database) -> None:
    (voucher,) = await batch(database, await offer(database))
    code = voucher.code
    given: dict[str, Any] = {"user_id": None, "now": AT}
    not_used = await refusal(reverse_voucher(database, code, reason="typed twice", **given))
    assert not_used.refusal is VoucherRefusal.NOT_USED
    await redeem(database, code)
    assert (
        await refusal(cancel_voucher(database, code, reason="stolen", **given))
    ).refusal is VoucherRefusal.USED
    assert (
        await refusal(reverse_voucher(database, code, reason="  ", **given))
    ).refusal is VoucherRefusal.REASON_NEEDED
    back = await reverse_voucher(database, code, reason="wrong guest", **given)
    assert (back.state_on(TODAY), back.redeemed_place) == (VoucherState.OPEN, "")
    gone = await cancel_voucher(database, code, reason="stolen", key="k", **given)
    again = await cancel_voucher(database, code, reason="stolen", key="k", **given)
    assert gone == again
    assert (await refusal(redeem(database, code))).refusal is VoucherRefusal.CANCELLED
    history = await voucher_history(database, voucher.id)
    assert [(one.what, one.reason) for one in history[:2]] == [
        ("cancelled", "stolen"),
        ("reversed", "wrong guest"),
    ]


async def test_an_answer_has_one_voucher_which_is_cancelled_and_opened_with_it(
    database: Database,
) -> None:
    laleh = await add_customer(database, "Karimi")
    number = await offer(database)
    first = await accepted(database, number, laleh)
    assert await accepted(database, number, laleh) == first
    async with database.writing() as connection:
        await withdraw_for_answer(connection, "answer:1", user_id=None, now=AT + 1)
    assert (await find_voucher(database, first.code)).state_on(TODAY) is VoucherState.CANCELLED
    assert await accepted(database, number, laleh) == first
    await cancel_voucher(database, first.code, reason="stolen", user_id=None, now=AT)
    by_hand = await accepted(database, number, laleh)
    assert by_hand.state_on(TODAY) is VoucherState.CANCELLED
    without = await offer(database, None)
    async with database.writing() as connection:
        none = await issue_for_answer(
            connection, without, laleh, "answer:2", today=TODAY, user_id=None, now=AT
        )
    assert none is None


async def test_batch_is_made_once_for_a_key_and_refused_beyond_its_limits(
    database: Database,
) -> None:
    number, other = await offer(database), await offer(database, None)
    made = await batch(database, number, MAX_BATCH, key="leaflets")
    assert await batch(database, number, MAX_BATCH, key="leaflets") == made
    assert len({one.code for one in made}) == MAX_BATCH
    assert all(is_code(one.code) for one in made)
    for count in (0, MAX_BATCH + 1):
        refused = await refusal(batch(database, number, count))
        assert refused.refusal is VoucherRefusal.COUNT
    assert (await refusal(batch(database, other))).refusal is VoucherRefusal.NO_VOUCHER
    assert (
        await refusal(batch(database, other, key="leaflets"))
    ).refusal is VoucherRefusal.KEY_USED
    refused_days: tuple[tuple[dict[str, Any], VoucherRefusal], ...] = (
        ({"valid_from": TODAY, "valid_to": TODAY - timedelta(1)}, VoucherRefusal.DAYS_REVERSED),
        ({"valid_to": TODAY - timedelta(1)}, VoucherRefusal.DAYS_REVERSED),
        ({"valid_to": TODAY + timedelta(MAX_DAYS + 1)}, VoucherRefusal.TOO_LONG),
    )
    for days, wanted in refused_days:
        assert (await refusal(batch(database, number, **days))).refusal is wanted
    (longest,) = await batch(database, number, valid_to=TODAY + timedelta(MAX_DAYS))
    assert longest.valid_to == TODAY + timedelta(MAX_DAYS)
    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(vouchers)) == MAX_BATCH + 1


async def test_offer_with_vouchers_is_not_deleted(database: Database) -> None:
    number = await offer(database)
    await batch(database, number)
    with pytest.raises(OfferRefusedError) as error:
        await delete_offer(database, number)
    assert error.value.refusal is OfferRefusal.HAS_VOUCHERS


async def test_erasure_keeps_the_code_removes_the_person_and_cancels_what_only_they_could_redeem(
    database: Database,
) -> None:
    laleh, number = await add_customer(database, "Karimi"), await offer(database)
    voucher = await accepted(database, number, laleh, "answer:lab:1.1:Karimi")
    await redeem(database, voucher.code, customer_id=laleh, place="with Karimi", key="Karimi-1")
    await reverse_voucher(database, voucher.code, reason="Karimi came again", user_id=None, now=AT)
    used = await accepted(database, number, laleh, "answer:lab:1.2:Karimi")
    await redeem(database, used.code, customer_id=laleh)
    free = await accepted(database, number, laleh, "answer:lab:1.3:Karimi")
    async with database.writing() as connection:
        await connection.execute(
            update(vouchers).where(vouchers.c.id == free.id).values(bound=False)
        )
    report = await subject_access_report(database, laleh)
    assert report is not None
    (given,) = [one for one in report["vouchers"] if one["code"] == voucher.code]
    assert [one["what"] for one in given["history"]] == ["issued", "redeemed", "reversed"]
    await erase_customer(database, laleh, user_id=None, now=AT)
    kept = await find_voucher(database, voucher.code)
    assert (kept.customer_id, kept.worth) == (None, EUROS)
    async with database.reading() as connection:
        for table in (vouchers, voucher_events):
            rows = (await connection.execute(select(table))).all()
            assert "Karimi" not in str(rows)
    assert kept.state_on(TODAY) is VoucherState.CANCELLED
    assert (await voucher_history(database, voucher.id))[0].what == "erased"
    with pytest.raises(VoucherRefusedError) as error:
        await redeem(database, voucher.code)
    assert error.value.refusal is VoucherRefusal.CANCELLED
    # One that was redeemed stays so; taken back, it is cancelled.
    assert (await find_voucher(database, used.code)).state_on(TODAY) is VoucherState.REDEEMED
    back = await reverse_voucher(database, used.code, reason="a slip", user_id=None, now=AT)
    assert back.state_on(TODAY) is VoucherState.CANCELLED
    # One that was given to them for its bearer is still the bearer's.
    assert (await redeem(database, free.code)).state_on(TODAY) is VoucherState.REDEEMED


@pytest.mark.parametrize("seed", range(3))
async def test_report_adds_up_whatever_was_done(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    numbers = [await offer(database, worth) for worth in (EUROS, TOMANS, TEN)]
    codes = [
        one.code
        for number in numbers
        for days in (3, 40)
        for one in await batch(database, number, 4, valid_to=TODAY + timedelta(days))
    ]
    for _ in range(40):
        code, day = chance.choice(codes), TODAY + timedelta(chance.randrange(8))
        given: dict[str, Any] = {"reason": "r", "user_id": None, "now": AT}
        try:
            match chance.randrange(4):
                case 0:
                    await cancel_voucher(database, code, **given)
                case 1:
                    await reverse_voucher(database, code, **given)
                case _:
                    await redeem(database, code, today=day)
        except VoucherRefusedError:
            continue
    for day in (TODAY, TODAY + timedelta(3), TODAY + timedelta(4), TODAY + timedelta(41)):
        report = await voucher_report(database, day)
        assert [row.offer_id for row in report] == numbers
        for row in report:
            listed = await list_vouchers(database, day, offer_id=OfferId(row.offer_id))
            counted = Counter(one.state_on(day) for one in listed)
            assert {state: one.count for state, one in row.states.items()} == {
                state: counted[state] for state in VoucherState
            }
            assert row.issued.count == sum(one.count for one in row.states.values()) == 8
            assert row.issued.amount == sum(one.amount for one in row.states.values())
            assert row.issued.amount == sum(one.worth.amount for one in listed)
            for state in VoucherState:
                found = await list_vouchers(
                    database, day, offer_id=OfferId(row.offer_id), state=state
                )
                assert {one.state_on(day) for one in found} <= {state}
                assert len(found) == counted[state]
