"""Implements the port ``service.ports.PastCards``: the agents who had the cards of logged calls."""

from sqlalchemy import select

from screenpop.accounts.users import UserId
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.tables import calls, receipts
from screenpop.telephony.identifiers import BootId, CallId, PbxId


class LoggedCards:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def boot_of(self, pbx: PbxId, call: CallId, agent: UserId) -> BootId | None:
        await self._database.log.flush()
        statement = (
            select(calls.c.boot)
            .join(receipts, receipts.c.call_id == calls.c.id)
            .where(
                calls.c.pbx == clean_for_database(pbx),
                calls.c.linkedid == clean_for_database(call),
                receipts.c.user_id == agent,
            )
            .order_by(calls.c.arrived_at.desc())
            .limit(1)
        )
        async with self._database.reading() as connection:
            boot: str | None = (await connection.execute(statement)).scalar()
        return None if boot is None else BootId(boot)
