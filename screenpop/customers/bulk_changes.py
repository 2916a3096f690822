"""A change of many customers at once: what it makes of the tags, owner, branch or consents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from screenpop.common.search_normalization import fold
from screenpop.customers.consent import CHANNELS, Consent, Consents, change_consents


class Action(StrEnum):
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    RENAME_TAG = "rename_tag"
    """Also merges two tags: customers with either have the new one, once."""
    SET_OWNER = "set_owner"
    SET_BRANCH = "set_branch"
    SET_CONSENT = "set_consent"


ANSWERS = {"yes": True, "no": False, "never_asked": None}
LONGEST_TAG = 100


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What to change; the fields that an action does not use are empty."""

    action: Action
    tag: str = ""
    """The tag to add or remove, or to which others are renamed."""
    old_tag: str = ""
    """The tag to rename, in any spelling."""
    owner: int | None = None
    """The new owner, a user; None: no owner."""
    branch: int | None = None
    """The new branch; None: no branch."""
    channel: str = ""
    answer: str = ""
    """One of ``ANSWERS``."""
    source: str = ""
    """Where a consent comes from, as ``customers.consent.Consent.source``."""

    def to_json(self) -> dict[str, Any]:
        values = {
            "tag": self.tag,
            "old_tag": self.old_tag,
            "owner": self.owner,
            "branch": self.branch,
            "channel": self.channel,
            "answer": self.answer,
            "source": self.source,
        }
        return {name: value for name, value in values.items() if value not in ("", None)}


def change_from_json(action: str, params: Mapping[str, Any]) -> BulkChange:
    return BulkChange(Action(action), **params)


def problem_of(change: BulkChange) -> str:
    """Return the field that is missing or wrong; empty where none is."""
    match change.action:
        case Action.ADD_TAG | Action.REMOVE_TAG:
            return "" if _is_tag(change.tag) else "tag"
        case Action.RENAME_TAG:
            if not fold(change.old_tag):
                return "old_tag"
            return "" if _is_tag(change.tag) else "tag"
        case Action.SET_CONSENT:
            return _consent_problem(change)
        case Action.SET_OWNER | Action.SET_BRANCH:
            return ""


def _is_tag(text: str) -> bool:
    return bool(fold(text)) and len(text) <= LONGEST_TAG and "," not in text and "،" not in text


def _consent_problem(change: BulkChange) -> str:
    if change.channel not in CHANNELS:
        return "channel"
    if change.answer not in ANSWERS:
        return "answer"
    needs_source = ANSWERS[change.answer] is not None
    return "source" if needs_source and not change.source.strip() else ""


def changed_tags(tags: list[str], change: BulkChange) -> list[str]:
    """Return the tags after the change, each once; spellings of one tag count as the same."""
    new = " ".join(change.tag.split())
    match change.action:
        case Action.ADD_TAG:
            return tags if fold(new) in map(fold, tags) else [*tags, new]
        case Action.REMOVE_TAG:
            return [tag for tag in tags if fold(tag) != fold(new)]
        case _:
            old = fold(change.old_tag)
            if old not in map(fold, tags):
                return tags
            renamed = [new if fold(tag) in (old, fold(new)) else tag for tag in tags]
            return list(dict.fromkeys(renamed))


def changed_consents(consents: Consents, change: BulkChange, today: date, by: str) -> Consents:
    """Return the consents after the change; an answer that is there already keeps its day."""
    given = ANSWERS[change.answer]
    stored = consents.get(change.channel)
    if (None if stored is None else stored.given) is given:
        return consents
    consent = None if given is None else Consent(given, today, change.source, by)
    return change_consents(consents, {change.channel: consent})
