"""Builds the log record of a call, with the cards and answers of Screenpop's side."""

from screenpop.accounts.users import UserId
from screenpop.calls.call_record import CallRecord
from screenpop.calls.events import Direction
from screenpop.service.call_session import CallSession, LiveCard
from screenpop.service.commands import OfferAnswerCommand
from screenpop.service.ports import CardDelivery, LoggedCall, OfferAnswerToKeep
from screenpop.service.shown_offers import offers_shown


def build_logged_call(file: CallSession, entry: CallRecord) -> LoggedCall:
    return LoggedCall(
        entry=entry,
        caller=file.caller,
        customer=file.customer_id,
        painted=tuple(_delivery(file, card) for card in file.cards.values()),
        trace=tuple(file.trace.steps),
        dialled_from=file.call.endpoint if _by_us(file) else "",
        offer_answers=tuple(file.offer_answers),
        offers_shown=offers_shown(file),
    )


def open_record(file: CallSession, entry: CallRecord) -> LoggedCall:
    """Return the record of a call in progress, without the trace, which grows until the end."""
    return LoggedCall(
        entry=entry,
        caller=file.caller,
        customer=file.customer_id,
        painted=tuple(_delivery(file, card) for card in file.cards.values()),
        trace=(),
        dialled_from=file.call.endpoint if _by_us(file) else "",
        offer_answers=tuple(file.offer_answers),
    )


def keep_offer_answer(
    file: CallSession, card: LiveCard, given: OfferAnswerCommand, at: float
) -> None:
    """Add the customer's answer to a suggestion to the record of this call.

    The reason of a no comes after it and replaces it.
    """
    item = next((item for item in file.suggestions.items if item.id == given.offer), None)
    if item is None or file.customer_id is None:
        return
    last = file.offer_answers[-1] if file.offer_answers else None
    if last is not None and (last.offer, last.answer) == (given.offer, given.answer):
        del file.offer_answers[-1]
    file.offer_answers.append(
        OfferAnswerToKeep(
            customer=file.customer_id,
            offer=given.offer,
            answer=given.answer,
            why=given.why,
            reason={"code": item.reason.code, "params": item.reason.params},
            agent=UserId(card.agent.id),
            agent_name=card.agent.display_name,
            at=at,
        )
    )


def _by_us(file: CallSession) -> bool:
    """Return whether a phone of this PBX made the call, not a dialler that calls the customer
    first."""
    return file.call.direction is not Direction.INBOUND and not file.call.customer_first


def _delivery(file: CallSession, card: LiveCard) -> CardDelivery:
    legs = [leg for leg in file.call.legs.values() if leg.endpoint in card.phones]
    answers = [leg.answered_at for leg in legs if leg.answered_at is not None]
    endpoint = next((leg.endpoint for leg in legs), file.call.endpoint)
    receipts = card.receipts
    before_pickup = (
        receipts.painted_at is not None and receipts.painted_at <= min(answers) if answers else None
    )
    return CardDelivery(
        agent=UserId(card.agent.id),
        endpoint=endpoint,
        sent_at=receipts.sent_at,
        received_at=receipts.received_at,
        painted_at=receipts.painted_at,
        seen_at=receipts.seen_at,
        before_pickup=before_pickup,
        phones=frozenset(card.phones),
    )
