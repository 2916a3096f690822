"""The meaning of a raw caller id."""

from dataclasses import dataclass
from enum import StrEnum

from screenpop.telephony.identifiers import E164, Region


class CallerIdKind(StrEnum):
    NUMBER = "number"
    """A valid public number; ``e164`` is set."""
    EXTENSION = "extension"
    """A phone of this PBX."""
    WITHHELD = "withheld"
    """The caller asked for privacy."""
    UNKNOWN = "unknown"
    """The network sent nothing usable as a number and gave no reason."""
    SERVICE = "service"
    """A service code such as ``*8``."""
    RAW = "raw"
    """Text that is no valid number of the trunk's region; kept as sent."""


@dataclass(frozen=True, slots=True)
class CallerId:
    """A parsed caller id.

    ``how`` is the code of the reading that succeeded, for the call's trace: ``international``,
    ``national``, ``missing_plus``, ``extra_zeros``, ``area_code``, ``extension``, ``service_code``,
    ``repeated_digit``, ``withheld_word``, ``withheld_presentation``, ``unknown_word``, ``empty``,
    ``letters``, ``invalid``, ``too_long``.
    """

    raw: str
    kind: CallerIdKind
    how: str
    e164: E164 | None = None
    extension: str | None = None
    region: Region | None = None
    """The country of a valid number."""
    line_type: str | None = None
    """``mobile``, ``fixed``, ``toll_free`` ... for a valid number."""
    display: str = ""
    """Text for display: international format with spaces, or the raw text in one line without
    invisible characters. Empty for withheld and unknown callers, for which the page has words."""
    last_nine: str | None = None
    """The last nine digits, used only for a match marked "maybe"."""
