"""What keeps the customers' file in order while the server runs, a little at a time."""

import asyncio

import phonenumbers
import structlog

from screenpop.customers.draft import PhoneDraft
from screenpop.store.database import Database
from screenpop.store.refolding import index_new, refold_if_older
from screenpop.store.renumbering import renumber_if_older
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.numbers import resolve
from screenpop.telephony.plan import NumberPlan

_log = structlog.get_logger()

LOOK_EVERY_S = 5.0


async def keep_file_in_order(database: Database, plan: NumberPlan) -> None:
    """For ever: at first what another version of this program wrote, then what sheets bring."""

    def understand(raw: str) -> PhoneDraft:
        read = resolve(raw, plan=plan)
        e164 = read.e164 if read.kind is CallerIdKind.NUMBER else None
        return PhoneDraft(raw, e164, read.last_nine)

    # The plan too: another country makes other numbers of the same digits.
    version = f"{phonenumbers.__version__} {plan.region} {plan.area_code}"
    started = False
    while True:
        try:
            if not started:
                words = await refold_if_older(database)
                numbers = await renumber_if_older(database, version, understand)
                if words or numbers:
                    _log.info("The customers' file is in order", words=words, numbers=numbers)
                started = True
            while await index_new(database):
                pass
        except Exception as problem:  # noqa: BLE001 -- the records come back, or others tell of it
            _log.warning("The customers' file could not be kept in order", why=str(problem))
        await asyncio.sleep(LOOK_EVERY_S)
