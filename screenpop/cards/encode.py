"""The card as JSON, in the format of ``docs/websocket-protocol.md``.

orjson serializes dataclasses, tuples and string enums itself, so the dataclasses of ``card`` are
the protocol and nothing is listed twice.
"""

from dataclasses import asdict, fields
from operator import attrgetter

import orjson

from screenpop.cards.card import CallerPart, Card

_CALLER_PART = frozenset(field.name for field in fields(CallerPart))
_CALL = tuple(field.name for field in fields(Card) if field.name not in _CALLER_PART)
_of_the_call = attrgetter(*_CALL)


def card_bytes(card: Card) -> bytes:
    """Return UTF-8 JSON, encoded once for all receivers of this card."""
    try:
        return orjson.dumps(card)
    except orjson.JSONEncodeError:
        # A lone surrogate or an integer past 64 bits: rare enough to handle only after a failure.
        return orjson.dumps(_replace_lone_surrogates(card))


def caller_part_bytes(part: CallerPart) -> bytes:
    """Return the caller's part of the JSON, equal in each revision, to be encoded once."""
    try:
        return orjson.dumps(part)
    except orjson.JSONEncodeError:
        return orjson.dumps(_replace_lone_surrogates(part))


def card_bytes_with(card: Card, part: bytes) -> bytes:
    """Return the same as ``card_bytes``, using the ``caller_part_bytes`` of this very card."""
    of_the_call = dict(zip(_CALL, _of_the_call(card), strict=True))
    try:
        text = orjson.dumps(of_the_call)
    except orjson.JSONEncodeError:
        return card_bytes(card)
    return b"%b,%b" % (text[:-1], part[1:])


def _replace_lone_surrogates(value: object) -> object:
    match value:
        case Card() | CallerPart():
            return _replace_lone_surrogates(asdict(value))
        case str():
            return value.encode("utf-8", "replace").decode()
        case bool():
            return value
        case int():
            return max(-(2**63), min(value, 2**63 - 1))
        case dict():
            return {
                _replace_lone_surrogates(key): _replace_lone_surrogates(each)
                for key, each in value.items()
            }
        case list() | tuple():
            return [_replace_lone_surrogates(each) for each in value]
        case _:
            return value
