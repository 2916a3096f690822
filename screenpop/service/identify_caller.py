"""Links a caller to a customer, creates one, or chooses one of several, for an agent.

The records are written first; then the caller is looked up again, for every card.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, assert_never

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.cards.card import CardId
from screenpop.common.text import visible_or_empty
from screenpop.customers.models import LANGUAGES, CustomerId, PersonName
from screenpop.service.call_session import CallSession, LiveCard
from screenpop.service.commands import RefusedCommand
from screenpop.service.hidden_cards import is_hidden_from
from screenpop.service.lookup_queue import number_key
from screenpop.service.ports import NumberLink
from screenpop.service.screen_pop import ScreenPop
from screenpop.telephony.caller_id import CallerId

Enqueue = Callable[[Callable[[float], None]], None]
"""Enqueues work for the task that owns the calls; the work takes the wall clock."""

OPS = frozenset({"link", "choose", "create", "unlink"})
_LONGEST_ID = 256
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Link:
    """Link this caller to this customer; ``choose`` does the same for one of several."""

    card: CardId
    customer: CustomerId


@dataclass(frozen=True, slots=True)
class Create:
    card: CardId
    name: PersonName
    language: str


IdentifyCommand = Link | Create


class CustomerFiles(Protocol):
    """The part of the records needed to identify a caller. All raise ``IdentifyCallerError``."""

    async def is_seen_by(self, user_id: UserId, customer: CustomerId) -> bool:
        """Return whether the office's rule lets this user see the customer's file."""

    async def link(
        self, caller: CallerId, customer: CustomerId, user_id: UserId
    ) -> NumberLink | None: ...

    async def undo_link(self, link: NumberLink, call: CallKey, user_id: UserId) -> None:
        """Undo a link; delete the customer if ``link`` has created it."""

    async def create(
        self, caller: CallerId, name: PersonName, language: str, user_id: UserId
    ) -> NumberLink: ...


class IdentifyCallerError(Exception):
    """``code``: ``unknown_customer``, ``no_name``, ``customer_used``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def identify_caller(
    screen_pop: ScreenPop,
    files: CustomerFiles,
    put: Enqueue,
    user: UserId,
    op: str,
    args: Mapping[str, object],
) -> Mapping[str, object]:
    """Return ``{"customer": id}``, or ``{"error": code}``.

    Codes: ``bad_arguments``, ``unknown_card``, ``no_number``, ``no_name``, ``unknown_customer``,
    ``nothing_to_undo``, ``customer_used``.
    """
    if op == "unlink":
        return await _undo(screen_pop, files, put, user, args)
    asked = understand(op, args)
    if isinstance(asked, RefusedCommand):
        return {"error": asked.code}
    entry = screen_pop.own_card(user, asked.card)
    if entry is None:
        return {"error": "unknown_card"}
    file, card = entry
    caller, agent_name = file.caller, card.agent.display_name
    if number_key(caller) is None:
        return {"error": "no_number"}
    if isinstance(asked, Link) and not await _may_link(screen_pop, files, entry, asked.customer):
        return {"error": "unknown_customer"}
    try:
        customer, link = await _write(files, asked, caller, user)
    except IdentifyCallerError as refused:
        return {"error": refused.code}

    def named(now: float) -> None:
        # The caller may have changed meanwhile: after a transfer it is the transferred one.
        if file.caller == caller and file.number is not None:
            file.chosen = (customer, agent_name)
            file.link, file.linked_by = link, agent_name if link is not None else ""
            file.trace.add(now, "named", agent=agent_name, customer=customer)
            screen_pop.look_again(file.number, now)

    put(named)
    return {"customer": customer}


async def _may_link(
    screen_pop: ScreenPop,
    files: CustomerFiles,
    entry: tuple[CallSession, LiveCard],
    customer: CustomerId,
) -> bool:
    """Return whether the card's agent may link this customer's file, which the card then shows.

    Without the rule of the office one could read all files, by linking one id after another.
    """
    file, card = entry
    if is_hidden_from(file, card, screen_pop.hidden, customer):
        return False
    is_on_card = any(one.customer.id == customer for one in (file.about or file).match.files)
    return is_on_card or await files.is_seen_by(UserId(card.agent.id), customer)


async def _undo(
    screen_pop: ScreenPop,
    files: CustomerFiles,
    put: Enqueue,
    user: UserId,
    args: Mapping[str, object],
) -> Mapping[str, object]:
    """Undo the link, the choice or the new customer of this card's call."""
    card_id = args.get("card")
    if not isinstance(card_id, str) or len(card_id) > _LONGEST_ID:
        return {"error": "bad_arguments"}
    entry = screen_pop.own_card(user, CardId(card_id))
    if entry is None:
        return {"error": "unknown_card"}
    file, card = entry
    link, agent_name = file.link, card.agent.display_name
    if link is None:
        return {"error": "nothing_to_undo"}
    file.link = None  # A concurrent request for the same has nothing to undo.
    try:
        await files.undo_link(link, file.call.key, user)
    except IdentifyCallerError as refused:
        file.link = link
        return {"error": refused.code}
    except BaseException:
        file.link = link
        raise

    def undone(now: float) -> None:
        file.chosen, file.linked_by = None, ""
        file.trace.add(now, "naming_undone", agent=agent_name, customer=link.customer)
        if file.number is not None:
            screen_pop.look_again(file.number, now)

    put(undone)
    return {"customer": link.customer}


async def _write(
    files: CustomerFiles, asked: IdentifyCommand, caller: CallerId, user: UserId
) -> tuple[CustomerId, NumberLink | None]:
    match asked:
        case Link(_, customer):
            return customer, await files.link(caller, customer, user)
        case Create(_, name, language):
            link = await files.create(caller, name, language, user)
            return link.customer, link
        case _:
            assert_never(asked)


def understand(op: str, args: Mapping[str, object]) -> IdentifyCommand | RefusedCommand:
    card, customer = args.get("card"), args.get("customer")
    if not isinstance(card, str) or len(card) > _LONGEST_ID:
        return RefusedCommand("bad_arguments")
    if op == "create":
        return _create(CardId(card), args)
    if type(customer) is not int or not 0 < customer < 2**63:
        return RefusedCommand("bad_arguments")
    return Link(CardId(card), CustomerId(customer))


def _create(card: CardId, args: Mapping[str, object]) -> IdentifyCommand | RefusedCommand:
    given, family, language = args.get("given", ""), args.get("family", ""), args.get("language")
    if not isinstance(given, str) or not isinstance(family, str) or language not in LANGUAGES:
        return RefusedCommand("bad_arguments")
    name = PersonName(*(visible_or_empty(part.strip()) for part in (given, family)))
    if not name.full or len(name.full) > _LONGEST_NAME:
        return RefusedCommand("no_name" if not name.full else "bad_arguments")
    return Create(card, name, str(language))
