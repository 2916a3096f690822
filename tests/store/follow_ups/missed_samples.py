"""Missed calls and talks of one office, for the tests of callbacks."""

from dataclasses import replace

from screenpop.accounts.users import UserId
from screenpop.calls.call_record import LegOutcome
from screenpop.calls.events import CallerInfo, Direction, Disposition
from screenpop.customers.models import CustomerId
from screenpop.service.ports import CardDelivery, LoggedCall
from screenpop.store.engine.database import Database
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164
from tests.store.samples import changed, finished_call

AT = 1_700_000_000.0


def number(text: str) -> CallerId:
    return CallerId(text, CallerIdKind.NUMBER, "international", E164(text), last_nine=text[-9:])


HIDDEN = CallerId("anonymous", CallerIdKind.WITHHELD, "withheld_word")


def missed_call(
    call: str,
    caller: CallerId,
    at: float,
    *,
    customer: CustomerId | None = None,
    by: UserId | None = None,
    queue: str = "sales",
    disposition: Disposition = Disposition.NO_ANSWER,
    dialled: bool = True,
) -> LoggedCall:
    """A call from outside that rang at one phone in vain, that of ``by`` if given."""
    record = finished_call(call, caller=caller, customer=customer, arrived_at=at, queue=queue)
    [leg, _] = record.entry.legs
    leg = replace(leg, answered_at=None, outcome=LegOutcome.NO_ANSWER)
    hidden = caller.kind is CallerIdKind.WITHHELD
    record = changed(
        record,
        answered_at=None,
        disposition=disposition,
        answered_by=(),
        transfers=(),
        talk_s=0.0,
        legs=(leg,) if dialled else (),
        caller=CallerInfo(caller.raw, "", hidden),
    )
    painted = () if by is None else (CardDelivery(by, "101", at, at, at, None, None),)
    return replace(record, painted=painted)


def talk(
    call: str,
    caller: CallerId,
    at: float,
    *,
    seconds: float = 60.0,
    customer: CustomerId | None = None,
    direction: Direction = Direction.OUTBOUND,
) -> LoggedCall:
    """A call that was answered at ``at``."""
    record = finished_call(call, caller=caller, customer=customer, arrived_at=at)
    return changed(record, direction=direction, answered_at=at, talk_s=seconds)


async def keep(database: Database, *records: LoggedCall) -> None:
    for record in records:
        database.log.keep(record)
    await database.log.flush()
