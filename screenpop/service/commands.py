"""What an agent's page may ask for: a stranger's JSON until ``understand`` has checked it."""

from collections.abc import Callable, Mapping

from screenpop.cards.card import CardId
from screenpop.values import dataclass

LONGEST_NOTE = 10_000
"""Characters."""

_LONGEST_ID = 256
ANSWERS = frozenset({"accepted", "later", "no"})


@dataclass(frozen=True, slots=True)
class Note:
    card: CardId
    text: str


@dataclass(frozen=True, slots=True)
class Dismiss:
    card: CardId


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    card: CardId
    offer: str
    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """``code``: ``unknown_command``, ``bad_arguments``, ``unknown_card``, ``call_is_on``,
    ``unknown_offer``."""

    code: str


Command = Note | Dismiss | OfferAnswered


def understand(op: str, args: Mapping[str, object]) -> Command | Refused:
    reader = _READERS.get(op)
    if reader is None:
        return Refused("unknown_command")
    return reader(args) or Refused("bad_arguments")


def _note(args: Mapping[str, object]) -> Command | None:
    card, text = _text(args, "card"), _text(args, "text", LONGEST_NOTE)
    return None if card is None or text is None else Note(CardId(card), text)


def _dismiss(args: Mapping[str, object]) -> Command | None:
    card = _text(args, "card")
    return None if card is None else Dismiss(CardId(card))


def _offer_answered(args: Mapping[str, object]) -> Command | None:
    card, offer, answer = _text(args, "card"), _text(args, "offer"), _text(args, "answer")
    if card is None or offer is None or answer not in ANSWERS:
        return None
    return OfferAnswered(CardId(card), offer, answer)


_READERS: dict[str, Callable[[Mapping[str, object]], Command | None]] = {
    "note": _note,
    "dismiss": _dismiss,
    "offer_answered": _offer_answered,
}


def _text(args: Mapping[str, object], name: str, longest: int = _LONGEST_ID) -> str | None:
    value = args.get(name)
    return value if isinstance(value, str) and len(value) <= longest else None
