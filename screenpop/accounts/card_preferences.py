"""How a user wants cards to open, sound and look; kept for each user, on any machine."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from typing import Self


class OpensOn(StrEnum):
    """When the card of a call opens by itself. Until then it is one line of the agent page."""

    RING = "ring"
    ANSWER = "answer"
    NEVER = "never"


class RingSound(StrEnum):
    THREE_NOTES = "three_notes"
    TWO_NOTES = "two_notes"
    ONE_NOTE = "one_note"
    NONE = "none"


class Density(StrEnum):
    COMFORTABLE = "comfortable"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class CardPreferences:
    incoming: OpensOn = OpensOn.RING
    """For calls that ring at the user's phone."""
    outgoing: OpensOn = OpensOn.RING
    """For calls the user makes; ``RING`` is the moment of dialling."""
    vip_sound: RingSound = RingSound.THREE_NOTES
    known_sound: RingSound = RingSound.TWO_NOTES
    unknown_sound: RingSound = RingSound.ONE_NOTE
    density: Density = Density.COMFORTABLE

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Self:
        """Return preferences from names and codes; what is missing or unknown is the default."""
        default = cls()
        chosen = {}
        for field in fields(cls):
            codes = type(getattr(default, field.name))
            with suppress(ValueError):
                chosen[field.name] = codes(values.get(field.name))
        return cls(**chosen)

    @staticmethod
    def from_json(text: str) -> "CardPreferences":
        """Return stored preferences; an empty text or one that cannot be read is the default."""
        return _from_json(text)

    def to_mapping(self) -> dict[str, str]:
        """Return every preference as its code."""
        return {field.name: getattr(self, field.name).value for field in fields(self)}

    def to_json(self) -> str:
        return json.dumps(self.to_mapping())


@lru_cache
def _from_json(text: str) -> CardPreferences:
    """Read once for all users with the same text: each request and each reload of users asks."""
    try:
        values = json.loads(text) if text else {}
    except ValueError:
        values = {}
    return CardPreferences.from_mapping(values if isinstance(values, dict) else {})


DEFAULT_PREFERENCES = CardPreferences()
