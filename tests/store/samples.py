"""Callers, customers and finished calls for the store's tests."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.calls.call_record import CallRecord, LegOutcome, LegRecord, TransferRecord
from screenpop.calls.events import CallerInfo, Direction, Disposition, TransferKind
from screenpop.customers.models import CallerRecord, CustomerId
from screenpop.service.ports import CardDelivery, LoggedCall
from screenpop.store.accounts.users import create_user
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import calls, customer_phones, customers
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164, BootId, CallId, Endpoint, LegId, PbxId

LALEH = CallerId(
    "09123456789",
    CallerIdKind.NUMBER,
    "national",
    E164("+989123456789"),
    last_nine="123456789",
)
NIKOS = CallerId(
    "6912345678", CallerIdKind.NUMBER, "national", E164("+306912345678"), last_nine="912345678"
)
WITHHELD = CallerId("anonymous", CallerIdKind.WITHHELD, "withheld_word")


async def look_up(database: Database, caller: CallerId) -> CallerRecord:
    found = database.lookup.now_or_later(caller)
    return found if isinstance(found, CallerRecord) else await found


async def add_customer(
    database: Database,
    family: str,
    *phones: CallerId,
    given: str = "Laleh",
    raw_only: bool = False,
    folded: str = "",
) -> CustomerId:
    """A customer with these numbers; ``raw_only``: numbers that could not be understood."""
    async with database.writing() as connection:
        row = await connection.execute(
            insert(customers)
            .values(
                names=[{"language": "en", "given": given, "family": family}],
                tags=[],
                folded=folded,
                created_at=1.0,
                changed_at=1.0,
            )
            .returning(customers.c.id)
        )
        customer_id = CustomerId(row.scalar_one())
        for phone in phones:
            await connection.execute(
                insert(customer_phones).values(
                    customer_id=customer_id,
                    raw=phone.raw,
                    e164=None if raw_only else phone.e164,
                    last_nine=phone.last_nine,
                    label="mobile",
                    since=date(2023, 5, 1),
                )
            )
    return customer_id


async def add_user(database: Database, username: str = "maryam", *endpoints: str) -> User:
    return await create_user(
        database,
        username=username,
        display_name=username.title(),
        password="demo",
        role=Role.AGENT,
        department=Department.SALES,
        language="en",
        now=1.0,
        endpoints=[Endpoint(endpoint) for endpoint in endpoints],
    )


def finished_call(
    call: str = "1700000000.1",
    *,
    boot: str = "b1",
    caller: CallerId = LALEH,
    customer: CustomerId | None = None,
    agent: UserId | None = None,
    arrived_at: float = 1_700_000_000.0,
    estimated: bool = False,
    queue: str = "sales",
    name: str = "LALEH K",
) -> LoggedCall:
    """An answered queue call: 101 answered, 102 did not, then passed on to 103."""
    legs = (
        LegRecord(
            LegId(f"{call}-a"),
            Endpoint("101"),
            queue,
            arrived_at + 1,
            arrived_at + 5,
            arrived_at + 65,
            LegOutcome.ANSWERED,
            True,
        ),
        LegRecord(
            LegId(f"{call}-b"),
            Endpoint("102"),
            queue,
            arrived_at + 1,
            None,
            arrived_at + 5,
            LegOutcome.ANSWERED_ELSEWHERE,
            True,
        ),
    )
    entry = CallRecord(
        PbxId("lab"),
        BootId(boot),
        CallId(call),
        Direction.INBOUND,
        CallerInfo(caller.raw, name),
        "",
        "+982188776655",
        queue,
        arrived_at,
        arrived_at + 5,
        arrived_at + 65,
        Disposition.ANSWERED,
        (Endpoint("101"),),
        (TransferRecord(Endpoint("101"), "103", TransferKind.BLIND, arrived_at + 40),),
        5.0,
        60.0,
        legs,
        estimated,
    )
    painted = (
        ()
        if agent is None
        else (
            CardDelivery(agent, "101", arrived_at, arrived_at + 0.1, arrived_at + 0.2, None, True),
        )
    )
    trace = ({"at": arrived_at, "step": "matched", "why": "number_on_file"},)
    return LoggedCall(entry, caller, customer, painted, trace)


def changed(record: LoggedCall, **changes: Any) -> LoggedCall:
    """The same record with another entry."""
    return replace(record, entry=replace(record.entry, **changes))


async def count_customers(database: Database) -> int:
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(customers))).scalar_one()


async def find_call(
    database: Database, pbx: PbxId, call: CallId, boot: BootId | None = None
) -> int | None:
    """Return the id of a call in the log; without ``boot`` of the newest one of that Linkedid."""
    statement = select(calls.c.id).where(calls.c.pbx == pbx, calls.c.linkedid == call)
    if boot is not None:
        statement = statement.where(calls.c.boot == boot)
    async with database.reading() as connection:
        found: int | None = (
            await connection.execute(statement.order_by(calls.c.arrived_at.desc()).limit(1))
        ).scalar()
    return found


async def set_active(database: Database, user: UserId, *, active: bool) -> None:
    """Enable or disable a user, as the column allows; no page or command does it yet."""
    async with database.writing() as connection:
        await connection.execute(update(users).where(users.c.id == user).values(active=active))
