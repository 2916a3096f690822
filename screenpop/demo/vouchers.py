"""Vouchers of the demo's first offer: open, redeemed, expired, and a batch for leaflets."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.models import CustomerId
from screenpop.loyalty.voucher_code import ALPHABET, CODE_LENGTH, code_of
from screenpop.store.offers.terms import stored_terms
from screenpop.store.schema.offer_tables import offers
from screenpop.store.schema.voucher_tables import voucher_events, vouchers
from screenpop.store.vouchers.rows import new_values

_DAY_S = 86_400.0
_LEAFLETS = 6
_HOLDERS = 4
"""The first customers, of whom three have one."""


async def seed_vouchers(
    connection: AsyncConnection, ids: Sequence[CustomerId], today: date, now: float, seed: int
) -> None:
    """Give vouchers of the first offer that has one to some customers, and make a batch."""
    found = (await connection.execute(select(offers).order_by(offers.c.id))).all()
    giving = [
        (row.id, terms.voucher)
        for row in found
        if (terms := stored_terms(row.terms)) is not None and terms.voucher is not None
    ]
    if not giving or not ids[_HOLDERS:]:
        return
    offer_id, gives = giving[0]
    chance = random.Random(seed)  # noqa: S311 -- invented vouchers

    def row(issued_days: int, valid_days: int, **more: Any) -> dict[str, Any]:
        issued, last = now - issued_days * _DAY_S, today + timedelta(valid_days)
        values = [chance.randrange(len(ALPHABET)) for _ in range(CODE_LENGTH - 1)]
        plain = new_values(offer_id, gives.worth, None, last, issued)
        defaults = {
            "customer_id": None,
            "bound": False,
            "redeemed_at": None,
            "redeemed_by": "",
            "redeemed_place": "",
        }
        return {**plain, **defaults, "code": code_of(values), **more}

    used = {"redeemed_at": now - 3 * _DAY_S, "redeemed_by": "Maryam", "redeemed_place": "Athens"}
    rows = [
        row(5, gives.days - 5, customer_id=ids[0], bound=True),
        row(30, gives.days - 30, customer_id=ids[2], bound=True, **used),
        row(400, -2, customer_id=ids[3], bound=True),
        *(row(10, 60) for _ in range(_LEAFLETS)),
    ]
    for number, one in enumerate(rows):
        one |= {"issue_key": "demo", "issue_no": number}
    await connection.execute(insert(vouchers), rows)
    stored = await connection.execute(select(vouchers).order_by(vouchers.c.id))
    events = []
    for made in stored.all():
        events.append({"voucher_id": made.id, "what": "issued", "at": made.issued_at})
        if made.redeemed_at is not None:
            events.append({"voucher_id": made.id, "what": "redeemed", "at": made.redeemed_at})
    await connection.execute(insert(voucher_events), events)
