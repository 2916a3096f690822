"""Matches replies to the waiting actions. AMI answers in any order, so only the ActionID counts."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from asterisk.manager import ManagerMsg

from screenpop.ami.errors import AmiConnectionError
from screenpop.ami.problem_codes import LinkProblem
from screenpop.asterisk.ami_message import AmiMessage


class ActionReply(ManagerMsg):
    """A message of pyst2, made from one that is already framed."""

    def __init__(self, message: AmiMessage) -> None:
        # Not pyst2's __init__: its parser raises on ChanVariable.
        self.message = message
        self.response = []
        self.data = ""
        self.headers = message.fields


class PendingActions:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Future[AmiMessage]] = {}
        self._ended: LinkProblem | None = None

    @property
    def ended(self) -> LinkProblem | None:
        """Return why no further reply will come."""
        return self._ended

    @contextmanager
    def expected(self, action_id: str) -> Iterator[Future[AmiMessage]]:
        """Register a future for the reply inside the context; unregister it at the end.

        Raises ``AmiConnectionError`` when the connection has ended; the future does so too.
        """
        reply: Future[AmiMessage] = Future()
        with self._lock:
            self.check()
            self._waiting[action_id] = reply
        try:
            yield reply
        finally:
            with self._lock:
                self._waiting.pop(action_id, None)

    def check(self) -> None:
        if self._ended is not None:
            raise AmiConnectionError(self._ended)

    def match(self, messages: Sequence[AmiMessage]) -> None:
        """Give each reply to the action that waits for it."""
        if not self._waiting:
            return
        for message in messages:
            # An OriginateResponse event has a Response header too.
            if "Event" not in message.fields:
                with self._lock:
                    reply = self._waiting.pop(message.action_id, None)
                if reply is not None:
                    reply.set_result(message)

    def end(self, why: LinkProblem) -> None:
        """Fail every waiting action."""
        with self._lock:
            self._ended = why
            waiting = list(self._waiting.values())
            self._waiting.clear()
        for reply in waiting:
            reply.set_exception(AmiConnectionError(why))
