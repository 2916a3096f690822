"""The only use of pyst2: its actions, messages and errors, over a transport of our own.

pyst2's transport reads a byte at a time, matches replies by their order, and its reader thread dies
silently on headers that any administrator may switch on (``channelvars``); see
``tests/ami/test_pyst2_defects.py``. So ``Manager`` is subclassed once, here, and everything that
touches the socket is replaced.
"""

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import structlog
from asterisk.manager import Manager, ManagerAuthException, ManagerException
from typing_extensions import override

from screenpop.ami.action_encoding import encode_action
from screenpop.ami.ami_socket import AmiSocket
from screenpop.ami.config import AmiConfig
from screenpop.ami.error_mapping import (
    connect_problem,
    disconnect_problem,
    greeting_problem,
    login_problem,
    port_is_tls,
    too_old,
)
from screenpop.ami.errors import (
    AmiConnectionError,
    AmiError,
    AmiLoginError,
    AmiTimedOutError,
    UnsafeActionError,
)
from screenpop.ami.pending_actions import ActionReply, PendingActions
from screenpop.ami.problem_codes import LinkProblem, ProblemCode, problem
from screenpop.ami.read_buffer import MAX_BUFFERED, MessageBatch, ReadBuffer
from screenpop.asterisk.ami_framing import BANNER, AmiFramer, FramingCounters
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.versions import is_too_old

log = structlog.get_logger(__name__)

_STAND_IN_CHECK_S = 0.05
"""Seconds. Asterisk waits 100 ms for a blocked write and then disconnects the reader; before that
the buffers of both sides fill."""
_MAX_GREETING_BYTES = 256
_TLS_PROBE_S = 1.0
"""Seconds in which a port without a greeting may answer a TLS handshake."""


