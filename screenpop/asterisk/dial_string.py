"""Extracts the number from a dial string."""

import re

from screenpop.telephony.identifiers import Endpoint

_NUMBER = re.compile(r"\+?[0-9*#]{3,40}")
_SCHEMES = ("sips:", "sip:", "tel:")


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
