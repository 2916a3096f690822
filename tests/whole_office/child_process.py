"""Child processes of the test rig; an exception in a child is raised again in the parent."""

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


class ChildProcess:
    """A process that runs ``work(pipe)`` and answers each request."""

    def __init__(self, name: str, work: Callable[[Connection], None]) -> None:
        self._pipe, child_end = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_run, args=(work, child_end), name=name, daemon=True)
        self._process.start()
        child_end.close()

    def request(self, order: object) -> Any:
        self.send(order)
        return self.receive()

    def send(self, order: object) -> None:
        self._pipe.send(order)

    def receive(self, within_s: float = _ANSWERS_WITHIN_S) -> Any:
        """Return the next answer. Raises ``ChildError`` when the process failed or none comes."""
        if not self._pipe.poll(within_s):
            raise ChildError(
                f"the process {self._process.name} did not answer within {within_s:g} s"
            )
        try:
            answer = self._pipe.recv()
        except EOFError:
            raise ChildError(f"the process {self._process.name} ended") from None
        if isinstance(answer, _Failed):
            raise ChildError(answer.trace)
        return answer

    def has_answer(self, within_s: float) -> bool:
        """Return whether ``receive`` would have an answer, after waiting at most so long."""
        return self._pipe.poll(within_s)

    def kill(self) -> None:
        """End the process at once (SIGKILL)."""
        self._process.kill()
        self._process.join()

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
    except BaseException:  # noqa: BLE001 -- it is sent to the parent
        with contextlib.suppress(OSError):
            pipe.send(_Failed(traceback.format_exc()))
