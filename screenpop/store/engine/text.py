"""Text from outside on its way into the database."""

import json

import orjson


def clean_for_database(text: str) -> str:
    """The same text with U+FFFD for what no database takes: NUL and lone surrogates."""
    if text.isprintable():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "�")


def to_json(value: object) -> str:
    """JSON for a column; what JSON does not know is written as its text."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # lone surrogates, or a number of more than 64 bits
        return clean_for_database(json.dumps(value, default=str, ensure_ascii=False))
