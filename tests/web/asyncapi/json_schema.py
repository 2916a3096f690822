"""Checks JSON against the part of JSON Schema that the AsyncAPI document uses."""

import re
from collections.abc import Iterator
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_KNOWN = frozenset(
    (
        *("type", "properties", "required", "additionalProperties", "items", "anyOf", "enum"),
        *("const", "$ref", "pattern", "minimum", "minLength", "maxLength", "maxProperties"),
        *("description", "title", "default", "format"),
        *("prefixItems", "minItems", "maxItems", "propertyNames"),
    )
)


def faults(document: dict[str, Any], schema: dict[str, Any], value: Any, at: str = "") -> list[str]:
    """Return where a value does not fit a schema."""
    return list(_faults(document, schema, value, at))


def _faults(document: Any, schema: Any, value: Any, at: str) -> Iterator[str]:
    assert schema.keys() <= _KNOWN, schema.keys() - _KNOWN
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        yield from _faults(document, target, value, at)
        return
    if "anyOf" in schema:
        each = [faults(document, one, value, at) for one in schema["anyOf"]]
        if all(each):
            yield min(each, key=len)[0]
    yield from _value_faults(schema, value, at)
    if isinstance(value, dict):
        yield from _object_faults(document, schema, value, at)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for place, one in enumerate(value):
            yield from _faults(document, schema["items"], one, f"{at}/{place}")


def _value_faults(schema: Any, value: Any, at: str) -> Iterator[str]:
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (value is True and kind != "boolean")):
        yield f"{at}: {value!r} is no {kind}"
    elif isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at}: {value!r} does not match"
    elif isinstance(value, int) and value < schema.get("minimum", value):
        yield f"{at}: {value!r} is too small"


def _object_faults(document: Any, schema: Any, value: Any, at: str) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}: {name} is missing"
    for name, one in value.items():
        other = schema.get("additionalProperties", True)
        if name in known:
            yield from _faults(document, known[name], one, f"{at}/{name}")
        elif other is False:
            yield f"{at}: {name} is not described"
        elif isinstance(other, dict):
            yield from _faults(document, other, one, f"{at}/{name}")
