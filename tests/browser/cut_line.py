"""A line between browser and server that can be cut and mended: a small TCP relay in a thread."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Self


class CutLine:
    """``url`` leads to the server as long as the line is whole; cut, nothing listens there."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._listening: asyncio.Server | None = None
        self._closing: asyncio.Task[None] | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._cut_at = b""
        self._is_cut_after_the_answer = False
        self._by_itself = threading.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        self._do(self._cut())

    def mend(self) -> None:
        self._do(self._mend())

    def cut_at(self, data: bytes, *, answered: bool = False) -> threading.Event:
        """Cut when a browser sends these bytes, before they reach the server.

        ``answered``: they reach it, and the browser gets no answer. Returns an event, set once cut.
        """
        self._by_itself.clear()
        self._is_cut_after_the_answer, self._cut_at = answered, data
        return self._by_itself

    def freeze(self) -> None:
        """Pass nothing on, and close nothing."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def thaw(self) -> None:
        self._loop.call_soon_threadsafe(self._flowing.set)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _mend(self) -> None:
        if self._closing is not None:
            await self._closing
        self._listening = await asyncio.start_server(self._relay, "127.0.0.1", self.port)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        self._break()
        ours = asyncio.current_task()
        # A connection that was accepted just before begins its relay only now: look again.
        while tasks := [task for task in asyncio.all_tasks() if task is not ours]:
            await asyncio.gather(*tasks, return_exceptions=True)

    def _break(self) -> None:
        if self._listening is not None:
            self._closing = asyncio.create_task(_stop_listening(self._listening))
            self._listening = None
        for writer in tuple(self._writers):
            writer.transport.abort()
        self._flowing.set()  # what waited goes nowhere

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, back}
        self._writers |= ends
        if self._listening is None:  # Cut while the server was called.
            self._break()
        try:
            heard = asyncio.Event()
            await asyncio.gather(
                self._copy(reader, back, lambda data: self._is_cut_by(data, heard)),
                self._copy(there, writer, lambda _: heard.is_set()),
            )
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()
            await asyncio.gather(*(end.wait_closed() for end in ends), return_exceptions=True)

    def _is_cut_by(self, data: bytes, heard: asyncio.Event) -> bool:
        if not self._cut_at or self._cut_at not in data:
            return False
        if self._is_cut_after_the_answer:
            heard.set()
        return not self._is_cut_after_the_answer

    async def _copy(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        is_the_end: Callable[[bytes], bool],
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                if is_the_end(chunk):
                    self._cut_at = b""
                    self._break()
                    self._by_itself.set()
                    return
                await self._flowing.wait()
                writer.write(chunk)
                await writer.drain()
        writer.transport.abort()


async def _stop_listening(server: asyncio.Server) -> None:
    """Close once the connections accepted already have their transport: asyncio makes none for a
    server that is closed, and forgets the socket (CPython 3.11 and 3.12)."""
    for listening in server.sockets:
        asyncio.get_running_loop().remove_reader(listening.fileno())
    await asyncio.sleep(0)
    server.close()
