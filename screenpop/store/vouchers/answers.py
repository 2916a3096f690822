"""The voucher of an answer on a card: made when the customer accepts, cancelled on a change."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.follow_ups.models import NewFollowUp
from screenpop.loyalty.voucher_code import formatted
from screenpop.offers.office_offer import offer_of
from screenpop.service.call_work import WorkPlace
from screenpop.store.vouchers.issuing import issue_for_answer, withdraw_for_answer


async def answer_voucher(
    connection: AsyncConnection, place: WorkPlace, later: NewFollowUp, answer: str, now: float
) -> dict[str, Any]:
    """Return ``{"voucher": {"code", "valid_to"}}`` for an accepted offer that gives one, else {}.

    ``later``: has the offer and the customer of the answer.
    """
    offer = offer_of(later.offer)
    if offer is None:
        return {}
    key = ":".join(("answer", *place.call, str(later.customer_id), later.offer))
    if answer != "accepted":
        await withdraw_for_answer(connection, key, user_id=place.user_id, now=now)
        return {}
    voucher = await issue_for_answer(
        connection,
        offer,
        later.customer_id,
        key,
        today=place.today,
        user_id=place.user_id,
        now=now,
    )
    if voucher is None or voucher.valid_to is None:
        return {}
    return {"voucher": {"code": formatted(voucher.code), "valid_to": voucher.valid_to.isoformat()}}
