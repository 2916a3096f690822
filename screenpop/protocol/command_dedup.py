"""Runs a command once, however often a reconnecting page sends it."""

from dataclasses import dataclass

from screenpop.protocol.server_messages import Result


@dataclass(frozen=True, slots=True)
class NewCommand:
    """A new command: to be executed."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A running command; its result goes to every session that sent it."""


@dataclass(frozen=True, slots=True)
class Completed:
    result: Result


@dataclass(frozen=True, slots=True)
class TooManyPending:
    """More commands are running than one user can mean."""


Request = NewCommand | Pending | Completed | TooManyPending

MAX_KEPT_RESULTS = 256
MAX_PENDING = 32


class CommandDedup:
    """One user's commands by id: the running ones, and the last results."""

    __slots__ = ("_done", "_under_way")

    def __init__(self) -> None:
        self._under_way: set[str] = set()
        self._done: dict[str, Result] = {}

    def ask(self, command_id: str) -> Request:
        if (result := self._done.get(command_id)) is not None:
            return Completed(result)
        if command_id in self._under_way:
            return Pending()
        if len(self._under_way) >= MAX_PENDING:
            return TooManyPending()
        self._under_way.add(command_id)
        return NewCommand()

    def answer(self, result: Result) -> None:
        self._under_way.discard(result.id)
        self._done[result.id] = result
        if len(self._done) > MAX_KEPT_RESULTS:
            del self._done[next(iter(self._done))]
