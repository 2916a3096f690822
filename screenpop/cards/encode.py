"""The card as JSON, the shape that ``docs/websocket-protocol.md`` promises.

orjson reads dataclasses, tuples and string enums itself, so the dataclasses of ``card`` are the
protocol and nothing stands twice.
"""

from dataclasses import asdict, fields
from operator import attrgetter
from typing import Any, cast

import orjson

from screenpop.cards.card import CallerPart, Card

_CALLER_PART = frozenset(field.name for field in fields(CallerPart))
_CALL = tuple(field.name for field in fields(Card) if field.name not in _CALLER_PART)
_of_the_call = attrgetter(*_CALL)


def card_bytes(card: Card) -> bytes:
    """UTF-8 JSON, encoded once for everybody who gets this card."""
    try:
        return orjson.dumps(card)
    except orjson.JSONEncodeError:
        # A lone surrogate or an integer past 64 bits: rare enough to look for only now.
        return orjson.dumps(_replace_lone_surrogates(card))


def caller_part_bytes(part: CallerPart) -> bytes:
    """What stands of the caller in the JSON of each revision, to be encoded once for all."""
    try:
        return orjson.dumps(part)
    except orjson.JSONEncodeError:
        return orjson.dumps(_replace_lone_surrogates(part))


def card_bytes_with(card: Card, part: bytes) -> bytes:
    """The same as ``card_bytes``, from the ``caller_part_bytes`` of this very card."""
    of_the_call = dict(zip(_CALL, _of_the_call(card), strict=True))
    try:
        text = orjson.dumps(of_the_call)
    except orjson.JSONEncodeError:
        return card_bytes(card)
    return b"%b,%b" % (text[:-1], part[1:])


def card_json(card: Card) -> dict[str, Any]:
    """The same as dicts, lists, strings, numbers, for those who put it into something else."""
    return cast("dict[str, Any]", orjson.loads(card_bytes(card)))


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
