"""The script of a call to play: parties, times and outcome."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    ANSWERED = "answered"
    MISSED = "missed"
    """The phones ring until the PBX gives up."""
    BUSY = "busy"
    ABANDONED = "abandoned"
    """The caller gives up while the phones ring."""


class CallScriptError(ValueError):
    """The call cannot be played. The message names the wrong value and what to do; ``code`` is
    for translated pages: ``no_caller``, ``bad_phone``, ``unknown_phone``,
    ``bad_call``."""

    def __init__(self, sentence: str, code: str = "bad_call") -> None:
        super().__init__(sentence)
        self.code = code


_PHONE = re.compile(r"[A-Za-z0-9_.+-]{1,40}")
_QUEUE = re.compile(r"[A-Za-z0-9_.+-]{0,80}")
_DID = re.compile(r"[+0-9*#]{0,40}")
_MOST_PHONES = 50
_LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedCall:
    """One call, checked. Raises ``CallScriptError`` for invalid values.

    Times are seconds. ``number`` and ``name`` are what the trunk sends, so they may be anything
    but a new line: a withheld call is the number ``anonymous``.
    """

    number: str
    to: tuple[str, ...]
    """The phones that ring, all at the same time."""
    name: str = ""
    did: str = "02191000101"
    queue: str = ""
    """Leave empty to ring the phones directly."""
    outcome: Outcome = Outcome.ANSWERED
    answered_by: str = ""
    """The phone that answers, one of ``to``; empty: the first."""
    wait_s: float = 0.0
    """Seconds in the queue before the first phone rings."""
    ring_s: float = 6.0
    talk_s: float = 20.0

    def __post_init__(self) -> None:
        _check_line("from", self.number, longest=80)
        _check_line("name", self.name, longest=200)
        _check_phones(self.to)
        if not _QUEUE.fullmatch(self.queue):
            raise CallScriptError(
                f"queue: {self.queue!r} is no queue name; use letters, digits and _ . + -"
            )
        if not _DID.fullmatch(self.did):
            raise CallScriptError(f"did: {self.did!r} is no number; use digits and a leading +")
        if self.answered_by and self.answered_by not in self.to:
            raise CallScriptError(
                f"answered_by: {self.answered_by!r} does not ring; name one of {', '.join(self.to)}"
            )
        for name in ("wait_s", "ring_s", "talk_s"):
            seconds = getattr(self, name)
            if not 0 <= seconds <= _LONGEST_S:
                raise CallScriptError(
                    f"{name}: {seconds!r} is out of range; give seconds from 0 to {_LONGEST_S:.0f}"
                )

    @property
    def picks_up(self) -> str:
        """Return the phone that answers, if one does."""
        return self.answered_by or self.to[0]


def _check_line(field: str, text: str, *, longest: int) -> None:
    if len(text) > longest:
        raise CallScriptError(
            f"{field}: {len(text)} characters are too many; use at most {longest}"
        )
    if any(char in text for char in "\r\n\0"):
        raise CallScriptError(f"{field}: {text!r} contains a line break; write it on one line")


def _check_phones(phones: tuple[str, ...]) -> None:
    if not phones:
        raise CallScriptError("to: no phone given; name at least one, for example 101", "bad_phone")
    if len(phones) > _MOST_PHONES or len(set(phones)) != len(phones):
        raise CallScriptError(
            f"to: name each phone once and at most {_MOST_PHONES}; got {len(phones)}", "bad_phone"
        )
    for phone in phones:
        if not _PHONE.fullmatch(phone):
            raise CallScriptError(
                f"to: {phone!r} is no phone; use the extension as the PBX names it, such as 101",
                "bad_phone",
            )
