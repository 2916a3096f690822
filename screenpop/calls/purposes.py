"""The purpose of a call, chosen by the agent from a list that the office edits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NewType

PurposeId = NewType("PurposeId", int)

MAX_PURPOSES = 40
MAX_ACTIVE = 9
"""Purposes on the card: each has one of the keys 1 to 9."""
MAX_NAME_LENGTH = 40
"""Characters."""


@dataclass(frozen=True, slots=True)
class CallPurpose:
    id: PurposeId
    names: Mapping[str, str]
    """Language code to name."""
    position: int
    """Place in the list, from 1."""
    active: bool
    """Offered on the card; an inactive one stays on the calls that have it."""
    opens_case: bool
    """A case can be opened from the card."""

    def name(self, language: str) -> str:
        return purpose_name(self.names, language)


def purpose_name(names: Mapping[str, str], language: str) -> str:
    """Return the name in this language, else in another one."""
    ordered = (names.get(language, ""), names.get("en", ""), *names.values())
    return next((name for name in ordered if name), "")


def check_purposes(purposes: list[CallPurpose]) -> str:
    """Return why an edited list is refused, else an empty text.

    ``purpose_no_name``, ``purpose_name_long``, ``too_many_purposes``.
    """
    if any(not any(one.names.values()) for one in purposes):
        return "purpose_no_name"
    if any(len(name) > MAX_NAME_LENGTH for one in purposes for name in one.names.values()):
        return "purpose_name_long"
    if sum(one.active for one in purposes) > MAX_ACTIVE or len(purposes) > MAX_PURPOSES:
        return "too_many_purposes"
    return ""
