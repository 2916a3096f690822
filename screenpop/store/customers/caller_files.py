"""Implements the port ``service.identify_caller.CustomerFiles``: links and creates customers."""

from collections.abc import Callable

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.service.identify_caller import IdentifyCallerError
from screenpop.service.ports import NumberLink
from screenpop.store.customers.number_links import link_caller, undo_link
from screenpop.store.customers.queries import CustomerRefusedError, create_customer
from screenpop.store.engine.database import Database
from screenpop.telephony.caller_id import CallerId


class StoredCallerFiles:
    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    async def link(self, caller: CallerId, customer: CustomerId, by: UserId) -> NumberLink:
        phone, now = _phone(caller), self._clock()
        try:
            return await link_caller(self._database, customer, phone, by=by, now=now)
        except CustomerRefusedError as refused:
            raise IdentifyCallerError(refused.code) from refused

    async def undo_link(self, link: NumberLink, call: CallKey, by: UserId) -> None:
        await self._database.log.flush()
        await undo_link(self._database, link, call, by=by, now=self._clock())

    async def create(
        self, caller: CallerId, name: PersonName, language: str, by: UserId
    ) -> CustomerId:
        draft = CustomerDraft(names={language: name}, language=language, phones=(_phone(caller),))
        try:
            return await create_customer(self._database, draft, self._clock(), by=by)
        except CustomerRefusedError as refused:
            raise IdentifyCallerError(refused.code) from refused


def _phone(caller: CallerId) -> PhoneDraft:
    label = "mobile" if caller.line_type == "mobile" else ""
    return PhoneDraft(caller.raw, caller.e164, caller.last_nine, label)