class AmiManager(Manager):
    """One connection: connect once, close once; then make another.

    The event loop reads. ``on_batch`` and ``on_end`` are called in its thread; ``on_end`` once,
    after the last batch. The methods block and belong in a worker thread, except ``close``. They
    raise ``AmiError`` with its problem, and ``UnsafeActionError`` before anything is sent.
    """

    def __init__(
        self,
        address: AmiConfig,
        *,
        wanted: frozenset[str] | None,
        loop: asyncio.AbstractEventLoop,
        on_batch: Callable[[MessageBatch], None],
        on_end: Callable[[LinkProblem], None],
        clock: Callable[[], float] = time.time,
        most_waiting: int = MAX_BUFFERED,
        unhandled: Callable[[], int] = lambda: 0,
    ) -> None:
        # Not pyst2's __init__: it makes two threads and three queues that are not used here.
        self.title = None
        self.version = ""
        self._seqlock = threading.Lock()
        self._seq = 0
        self.prefix = f"screenpop-{secrets.token_hex(4)}~"
        self._address = address
        self._loop = loop
        self._on_end = on_end
        self._clock = clock
        self._wire = AmiSocket()
        self._framer = AmiFramer(wanted, self.prefix)
        self._replies = PendingActions()
        self._hand_over = ReadBuffer(on_batch, most_waiting, unhandled)
        self._descriptor: int | None = None
        self._thread: threading.Thread | None = None
        self._last: Sequence[AmiMessage] = ()
        self._reading = threading.Lock()
        """Held from the read until its messages are delivered, to keep the order."""
        self._reads = 0
        self._why: LinkProblem | None = None
        self._leaving = threading.Event()

    @override
    def __del__(self) -> None:
        wire = getattr(self, "_wire", None)
        if wire is not None:
            wire.release()

    @property
    def counters(self) -> FramingCounters:
        return self._framer.counters

    @override
    def connected(self) -> bool:
        return self._thread is not None and not self._leaving.is_set()

    @override
    def connect(self, host: str = "", port: int = 0) -> ActionReply:
        """Open the socket, read the greeting, start to read; the configured address by default."""
        if self._thread is not None:
            raise ManagerException("An AmiManager connects once; make a new one.")
        address, doing = self._address, "connect"
        deadline = time.monotonic() + address.timing.connect_limit
        try:
            self._wire.open(host or address.host, port or address.port, address.tls, deadline)
            doing = "greeting"
            greeting = self._greet(deadline)
            first = _first_line(greeting)
            self.title, _, self.version = first.partition("/")
            if is_too_old(self.version):
                raise AmiConnectionError(too_old(address, self.version))
        except OSError as error:
            why = connect_problem(error, address, doing)
            if isinstance(error, TimeoutError) and doing == "greeting" and address.tls is None:
                why = port_is_tls(address) if self._wire.speaks_tls(_TLS_PROBE_S) else why
            self._wire.release()
            raise AmiConnectionError(why) from error
        except AmiError:
            self._wire.release()
            raise
        self._take(greeting)
        stand_in = threading.Thread(
            target=self.message_loop, name=f"ami-{address.pbx}-stand-in", daemon=True
        )
        self._loop.call_soon_threadsafe(self._begin)
        stand_in.start()
        self._thread = stand_in  # Only now: a concurrent close() must not wait for it.
        return ActionReply(AmiMessage({"Response": "Generated Header", "Greeting": first}))

    def log_in(self) -> None:
        """Log in with the configured credentials. Raises ``AmiLoginError``."""
        username = self._address.username
        try:
            self.login(username, self._address.current_secret())
        except AmiError:
            raise
        except (ManagerAuthException, UnsafeActionError) as error:
            raise AmiLoginError(login_problem(username, str(error))) from error

    @override
    def send_action(
        self, cdict: Mapping[str, object] | None = None, **kwargs: object
    ) -> ActionReply:
        """Send an action and wait for the reply with the same ActionID, in any order of replies."""
        headers = {**(cdict or {}), **kwargs}
        action_id = str(headers.setdefault("ActionID", self.next_action_id()))
        action = str(headers.get("Action", ""))
        data = encode_action(headers)
        limit = self._limit_for(action)
        with self._replies.expected(action_id) as reply:
            self._write(data, limit)
            try:
                return ActionReply(reply.result(limit))
            except TimeoutError as error:
                late = problem(ProblemCode.TIMED_OUT, doing=action, after_s=f"{limit:g}")
                raise AmiTimedOutError(late) from error

    def post(self, actions: Sequence[Mapping[str, object]]) -> None:
        """Send actions in one write without waiting: the answers come in the batches."""
        data = b"".join(encode_action(action) for action in actions)
        self._replies.check()
        self._write(data, self._address.timing.reply_limit)

    def next_action_id(self) -> str:
        return f"{self.prefix}{self.next_seq():08x}"

    @override
    def close(self) -> None:
        """Close the connection. Does not block; may be called from any thread and repeatedly."""
        self._wire.close()
        self._leaving.set()
        thread = self._thread
        if thread is None:
            self._wire.release()
        elif thread is not threading.current_thread():
            thread.join(timeout=2)

    @override
    def register_event(self, event: str, function: object) -> None:
        raise ManagerException("Events come in batches; pass on_batch to AmiManager.")

    unregister_event = register_event

    @override
    def event_dispatch(self) -> None:
        raise ManagerException("No thread of its own: the loop dispatches.")

    _receive_data = event_dispatch

    @override
    def message_loop(self) -> None:
        """Read in a backup thread while the loop is blocked, because Asterisk disconnects slow
        readers.

        As long as the loop reads, this thread only polls.
        """
        waited, reads = False, 0
        while not self._leaving.wait(_STAND_IN_CHECK_S):
            # OSError: closed meanwhile; RuntimeError: the loop is closed.
            with contextlib.suppress(OSError, RuntimeError):
                waits = self._wire.has_arrived()
                if waits and waited and self._reads == reads:
                    while self._read_once():
                        pass
                    self._loop.call_soon_threadsafe(self._readable)
                waited, reads = waits, self._reads

    # -- called in the loop's thread -----------------------------------------------------------

    def _begin(self) -> None:
        with contextlib.suppress(OSError):  # Closed meanwhile: the read notices it.
            descriptor = self._wire.fileno()
            self._loop.add_reader(descriptor, self._readable)
            self._descriptor = descriptor
        self._readable()

    def _readable(self) -> None:
        """Read once; one read a turn of the loop, so that other tasks get theirs."""
        self._read_once()
        self._hand_over.deliver(self._clock())
        if self._why is not None:
            self._end(self._why)
        elif self._wire.holds_more():
            self._loop.call_soon(self._readable)

    def _end(self, why: LinkProblem) -> None:
        if self._replies.ended is not None:
            return
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
        self._leaving.set()
        self._wire.release()
        if any(message.event == "Shutdown" for message in self._last):
            why = problem(ProblemCode.SHUT_DOWN)
        self._replies.end(why)
        self._on_end(why)

    # -- called by the loop or the backup thread ------------------------------------------------

    def _read_once(self) -> bool:
        """Return whether a read brought data; at the end of the connection ``_why`` has the
        reason."""
        with self._reading:
            if self._why is None:
                self._reads += 1
                try:
                    if data := self._wire.read_now():
                        self._take(data)
                        return True
                    if data is not None:
                        self._why = problem(ProblemCode.CLOSED)
                except OSError as error:
                    self._why = disconnect_problem(error)
                except Exception as error:
                    log.exception("ami reader failed", pbx=self._address.pbx)
                    self._why = problem(ProblemCode.INTERNAL, error=type(error).__name__)
        return False

    def _take(self, data: bytes) -> None:
        at = self._clock()
        messages = self._framer.feed(data)
        self._replies.match(messages)
        if messages:
            self._last = messages
        self._hand_over.give(messages, at, self._framer.take_problems())

    def _write(self, data: bytes, limit_s: float) -> None:
        try:
            self._wire.write(data, limit_s)
        except TimeoutError as error:
            late = problem(ProblemCode.TIMED_OUT, doing="write", after_s=f"{limit_s:g}")
            raise AmiConnectionError(late) from error
        except OSError as error:
            raise AmiConnectionError(self._replies.ended or disconnect_problem(error)) from error

    def _greet(self, deadline: float) -> bytes:
        greeting = b""
        while b"\n" not in greeting:
            data = self._wire.read(deadline)
            if not data:
                raise AmiConnectionError(problem(ProblemCode.CLOSED))
            greeting += data
            strange = greeting[: len(BANNER)] != BANNER[: len(greeting)]
            if strange or len(greeting.partition(b"\n")[0]) > _MAX_GREETING_BYTES:
                raise AmiConnectionError(greeting_problem(self._address, _first_line(greeting)))
        return greeting

    def _limit_for(self, action: str) -> float:
        timing = self._address.timing
        match action:
            case "Ping":
                return timing.ping_limit
            case "Login":
                return timing.login_limit
            case _:
                return timing.reply_limit


def _first_line(data: bytes) -> str:
    return data.partition(b"\n")[0].decode(errors="replace").strip()
