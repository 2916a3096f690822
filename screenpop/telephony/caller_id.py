"""What a raw caller id turned out to be."""

from dataclasses import dataclass
from enum import StrEnum

from screenpop.telephony.identifiers import E164, Region


class CallerIdKind(StrEnum):
    NUMBER = "number"
    """A valid public number; ``e164`` is set."""
    EXTENSION = "extension"
    """One of our own phones."""
    WITHHELD = "withheld"
    """The caller does not want to be known."""
    UNKNOWN = "unknown"
    """The network sent nothing usable as a number, and did not say why."""
    SERVICE = "service"
    """A service code such as ``*8``."""
    RAW = "raw"
    """Something was sent, but no valid number of the trunk's region; kept as sent."""


@dataclass(frozen=True, slots=True)
class CallerId:
    """A caller id as understood.

    ``how`` says which reading succeeded, as a code for the call's trace: ``international``,
    ``national``, ``missing_plus``, ``extra_zeros``, ``area_code``, ``extension``,
    ``service_code``, ``repeated_digit``, ``withheld_word``, ``withheld_presentation``,
    ``unknown_word``, ``empty``, ``letters``, ``invalid``, ``too_long``.
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
    """For people: international format with spaces, or the raw text in one line without what
    cannot be seen. Empty for withheld and unknown callers: the page has the words."""
    last_nine: str | None = None
    """The last nine digits, for a marked "maybe" only."""
