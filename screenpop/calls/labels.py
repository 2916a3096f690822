"""What an agent notes of a call, chosen from lists that the office edits: purpose, disposition.

The agent's disposition is what the talk led to; ``calls.disposition`` is what the PBX reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

LabelId = NewType("LabelId", int)

MAX_LABELS = 40
MAX_ACTIVE = 9
"""Labels of a kind on the card: each has one of the keys 1 to 9, of the second kind with Shift."""
MAX_NAME_LENGTH = 40
"""Characters."""


class LabelKind(StrEnum):
    """Also the name of the command, the filter and the API field."""

    PURPOSE = "purpose"
    AGENT_DISPOSITION = "agent_disposition"


@dataclass(frozen=True, slots=True)
class ChosenLabel:
    """The label of a call."""

    id: int
    names: Mapping[str, str]
    """Language code to name."""

    def name(self, language: str) -> str:
        return label_name(self.names, language)


@dataclass(frozen=True, slots=True)
class CallLabel:
    id: LabelId
    names: Mapping[str, str]
    """Language code to name."""
    position: int
    """Place in the list, from 1."""
    active: bool
    """Offered on the card; an inactive one stays on the calls that have it."""
    opens_case: bool
    """A case can be opened from the card; of purposes only."""
    kind: LabelKind = LabelKind.PURPOSE

    def name(self, language: str) -> str:
        return label_name(self.names, language)


def label_name(names: Mapping[str, str], language: str) -> str:
    """Return the name in this language, else in another one."""
    ordered = (names.get(language, ""), names.get("en", ""), *names.values())
    return next((name for name in ordered if name), "")


def check_labels(labels: list[CallLabel]) -> str:
    """Return why an edited list is refused, else an empty text.

    ``label_no_name``, ``label_name_long``, ``too_many_labels``.
    """
    if any(not any(one.names.values()) for one in labels):
        return "label_no_name"
    if any(len(name) > MAX_NAME_LENGTH for one in labels for name in one.names.values()):
        return "label_name_long"
    if sum(one.active for one in labels) > MAX_ACTIVE or len(labels) > MAX_LABELS:
        return "too_many_labels"
    return ""
