"""A command is done once, however often a page that lost its line asks for it."""

from screenpop.delivery.messages import Result
from screenpop.values import dataclass


@dataclass(frozen=True, slots=True)
class Fresh:
    """Nobody asked for this before: do it."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """It is being done; its result goes to everyone who asked."""


@dataclass(frozen=True, slots=True)
class Done:
    result: Result


@dataclass(frozen=True, slots=True)
class TooMany:
    """More commands are under way than one user can mean."""


Asked = Fresh | UnderWay | Done | TooMany

MOST_KEPT = 256
MOST_UNDER_WAY = 32


class CommandMemory:
    """One user's commands by their ids: those under way, and the last results."""

    __slots__ = ("_done", "_under_way")

    def __init__(self) -> None:
        self._under_way: set[str] = set()
        self._done: dict[str, Result] = {}

    def ask(self, command_id: str) -> Asked:
        if (result := self._done.get(command_id)) is not None:
            return Done(result)
        if command_id in self._under_way:
            return UnderWay()
        if len(self._under_way) >= MOST_UNDER_WAY:
            return TooMany()
        self._under_way.add(command_id)
        return Fresh()

    def answer(self, result: Result) -> None:
        self._under_way.discard(result.id)
        self._done[result.id] = result
        if len(self._done) > MOST_KEPT:
            del self._done[next(iter(self._done))]
