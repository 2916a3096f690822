"""The vocative of Greek men's surnames: ``Παπαδόπουλος`` → ``Παπαδόπουλε``.

The regular endings only (Holton, Mackridge, Philippaki-Warburton: Greek, a Comprehensive Grammar,
2.2): ``-ος`` becomes ``-ε``, ``-ης`` and ``-ας`` lose their sigma; everything else, including
genitives such as ``Γεωργίου``, stays. Surnames of women do not change.
"""

import re

_ENDINGS = {
    "ος": "ε",
    "ός": "έ",
    "ης": "η",
    "ής": "ή",
    "ας": "α",
    "άς": "ά",
    "ΟΣ": "Ε",
    "ΌΣ": "Έ",
    "ΗΣ": "Η",
    "ΉΣ": "Ή",
    "ΑΣ": "Α",
    "ΆΣ": "Ά",
}

_SHORTEST = 4
"""Shorter names are initials or abbreviations."""

_PARTS = re.compile(r"([\s-]+)")


def vocative(family: str) -> str:
    """Return the vocative of a surname, part by part for double names. Other scripts stay."""
    return "".join(map(_called, _PARTS.split(family)))


def _called(part: str) -> str:
    ending = _ENDINGS.get(part[-2:])
    return part if ending is None or len(part) < _SHORTEST else part[:-2] + ending
