"""JSON API of messages to customers: the filled text, and sending it through the gateway."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from screenpop.accounts.departments import sections_for
from screenpop.cards.honorifics import address, salutation
from screenpop.customers.consent import OFFERS
from screenpop.customers.models import LANGUAGES, CustomerId
from screenpop.customers.place_names import place_name
from screenpop.follow_ups.message_texts import GENERAL, MAX_TEXT_LENGTH, REASONS
from screenpop.follow_ups.work_list import SALE_KINDS, WorkKind, visible_kinds
from screenpop.store.follow_ups.messages import (
    FAILED,
    SENT,
    Addressee,
    NewMessage,
    begin_message,
    end_message,
    load_addressee,
)
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.follow_ups.views import Moment, quiet_of
from screenpop.web.ports import MessageRefusedError, Messages, OutgoingMessage
from screenpop.web.problem_details import problem_response

_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_Reason = Annotated[str, Query(max_length=20)]


class MessageInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH)]
    request: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    """An id of the page, the same when the request is repeated: it is sent once."""
    reason: Annotated[str, Field(max_length=20)] = GENERAL


def message_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1/customers", tags=["follow-ups"])
    sending: set[str] = set()

    @routes.get("/{customer}/message")
    async def text(
        current_user: RequireUser, customer: _Id, reason: _Reason = GENERAL
    ) -> JSONResponse:
        """Return the message for a reason (a work list's kind, or ``general``), filled with title
        and name in the customer's language; ``problem``: why it cannot be sent now."""
        messages = _messages(context, current_user, reason)
        found = await _addressee(context, customer)
        language = _language(context, found)
        return JSONResponse(
            {
                "text": messages.texts.fill(reason, language, _facts(found, language)),
                "number": found.customer.number,
                "language": language,
                "problem": _problem(context, messages, found, reason),
            }
        )

    @routes.post("/{customer}/message")
    async def send(
        request: Request, current_user: RequireUser, customer: _Id, given: MessageInput
    ) -> JSONResponse:
        """Send a message. 409 with a code if it was not sent; nothing is sent twice."""
        check_json(request)
        messages = _messages(context, current_user, given.reason)
        found = await _addressee(context, customer)
        code = _problem(context, messages, found, given.reason)
        if not given.text.strip():
            code = code or "empty_text"
        key = f"{current_user.user.id}-{given.request}"
        if key in sending:
            code = "being_sent"
        if code:
            return _not_sent(code)
        sending.add(key)
        try:
            code = await _send(context, messages, found, given, key, current_user)
        finally:
            sending.discard(key)
        if code:
            return _not_sent(code)
        return JSONResponse({"sent": True})

    return routes


def _not_sent(code: str) -> JSONResponse:
    sentence = "The message was not sent; the code has the reason. Nothing is sent twice."
    return problem_response(409, code, sentence, more={"error": code})


async def _send(
    context: WebContext,
    messages: Messages,
    found: Addressee,
    given: MessageInput,
    key: str,
    current_user: CurrentUser,
) -> str:
    """Send a message and return an empty text or the code of what went wrong."""
    customer_id = CustomerId(found.customer.ref.id)
    number, language = found.customer.number, _language(context, found)
    new = NewMessage(
        key, customer_id, given.reason, number, language, given.text, current_user.user.id
    )
    if not await begin_message(context.database, new, context.clock()):
        return ""
    outgoing = OutgoingMessage(key, number, given.text, language, given.reason, customer_id)
    try:
        await messages.send(outgoing)
    except MessageRefusedError as refused:
        await end_message(context.database, key, FAILED, context.clock())
        return refused.code
    await end_message(context.database, key, SENT, context.clock())
    return ""


def _messages(context: WebContext, current_user: CurrentUser, reason: str) -> Messages:
    """Return the gateway. Raises 404 if there is none, 403 for the reason of a hidden list."""
    if context.messages is None:
        raise HTTPException(404, "not_found")
    if reason not in REASONS:
        raise HTTPException(422, "bad_request:reason")
    visible = visible_kinds(sections_for(current_user.user))
    if reason != GENERAL and WorkKind(reason) not in visible:
        raise HTTPException(403, "not_allowed")
    return context.messages


async def _addressee(context: WebContext, customer: int) -> Addressee:
    found = await load_addressee(context.database, CustomerId(customer), context.today())
    if found is None:
        raise HTTPException(404, "not_found")
    return found


def _language(context: WebContext, found: Addressee) -> str:
    language = found.customer.language
    return language if language in LANGUAGES else context.renderer.languages[0]


def _facts(found: Addressee, language: str) -> dict[str, str]:
    ref = found.customer.ref
    name = address(ref.names, ref.title, ref.gender, language)
    destination = str(found.params.get("destination", ""))
    return {
        "name": name,
        "salutation": salutation(ref.names, ref.title, ref.gender, language) or name,
        "destination": place_name(destination, language) if destination else "",
    }


def _problem(context: WebContext, messages: Messages, found: Addressee, reason: str) -> str:
    """Return why a customer is not written to now: ``no_number``, ``no_consent``, ``quiet``."""
    if not found.customer.number:
        return "no_number"
    kind = None if reason == GENERAL else WorkKind(reason)
    channels = (messages.channel, OFFERS) if kind in SALE_KINDS else (messages.channel,)
    for channel in channels:
        consent = found.consents.get(channel)
        if consent is not None and not consent.given:
            return "no_consent"
    # Who was never asked is offered something on a call that they make, and in no message.
    if kind in SALE_KINDS and OFFERS not in found.consents:
        return "no_consent"
    now = datetime.fromtimestamp(context.clock(), UTC)
    moment = Moment(now, context.zone, context.office_hours.closed_days)
    return "quiet" if quiet_of(found.customer, kind or WorkKind.PROMISE, moment) else ""
