"""Calls and customers in the records, for the pages to show."""

from screenpop.calls.call_record import CallRecord, LegOutcome, LegRecord, TransferRecord
from screenpop.calls.events import CallerInfo, Direction, Disposition, TransferKind
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName, Title
from screenpop.service.ports import LoggedCall
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164, BootId, CallId, Endpoint, LegId, PbxId

NOON = 1_764_590_400.0
"""2025-12-01 12:00 UTC."""


async def add_customer(database: Database) -> CustomerId:
    phone = PhoneDraft("0912 345 6789", E164("+989123456789"), "123456789", "mobile")
    draft = CustomerDraft(
        names={
            "en": PersonName("Laleh", "Karimi <i>"),
            "fa": PersonName("لاله", "کریمی"),
        },
        title=Title.DR,
        notes="private",
        balance=12_400_000,
        phones=(phone,),
    )
    return await create_customer(database, draft, NOON)


def record(
    number: int,
    *,
    endpoint: str = "101",
    at: float = NOON,
    queue: str = "support",
    withheld: bool = False,
    name: str = "<b>Mallory</b>\u202e",
    disposition: Disposition = Disposition.ANSWERED,
    customer: CustomerId | None = None,
) -> LoggedCall:
    """One finished call from +989123456789 to one phone."""
    answered = disposition is Disposition.ANSWERED
    phone = Endpoint(endpoint)
    shown = CallerInfo("+989123456789", name, withheld)
    leg = LegRecord(
        leg=LegId(f"{number}.2"),
        endpoint=phone,
        queue=queue,
        rang_at=at,
        answered_at=at + 4 if answered else None,
        ended_at=at + 60,
        outcome=LegOutcome.ANSWERED if answered else LegOutcome.NO_ANSWER,
        rang=True,
    )
    entry = CallRecord(
        pbx=PbxId("office"),
        boot=BootId("boot"),
        call=CallId(f"{number}.1"),
        direction=Direction.INBOUND,
        caller=shown,
        called="",
        did="02191000101",
        queue=queue,
        arrived_at=at,
        answered_at=at + 4 if answered else None,
        ended_at=at + 60,
        disposition=disposition,
        answered_by=(phone,) if answered else (),
        transfers=(TransferRecord(phone, "103", TransferKind.BLIND, at + 30),),
        wait_s=4.0,
        talk_s=56.0 if answered else None,
        legs=(leg,),
    )
    caller = CallerId(
        shown.number,
        CallerIdKind.WITHHELD if withheld else CallerIdKind.NUMBER,
        "withheld_presentation" if withheld else "international",
        e164=None if withheld else E164("+989123456789"),
    )
    return LoggedCall(
        entry, caller, customer, (), ({"at": at, "step": "call_arrived", "raw": shown.number},)
    )


async def keep(database: Database, *records: LoggedCall) -> None:
    database.log.start()
    for one in records:
        database.log.keep(one)
    await database.log.flush()
