"""Cleaning of outside text and JSON before they are written to the database."""

import json

import orjson


def clean_for_database(text: str) -> str:
    """Return the text with U+FFFD for what no database accepts: NUL and lone surrogates."""
    if text.isprintable():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "�")


def to_json(value: object) -> str:
    """Return JSON for a column; values that JSON does not know are written as ``str(value)``."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # lone surrogates, or an integer of more than 64 bits
        return clean_for_database(json.dumps(value, default=str, ensure_ascii=False))
