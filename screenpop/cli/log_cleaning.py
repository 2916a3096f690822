"""Takes out of each log record what might be a number, and what would forge another record.

Records name calls, customers and users by their ids. This is the second line of defence, for what
an error of a library repeats: digits that may be a telephone or card number become ``…`` and their
last two, and control characters and marks that turn text around become ``?``.
"""

import logging
import re
import unicodedata
from collections.abc import MutableMapping
from typing import Any

from typing_extensions import override

_NUMBER = re.compile(r"(?<![\w.])\+?(\d{5,})(\d{2})(?![\w/])(?!\.\d)")
"""Digits of a number; not of a Linkedid, which has a point, or of a boot between slashes."""
_SEPARATED = re.compile(r"(?<![\w.:-])\+?\d{2,4}+(?:[ \u00a0-]\d{2,4}+){2,5}+(?![\w:.-])")
"""A number in groups; fewer digits than seven are none."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FEWEST_DIGITS = 7
_OWN = frozenset({"timestamp", "level", "logger"})


def clean_record(
    _logger: object, _method: str, record: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Return the record with its texts cleaned; a processor of structlog.

    An exception was formatted before, as text in ``exception``: its lines stay lines, each after a
    bar, so that none looks like a record.
    """
    for name, value in record.items():
        if name in _OWN:
            continue
        if name == "exception" and isinstance(value, str):
            record[name] = "\n".join(f"| {clean_text(line)}" for line in value.splitlines())
        elif isinstance(value, str):
            record[name] = clean_text(value)
        elif not isinstance(value, int | float | bool | None):
            record[name] = clean_text(str(value))
    return record


def clean_text(text: str) -> str:
    """Return one line without numbers and without characters that are not seen."""
    line = "".join("?" if unicodedata.category(one) in _UNSEEN else one for one in text)
    return _SEPARATED.sub(_masked_groups, _NUMBER.sub(r"…\2", line))


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _masked_groups(found: re.Match[str]) -> str:
    if _DAY.fullmatch(found[0]):
        return found[0]
    digits = [one for one in found[0] if one.isdecimal()]
    return f"…{''.join(digits[-2:])}" if len(digits) >= _FEWEST_DIGITS else found[0]


class OwnOrWarning(logging.Filter):
    """Drops what libraries log below a warning: frames, requests and data with their content."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        is_own = record.name == "screenpop" or record.name.startswith("screenpop.")
        return is_own or record.levelno >= logging.WARNING
