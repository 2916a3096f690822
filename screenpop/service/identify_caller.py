"""An agent says who is calling: links the caller to a customer, puts them on file, or chooses one
of several. The records are written first; then the caller is looked up anew, for every card."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, assert_never

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.cards.card import CardId
from screenpop.customers.models import LANGUAGES, CustomerId, PersonName
from screenpop.service.commands import RefusedCommand
from screenpop.service.lookup_queue import number_key
from screenpop.service.ports import NumberLink
from screenpop.service.screen_pop import ScreenPop
from screenpop.telephony.caller_id import CallerId

Enqueue = Callable[[Callable[[float], None]], None]
"""Has something done by the one task that owns the calls; it takes the wall clock."""

OPS = frozenset({"link", "choose", "create", "unlink"})
_LONGEST_ID = 256
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Link:
    """This caller is this customer; ``choose`` says the same of one of several."""

    card: CardId
    customer: CustomerId


@dataclass(frozen=True, slots=True)
class Create:
    card: CardId
    name: PersonName
    language: str


IdentifyCommand = Link | Create


class CustomerFiles(Protocol):
    """The records as far as naming a caller needs. All raise ``IdentifyCallerError``."""

    async def link(
        self, caller: CallerId, customer: CustomerId, by: UserId
    ) -> NumberLink | None: ...

    async def undo_link(self, link: NumberLink, call: CallKey, by: UserId) -> None:
        """Undo a link; delete the customer where ``link`` has created them."""

    async def create(
        self, caller: CallerId, name: PersonName, language: str, by: UserId
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
    """``{"customer": id}`` when the records have it, or ``{"error": code}``: ``bad_arguments``,
    ``unknown_card``, ``no_number``, ``no_name``, ``unknown_customer``, ``nothing_to_undo``,
    ``customer_used``."""
    if op == "unlink":
        return await _undo(screen_pop, files, put, user, args)
    asked = understand(op, args)
    if isinstance(asked, RefusedCommand):
        return {"error": asked.code}
    found = screen_pop.own_card(user, asked.card)
    if found is None:
        return {"error": "unknown_card"}
    file, card = found
    caller, by = file.caller, card.agent.display_name
    if number_key(caller) is None:
        return {"error": "no_number"}
    try:
        customer, link = await _write(files, asked, caller, user)
    except IdentifyCallerError as refused:
        return {"error": refused.code}

    def named(now: float) -> None:
        # The caller may be another by now: a transfer shows who was passed on.
        if file.caller == caller and file.number is not None:
            file.chosen = (customer, by)
            file.link, file.linked_by = link, by if link is not None else ""
            file.trace.add(now, "named", agent=by, customer=customer)
            screen_pop.look_again(file.number, now)

    put(named)
    return {"customer": customer}


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
    found = screen_pop.own_card(user, CardId(card_id))
    if found is None:
        return {"error": "unknown_card"}
    file, card = found
    link, by = file.link, card.agent.display_name
    if link is None:
        return {"error": "nothing_to_undo"}
    file.link = None  # whoever asks for the same meanwhile has nothing to undo
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
        file.trace.add(now, "naming_undone", agent=by, customer=link.customer)
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
    name = PersonName(given.strip(), family.strip())
    if not name.full or len(name.full) > _LONGEST_NAME:
        return RefusedCommand("no_name" if not name.full else "bad_arguments")
    return Create(card, name, str(language))
