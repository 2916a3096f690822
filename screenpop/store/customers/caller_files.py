"""Implements the port ``service.identify_caller.CustomerFiles``: links and creates customers."""

from collections.abc import Callable

from sqlalchemy import select

from screenpop.accounts.users import Role, UserId
from screenpop.calls.call_state import CallKey
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.customers.visibility import FilesRule
from screenpop.service.identify_caller import IdentifyCallerError
from screenpop.service.ports import NumberLink
from screenpop.store.customers.created_customers import delete_created
from screenpop.store.customers.number_links import link_caller, undo_link
from screenpop.store.customers.queries import CustomerRefusedError, create_customer
from screenpop.store.customers.visible import is_customer_visible, load_viewer
from screenpop.store.engine.database import Database
from screenpop.store.engine.visible_rows import seen_by
from screenpop.store.schema.account_tables import users
from screenpop.telephony.caller_id import CallerId


class StoredCallerFiles:
    def __init__(
        self,
        database: Database,
        clock: Callable[[], float],
        agents_see: FilesRule = FilesRule.ALL,
    ) -> None:
        self._database = database
        self._clock = clock
        self._agents_see = agents_see

    async def is_seen_by(self, user_id: UserId, customer: CustomerId) -> bool:
        if self._agents_see is FilesRule.ALL:
            return True
        async with self._database.reading() as connection:
            role = await connection.scalar(select(users.c.role).where(users.c.id == user_id))
        if role is None:
            return False
        viewer = await load_viewer(self._database, user_id, Role(role), self._agents_see)
        with seen_by(viewer):
            return await is_customer_visible(self._database, customer)

    async def link(self, caller: CallerId, customer: CustomerId, user_id: UserId) -> NumberLink:
        phone, now = _phone(caller), self._clock()
        try:
            return await link_caller(self._database, customer, phone, user_id=user_id, now=now)
        except CustomerRefusedError as refused:
            raise IdentifyCallerError(refused.code) from refused

    async def undo_link(self, link: NumberLink, call: CallKey, user_id: UserId) -> None:
        await self._database.log.flush()
        if link.created_at is None:
            await undo_link(self._database, link, call, user_id=user_id, now=self._clock())
            return
        try:
            await delete_created(self._database, link.customer, link.created_at, call)
        except CustomerRefusedError as refused:
            raise IdentifyCallerError(refused.code) from refused

    async def create(
        self, caller: CallerId, name: PersonName, language: str, user_id: UserId
    ) -> NumberLink:
        phone, now = _phone(caller), self._clock()
        draft = CustomerDraft(names={language: name}, language=language, phones=(phone,))
        try:
            customer_id = await create_customer(self._database, draft, now, user_id=user_id)
        except CustomerRefusedError as refused:
            raise IdentifyCallerError(refused.code) from refused
        number = phone.e164 or phone.raw
        return NumberLink(customer_id, number, phone.e164, None, False, None, (), created_at=now)


def _phone(caller: CallerId) -> PhoneDraft:
    label = "mobile" if caller.line_type == "mobile" else ""
    return PhoneDraft(caller.raw, caller.e164, caller.last_nine, label)
