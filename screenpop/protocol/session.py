"""The session of one socket: the protocol of ``/ws/v1`` without the socket.

Values and the time are passed in; actions are returned in order. ``now`` is any monotonic clock,
``wall`` the wall clock (since 1970, UTC). Both in seconds.
"""

from dataclasses import dataclass
from typing import NamedTuple, assert_never

from screenpop.protocol import server_messages
from screenpop.protocol.client_messages import (
    Ack,
    BadMessage,
    ClientMessage,
    Command,
    HeartbeatReply,
    Hello,
    Receipt,
    parse_client_message,
)
from screenpop.protocol.close_codes import CloseCode
from screenpop.protocol.command_dedup import (
    CommandDedup,
    Completed,
    NewCommand,
    Pending,
    TooManyPending,
)
from screenpop.protocol.server_messages import Position, Result, Resumed, Snapshot, Start

HELLO_TIMEOUT_S = 10.0
SILENCE_TIMEOUT_S = 30.0
"""Six heartbeats without a message: the page is frozen or gone."""
MAX_UNACKNOWLEDGED = 256
SOFT_MAX_UNACKNOWLEDGED = 192
MAX_UNACKNOWLEDGED_AGE_S = 8.0
ACK_WITHIN_S = 4.0
"""Time that a client has for the acknowledgement that a heartbeat asks for. With a heartbeat every
5 seconds a client that reads nothing is found 9 seconds after its first unread message at most."""


class Send(NamedTuple):
    frame: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """Send this ``bye``, then close; no action follows."""

    code: CloseCode
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """Join the user's stream and call ``joined`` with the result."""

    last: Position | None


Request = Join | Receipt | Command
"""A client's command for the application."""

Action = Send | Close | Request


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Limit of a client's messages: ``burst`` at once, ``per_second`` on average."""

    per_second: float = 100.0
    burst: float = 400.0


