"""One finding of ``screenpop doctor``, and the AMI events that its checks see."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from screenpop.ami.problem_codes import printable
from screenpop.asterisk.action_list import ListOutcome
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot


class Grade(StrEnum):
    GOOD = "good"
    HINT = "hint"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    grade: Grade
    sentence: str
    is_unknown: bool = False
    """True if the finding only names something that could not be checked."""


class PbxActions(Protocol):
    """The part of ``AmiClient`` that the checks use."""

    async def send(self, action: str, **headers: object) -> AmiMessage: ...

    async def list_action(self, action: str, **headers: object) -> ListOutcome: ...


@dataclass(slots=True)
class EventRecorder:
    """Records the events and channel lists of the link during the checks."""

    snapshot: PbxSnapshot | None = None
    heard: list[AmiMessage] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def messages(self, batch: Sequence[AmiMessage], _at: float) -> None:
        self.heard += batch
        self._more.set()

    def lists(self, snapshot: PbxSnapshot, _at: float) -> None:
        self.snapshot = snapshot

    async def until(self, done: Callable[[], bool], within_s: float) -> bool:
        """Return whether the condition became true in time."""
        try:
            async with asyncio.timeout(within_s):
                while not done():
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            return False
        return True


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return the names joined by commas, at most ``most``, with the count of the rest."""
    printed = [printable(name, 40) for name in names]
    rest = len(printed) - most
    return ", ".join(printed[:most]) + (f" and {rest} more" if rest > 0 else "")
