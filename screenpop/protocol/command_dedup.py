"""Runs a command once, however often a reconnecting page sends it."""

from dataclasses import dataclass

import orjson

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
MAX_KEPT_BYTES = 64 * 1024
"""Of the results together, as JSON; the last ``MAX_PENDING`` are kept whatever their size."""
MAX_PENDING = 32


class CommandDedup:
    """One user's commands by id: the running ones, and the last results."""

    __slots__ = ("_done", "_done_bytes", "_under_way")

    def __init__(self) -> None:
        self._under_way: set[str] = set()
        # As JSON: the objects of what a card asks for take ten times the memory.
        self._done: dict[str, bytes] = {}
        self._done_bytes = 0

    def ask(self, command_id: str) -> Request:
        if (kept := self._done.get(command_id)) is not None:
            return Completed(Result(**orjson.loads(kept)))
        if command_id in self._under_way:
            return Pending()
        if len(self._under_way) >= MAX_PENDING:
            return TooManyPending()
        self._under_way.add(command_id)
        return NewCommand()

    def answer(self, result: Result) -> None:
        self._under_way.discard(result.id)
        self._forget(result.id)
        kept = self._done[result.id] = orjson.dumps(result)
        self._done_bytes += len(kept)
        while len(self._done) > MAX_KEPT_RESULTS or (
            len(self._done) > MAX_PENDING and self._done_bytes > MAX_KEPT_BYTES
        ):
            self._forget(next(iter(self._done)))

    def _forget(self, command_id: str) -> None:
        self._done_bytes -= len(self._done.pop(command_id, b""))
