"""Cleaning of outside text and JSON before they are written to the database."""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from screenpop.common.card_numbers import mask_card_numbers


def clean_for_database(text: str) -> str:
    """Return the text with U+FFFD for what no database accepts: NUL and lone surrogates."""
    if text.isprintable():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "�")


def free_text(text: str) -> str:
    """Return what people type freely, cleaned and without numbers of payment cards."""
    return mask_card_numbers(clean_for_database(text))


def free_json(value: Any) -> Any:
    """Return a JSON value whose texts are as ``free_text`` returns them; its keys stay."""
    if isinstance(value, str):
        return free_text(value)
    if isinstance(value, Mapping):
        return {key: free_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [free_json(one) for one in value]
    return value


def to_json(value: object) -> str:
    """Return JSON for a column; values that JSON does not know are written as ``str(value)``."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # lone surrogates, or an integer of more than 64 bits
        return clean_for_database(json.dumps(value, default=str, ensure_ascii=False))
