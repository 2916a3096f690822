"""A process that redeems one voucher when a line comes: ``python -m … URL CODE KEY``."""

import asyncio
import sys
from datetime import date

from screenpop.store.engine.database import opened
from screenpop.store.vouchers.redeeming import redeem_voucher
from screenpop.store.vouchers.rows import VoucherRefusedError


async def redeem(url: str, code: str, key: str) -> str:
    async with opened(url) as database:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        try:
            await redeem_voucher(
                database,
                code,
                customer_id=None,
                today=date(2026, 2, 27),
                user_id=None,
                now=1.0,
                place=key,
                key=key,
            )
        except VoucherRefusedError as refused:
            return refused.refusal.value
    return "redeemed"


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(redeem(*sys.argv[1:])))
