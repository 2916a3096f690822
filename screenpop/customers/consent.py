"""Consents of a customer: for each channel yes, no, or never asked.

A channel without a ``Consent`` was never asked. The source is one of ``SOURCES`` or free text, such
as the name of an imported file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from screenpop.common.search_normalization import fold

OFFERS = "offers"
CHANNELS = (OFFERS, "email", "sms", "phone", "recording", "data")
SEPARATOR = "·"
"""Between the parts of a consent in one cell of a sheet; no source contains it."""
LONGEST_SOURCE = 80
LONGEST_NAME = 60
API_SOURCE = "api"
_SOURCE_WORDS = {
    "phone": "phone|phone call|telephone|by phone|تماس تلفنی|تلفنی|تلفن|τηλεφωνικά|τηλέφωνο",
    "in_person": "in person|in_person|حضوری|αυτοπροσώπως|δια ζώσης",
    "email": "email|e-mail|ایمیل|ηλεκτρονικό ταχυδρομείο",
    "website": "website|web form|website form|وب‌سایت|فرم وب‌سایت|ιστότοπος|φόρμα ιστότοπου",
    "paper": "paper|signed form|paper form|فرم امضاشده|فرم کاغذی|υπογεγραμμένο έντυπο|έντυπο",
    API_SOURCE: "api",
}
SOURCES = tuple(_SOURCE_WORDS)
_CODES = {fold(word): code for code, words in _SOURCE_WORDS.items() for word in words.split("|")}


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer, of one channel."""

    given: bool
    day: date | None = None
    source: str = ""
    by: str = ""
    """The user who entered it; empty for an import."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", source_code(self.source))
        object.__setattr__(self, "by", _one_line(self.by, LONGEST_NAME))


Consents = Mapping[str, Consent]


@lru_cache(maxsize=4096)
def source_code(text: str) -> str:
    """Return the code of a source named in any language; other text in one clean line."""
    line = _one_line(text, LONGEST_SOURCE)
    return _CODES.get(fold(line), line)


@lru_cache(maxsize=4096)
def _one_line(text: str, longest: int) -> str:
    line = "".join(char if _is_plain(char) else " " for char in text)
    return " ".join(" ".join(line.split())[:longest].split())


def _is_plain(char: str) -> bool:
    # The joiners are part of Persian words.
    return (char.isprintable() and char != SEPARATOR) or char in "\u200c\u200d"


def in_order(consents: Consents) -> dict[str, Consent]:
    return {channel: consents[channel] for channel in CHANNELS if channel in consents}


def consents_to_json(consents: Consents) -> dict[str, dict[str, Any]]:
    return {channel: consent_to_json(one) for channel, one in in_order(consents).items()}


def consent_to_json(consent: Consent) -> dict[str, Any]:
    return {
        "given": consent.given,
        "day": consent.day.isoformat() if consent.day else None,
        "source": consent.source,
        "by": consent.by,
    }


def consents_from_json(plain: object) -> dict[str, Consent]:
    """Return the consents of a stored value; what cannot be read counts as never asked."""
    if not isinstance(plain, Mapping):
        return {}
    found = {channel: _consent_from_json(plain.get(channel)) for channel in CHANNELS}
    return {channel: consent for channel, consent in found.items() if consent is not None}


def _consent_from_json(plain: object) -> Consent | None:
    if not isinstance(plain, Mapping) or type(plain.get("given")) is not bool:
        return None
    day, source, by = plain.get("day"), plain.get("source"), plain.get("by")
    return Consent(
        plain["given"],
        _day_or_none(day),
        source if isinstance(source, str) else "",
        by if isinstance(by, str) else "",
    )


def _day_or_none(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def stored_consents(plain: object, offers: bool | None) -> dict[str, Consent]:
    """Return the consents of a row of ``customers``.

    ``offers``: the column ``marketing_consent``, which the lookup of callers reads; it decides when
    the details disagree.
    """
    found = consents_from_json(plain)
    if offers is None:
        found.pop(OFFERS, None)
    elif OFFERS not in found or found[OFFERS].given is not offers:
        found[OFFERS] = Consent(offers)
    return in_order(found)


def offers_answer(consents: Consents) -> bool | None:
    """Return the answer about offers; None: never asked."""
    return consents[OFFERS].given if OFFERS in consents else None


def change_consents(
    consents: Consents, changes: Mapping[str, Consent | None]
) -> dict[str, Consent]:
    """Return the consents after the changes; None sets a channel back to never asked."""
    changed = {**consents, **changes}
    return in_order({channel: one for channel, one in changed.items() if one is not None})


def add_consents(kept: Consents, more: Consents) -> dict[str, Consent]:
    """Return ``kept`` with the channels that only ``more`` has, and with every no of ``more``."""
    new = {channel: no for channel, no in more.items() if _is_new_no(kept, channel, no)}
    return in_order({**more, **kept, **new})


def _is_new_no(kept: Consents, channel: str, consent: Consent) -> bool:
    return not consent.given and (channel not in kept or kept[channel].given)


def merge_consents(one: Consents, other: Consents) -> dict[str, Consent]:
    """Return the consents of two records of one person: a no wins, else the newest day."""
    both = {**other, **one}
    return in_order(
        {
            channel: _stronger(one[channel], other[channel])
            if channel in one and channel in other
            else consent
            for channel, consent in both.items()
        }
    )


def _stronger(one: Consent, other: Consent) -> Consent:
    if one.given is not other.given:
        return other if one.given else one
    return other if (other.day or date.min) > (one.day or date.min) else one


def complete_sources(consents: Consents, source: str) -> dict[str, Consent]:
    """Return the consents with a source where they have none."""
    return {
        channel: one if one.source else Consent(one.given, one.day, source, one.by)
        for channel, one in consents.items()
    }