class Session:
    """The protocol from ``accept`` to ``bye``. No action follows after ``Close``.

    ``commands`` is shared by the sessions of one user, so that a command repeated over a new socket
    is recognised.
    """

    __slots__ = (
        "_allowance",
        "_asked",
        "_beat_at",
        "_beat_before_at",
        "_build",
        "_closed",
        "_commands",
        "_greeted",
        "_heard_at",
        "_joined",
        "_opened_at",
        "_sent",
        "_tokens",
        "_tokens_at",
        "_unacknowledged",
    )

    def __init__(
        self, build: str, commands: CommandDedup, now: float, allowance: RateLimit
    ) -> None:
        self._build = build
        self._commands = commands
        self._allowance = allowance
        self._opened_at = self._heard_at = self._tokens_at = now
        self._tokens = allowance.burst
        self._greeted = False
        self._joined = False
        self._closed = False
        self._sent = 0
        self._unacknowledged: list[float] = []
        """The times of sending; the last one is that of ``_sent``, as seq is dense."""
        self._beat_at = self._beat_before_at = now
        """The times of the last two heartbeats."""
        self._asked: set[str] | None = None

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def room(self) -> int:
        """Return how many more frames may be sent before the client must acknowledge some."""
        return max(0, SOFT_MAX_UNACKNOWLEDGED - len(self._unacknowledged))

    def received(self, text: str, now: float) -> tuple[Action, ...]:
        """Handle a message of the client."""
        if self._closed:
            return ()
        self._heard_at = now
        if not self._may_speak(now):
            return self._close(CloseCode.RATE, "more messages than a page can mean")
        message = parse_client_message(text)
        if isinstance(message, BadMessage):
            return self._close(CloseCode.PROTOCOL, message.detail)
        if self._greeted == isinstance(message, Hello):
            return self._close(CloseCode.PROTOCOL, "hello comes first, and once")
        return self._answer(message, now)

    def joined(self, start: Start, now: float, wall: float) -> tuple[Action, ...]:
        """Handle the joined stream: send the position, then the missing entries."""
        if self._closed:
            return ()
        self._joined = True
        self._sent = start.position.seq
        sends = [Send(server_messages.welcome(start, self._build, wall))]
        match start:
            case Snapshot():
                sends.append(Send(server_messages.snapshot(start)))
            case Resumed(position, entries):
                self._unacknowledged = [now] * len(entries)
                sends += [
                    Send(server_messages.encode_entry(position.epoch, entry)) for entry in entries
                ]
            case _:
                assert_never(start)
        return tuple(sends)

    def published(self, seq: int, frame: bytes, now: float) -> tuple[Action, ...]:
        """Handle a new entry of the stream. ``frame`` is encoded once for all its receivers."""
        if self._closed or not self._joined or seq <= self._sent:
            return ()
        if seq != self._sent + 1:
            return self._close(CloseCode.RESTART, "the stream has a gap")
        self._sent = seq
        self._unacknowledged.append(now)
        return self._too_slow(now) or (Send(frame),)

    def ticked(
        self, head: Position, now: float, wall: float, missed: int | None = None
    ) -> tuple[Action, ...]:
        """Send a heartbeat when due, and close a client that does not keep up.

        ``head`` is the position of the stream in the bus; ``missed`` as in ``heartbeat``.
        """
        if self._closed:
            return ()
        if not self._joined:
            late = now - self._opened_at > HELLO_TIMEOUT_S
            return self._close(CloseCode.PROTOCOL, "no hello came") if late else ()
        if now - self._heard_at > SILENCE_TIMEOUT_S:
            return self._close(CloseCode.SLOW, "no heartbeat was answered")
        slow = self._too_slow(now)
        if slow:
            return slow
        self._beat_before_at, self._beat_at = self._beat_at, now
        return (Send(server_messages.heartbeat(head, wall, missed)),)

    def overdue(self, now: float) -> tuple[Action, ...]:
        """Close a client that does not keep up, between two heartbeats too."""
        return () if self._closed else self._too_slow(now)

    def answered(self, result: Result) -> tuple[Action, ...]:
        """Handle the result of a command, which is sent only to the session that sent the
        command."""
        if self._closed or self._asked is None or result.id not in self._asked:
            return ()
        self._asked.discard(result.id)
        return (Send(server_messages.result(result)),)

    def end(self, code: CloseCode, detail: str = "") -> tuple[Action, ...]:
        """End the session from the server's side: a logout, a restart."""
        return () if self._closed else self._close(code, detail)

    def _answer(self, message: ClientMessage, now: float) -> tuple[Action, ...]:
        match message:
            case Hello(last):
                self._greeted = True
                return (Join(last),)
            case Ack(seq):
                return self._acknowledge(seq)
            case HeartbeatReply(seq):
                return () if seq is None else self._acknowledge(seq)
            case Receipt(seq=seq):
                refused = () if seq is None else self._acknowledge(seq)
                return refused or (message,)
            case Command():
                return self._ask(message)
            case _:
                assert_never(message)

    def _acknowledge(self, seq: int) -> tuple[Action, ...]:
        if seq > self._sent:
            return self._close(CloseCode.PROTOCOL, "ack of something that was never sent")
        still_out = self._sent - seq
        if still_out < len(self._unacknowledged):
            self._tokens += 1  # Bounded: there are no more than the sent messages.
            del self._unacknowledged[: len(self._unacknowledged) - still_out]
        return ()

    def _ask(self, command: Command) -> tuple[Action, ...]:
        asked = self._commands.ask(command.id)
        match asked:
            case Completed(result):
                return (Send(server_messages.result(result)),)
            case TooManyPending():
                busy = Result(command.id, ok=False, error="too_many_commands")
                return (Send(server_messages.result(busy)),)
            case NewCommand() | Pending():
                self._asked = self._asked or set()
                self._asked.add(command.id)
                return (command,) if isinstance(asked, NewCommand) else ()
            case _:
                assert_never(asked)

    def _may_speak(self, now: float) -> bool:
        earned = (now - self._tokens_at) * self._allowance.per_second
        self._tokens = min(self._allowance.burst, self._tokens + earned) - 1
        self._tokens_at = now
        return self._tokens >= 0

    def _too_slow(self, now: float) -> tuple[Action, ...]:
        out = self._unacknowledged
        if len(out) > MAX_UNACKNOWLEDGED:
            return self._close(CloseCode.SLOW, f"more than {MAX_UNACKNOWLEDGED} without an ack")
        if out and now - out[0] > MAX_UNACKNOWLEDGED_AGE_S and self._was_asked_since(out[0], now):
            return self._close(CloseCode.SLOW, f"no ack for {MAX_UNACKNOWLEDGED_AGE_S:.0f} s")
        return ()

    def _was_asked_since(self, sent_at: float, now: float) -> bool:
        """Return whether a heartbeat that followed a message has had time to be answered.

        Acknowledgements may wait for the heartbeat. If the server itself stood still, a healthy
        client has not had the chance to send them.
        """
        in_time = now - self._beat_at >= ACK_WITHIN_S and self._beat_at >= sent_at
        return in_time or self._beat_before_at >= sent_at

    def _close(self, code: CloseCode, detail: str) -> tuple[Action, ...]:
        self._closed = True
        return (Close(code, detail),)
