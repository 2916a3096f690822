"""Extracts and compares the numbers that a dialplan dials."""

import re

from screenpop.common.text import ascii_digits
from screenpop.telephony.identifiers import Endpoint

_NUMBER = re.compile(r"\+?[0-9*#]{3,40}")
_SCHEMES = ("sips:", "sip:", "tel:")
SAME_DIGITS = 7
"""Common last digits that make two forms of one number: dialplans and trunks change the first."""
_LONGEST_LINE_PREFIX = 3
"""Digits. ``9``, ``0`` or ``*9`` for a line outside, ``801`` for one of several trunks."""


def number_dialled(dial_string: str, endpoint: Endpoint | str = "") -> str:
    """Return the number in a ``DialString`` or in a Local channel's name; empty if there is none.

    ``09123456789@trunk`` (PJSIP), ``trunk/09123456789`` (chan_sip, DAHDI, IAX2),
    ``trunk/sip:09123456789@203.0.113.5:5060`` and ``Local/09123456789@from-internal/n`` all give
    ``09123456789``. A trunk may itself be named by a number: ``endpoint`` is never the answer.
    """
    number = ""
    for part in dial_string.split("/"):
        user = part.partition("@")[0]
        for scheme in _SCHEMES:
            user = user.removeprefix(scheme)
        user = user.partition(";")[0].partition(":")[0]
        if user != endpoint and _NUMBER.fullmatch(user) and len(user) > len(number):
            number = user
    return number


def is_same_number(number: str, other: str) -> bool:
    """Return whether two numbers end in the same ``SAME_DIGITS`` digits; False for a shorter one.

    Spaces and signs are no digits: ``+98 912 345 6789`` is the same number as ``09123456789``.
    """
    digits = ascii_digits(number)[-SAME_DIGITS:]
    return len(digits) == SAME_DIGITS and ascii_digits(other).endswith(digits)


def without_line_prefix(typed: str, dialled: str) -> str:
    """Return the number that an agent typed without the digits for a line outside.

    ``typed``: ``909123456789``; ``dialled``: what the dialplan left of it for the trunk,
    ``09123456789``. Digits that belong to the number itself stay: a 0, a 00 or a country code that
    only the trunk does without.
    """
    prefix = typed.removesuffix(dialled)
    if not dialled or not prefix or prefix == typed or len(prefix) > _LONGEST_LINE_PREFIX:
        return typed
    is_whole = dialled.startswith(("0", "+"))
    return dialled if is_whole or (len(prefix) == 1 and prefix not in "0+") else typed
