"""The card as JSON, the shape that ``docs/websocket-protocol.md`` promises.

orjson reads dataclasses, tuples and string enums itself, so the dataclasses of ``card`` are the
protocol and nothing stands twice.
"""

from dataclasses import asdict
from typing import Any, cast

import orjson

from screenpop.cards.card import Card


def card_bytes(card: Card) -> bytes:
    """UTF-8 JSON, encoded once for everybody who gets this card."""
    try:
        return orjson.dumps(card)
    except orjson.JSONEncodeError:
        # A lone surrogate or an integer past 64 bits: rare enough to look for only now.
        return orjson.dumps(_mended(card))


def card_json(card: Card) -> dict[str, Any]:
    """The same as dicts, lists, strings, numbers, for those who put it into something else."""
    return cast("dict[str, Any]", orjson.loads(card_bytes(card)))


def _mended(value: object) -> object:
    match value:
        case Card():
            return _mended(asdict(value))
        case str():
            return value.encode("utf-8", "replace").decode()
        case bool():
            return value
        case int():
            return max(-(2**63), min(value, 2**63 - 1))
        case dict():
            return {_mended(key): _mended(each) for key, each in value.items()}
        case list() | tuple():
            return [_mended(each) for each in value]
        case _:
            return value
