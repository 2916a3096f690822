"""Processes of the rig: each is stopped by its own id, and what it raises is raised here."""

import contextlib
import multiprocessing
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

_SPAWN = multiprocessing.get_context("spawn")
_STOPS_WITHIN_S = 5.0
_ANSWERS_WITHIN_S = 180.0


class ChildError(RuntimeError):
    """A process of the rig failed; the text is its own traceback."""


class Child:
    """A process that runs ``work(pipe)`` and answers what it is told."""

    def __init__(self, name: str, work: Callable[[Connection], None]) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_run, args=(work, theirs), name=name, daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, order: object) -> Any:
        self.tell(order)
        return self.hear()

    def tell(self, order: object) -> None:
        self._pipe.send(order)

    def hear(self, within_s: float = _ANSWERS_WITHIN_S) -> Any:
        """The next answer. Raises ``ChildError`` where the process did, or when none comes."""
        if not self._pipe.poll(within_s):
            raise ChildError(f"the process {self._process.name} said nothing for {within_s:g} s")
        try:
            answer = self._pipe.recv()
        except EOFError:
            raise ChildError(f"the process {self._process.name} ended") from None
        if isinstance(answer, _Failed):
            raise ChildError(answer.trace)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self._process.terminate()
        self._process.join(_STOPS_WITHIN_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()


class _Failed:
    def __init__(self, trace: str) -> None:
        self.trace = trace


def _run(work: Callable[[Connection], None], pipe: Connection) -> None:
    try:
        work(pipe)
    except (EOFError, KeyboardInterrupt):
        return
    except BaseException:  # noqa: BLE001 -- it is told to the other side
        with contextlib.suppress(OSError):
            pipe.send(_Failed(traceback.format_exc()))
