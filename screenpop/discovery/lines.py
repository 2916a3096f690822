"""The numbers that customers dial, from the dialplan of incoming calls."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.common.text import display_text

MAX_LINES = 500

_DIALLED = re.compile(r"\+?[0-9]{5,15}")
"""A number of a trunk. Patterns (``_X.``) and short codes are none."""
_DIAL = re.compile(r"(?:PJSIP|SIP|IAX2|SCCP|Local)/([^/@&,|]+)")
_QUEUE_CONTEXTS = ("ext-queues",)
_PHONE_CONTEXTS = ("from-did-direct", "ext-local", "from-internal")
_MAX_LABEL = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A dialled number with a proposed name for the card."""

    number: str
    label: str
    is_named: bool
    """False if the label is only the number."""


def dialled_lines(
    rows: Iterable[AmiMessage], is_inbound: Callable[[str], object], names: Mapping[str, str]
) -> tuple[Line, ...]:
    """Return the lines in order of number, at most ``MAX_LINES``.

    ``is_inbound``: whether trunks lead into a context. ``names``: of people by extension.
    """
    labels: dict[str, str] = {}
    for row in rows:
        number = row.get("Extension")
        if not _DIALLED.fullmatch(number) or not is_inbound(row.get("Context")):
            continue
        label = _destination(row.get("Application"), row.get("AppData"), names)
        if label or number not in labels:
            # The first step that names a destination is what callers reach first.
            labels[number] = labels.get(number) or label
    return tuple(
        Line(number, display_text(labels[number], _MAX_LABEL) or number, bool(labels[number]))
        for number in sorted(labels)[:MAX_LINES]
    )


def _destination(application: str, data: str, names: Mapping[str, str]) -> str:
    """Return the queue or person that a step of the dialplan leads to; empty for other steps."""
    first, *others = data.split(",")
    match application.lower():
        case "queue":
            return first
        case "dial":
            found = _DIAL.match(data)
            return names.get(found[1], "") if found else ""
        case "goto" | "gosub" if others:
            if first in _QUEUE_CONTEXTS:
                return others[0]
            return names.get(others[0], "") if first in _PHONE_CONTEXTS else ""
        case _:
            return ""
