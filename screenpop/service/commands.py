"""Parses the commands of an agent's page: untrusted JSON until ``understand`` has run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from screenpop.cards.card import CardId
from screenpop.offers.quiet import DECLINE_REASONS

MAX_NOTE_LENGTH = 10_000
"""Characters."""

_LONGEST_ID = 256
ANSWERS = frozenset({"accepted", "later", "no"})


@dataclass(frozen=True, slots=True)
class NoteCommand:
    card: CardId
    text: str


@dataclass(frozen=True, slots=True)
class DismissCommand:
    card: CardId


@dataclass(frozen=True, slots=True)
class OfferAnswerCommand:
    card: CardId
    offer: str
    answer: str
    why: str = ""
    """Why the answer is no, as ``offers.quiet.DECLINE_REASONS``."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished form of a card, kept with the card and never in a browser. ``fields``
    is None to read it."""

    card: CardId
    fields: Mapping[str, str] | None
    form: str = "caller"
    """One of ``DRAFT_FIELDS``."""


@dataclass(frozen=True, slots=True)
class RefusedCommand:
    """``code``: ``unknown_command``, ``bad_arguments``, ``unknown_card``, ``call_is_on``,
    ``unknown_offer``."""

    code: str


Command = NoteCommand | DismissCommand | OfferAnswerCommand


def parse_command(op: str, args: Mapping[str, object]) -> Command | Draft | RefusedCommand:
    reader = _READERS.get(op)
    if reader is None:
        return RefusedCommand("unknown_command")
    return reader(args) or RefusedCommand("bad_arguments")


def _note(args: Mapping[str, object]) -> Command | None:
    card, text = _text(args, "card"), _text(args, "text", MAX_NOTE_LENGTH)
    return None if card is None or text is None else NoteCommand(CardId(card), text)


def _dismiss(args: Mapping[str, object]) -> Command | None:
    card = _text(args, "card")
    return None if card is None else DismissCommand(CardId(card))


def _offer_answered(args: Mapping[str, object]) -> Command | None:
    card, offer, answer = _text(args, "card"), _text(args, "offer"), _text(args, "answer")
    why = _text(args, "why") if "why" in args else ""
    if card is None or offer is None or answer not in ANSWERS or why not in DECLINE_REASONS:
        return None
    return OfferAnswerCommand(CardId(card), offer, answer, why if answer == "no" else "")


DRAFT_FIELDS: Mapping[str, frozenset[str]] = {
    "caller": frozenset({"mode", "given", "family", "language", "search"}),
    "work": frozenset({"mode", "promise", "for", "due", "answer"}),
}
"""The fields of each form of a card."""
MAX_DRAFT_TEXT_LENGTH = 500


def _draft(args: Mapping[str, object]) -> Draft | None:
    card, fields = _text(args, "card"), args.get("draft")
    form = _text(args, "form") if "form" in args else "caller"
    if card is None or form is None or form not in DRAFT_FIELDS:
        return None
    if fields is None:
        return Draft(CardId(card), None, form)
    if not isinstance(fields, Mapping) or not fields.keys() <= DRAFT_FIELDS[form]:
        return None
    texts = {name: _text(fields, name, MAX_DRAFT_TEXT_LENGTH) for name in fields}
    given = {name: text for name, text in texts.items() if text is not None}
    return Draft(CardId(card), given, form) if len(given) == len(texts) else None


_READERS: dict[str, Callable[[Mapping[str, object]], Command | Draft | None]] = {
    "note": _note,
    "dismiss": _dismiss,
    "offer_answered": _offer_answered,
    "draft": _draft,
}


def _text(args: Mapping[str, object], name: str, longest: int = _LONGEST_ID) -> str | None:
    value = args.get(name)
    return value if isinstance(value, str) and len(value) <= longest else None
