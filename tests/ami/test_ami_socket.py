import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from screenpop.ami.ami_socket import AmiSocket
from tests.ami.speaking_server import PATIENCE, Connection, SpeakingServer


def in_a_second() -> float:
    return time.monotonic() + PATIENCE


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port that neither accepts nor refuses: its backlog is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def test_a_black_hole_is_given_up_in_time(black_hole: int) -> None:
    wire = AmiSocket()
    with pytest.raises(TimeoutError):
        wire.open("127.0.0.1", black_hole, None, time.monotonic() + 0.1)
    wire.release()


def test_closing_ends_a_connect_at_once(black_hole: int) -> None:
    wire = AmiSocket()
    ended = threading.Event()

    def dial() -> None:
        with contextlib.suppress(OSError):
            wire.open("127.0.0.1", black_hole, None, time.monotonic() + 600)
        ended.set()

    thread = threading.Thread(target=dial)
    thread.start()
    while wire._socket is None:
        time.sleep(0)
    wire.close()
    assert ended.wait(PATIENCE)
    thread.join()
    wire.release()


def test_closing_ends_a_read_at_once_and_twice_is_no_harm() -> None:
    reading = threading.Event()

    def script(connection: Connection) -> None:
        connection.send_messages(b"x")
        connection.hear()

    with SpeakingServer(script) as server:
        wire = AmiSocket()
        wire.open(server.host, server.port, None, in_a_second())
        ends: list[bytes | OSError] = []

        def read() -> None:
            try:
                assert wire.read() == b"x"
                reading.set()
                ends.append(wire.read())
            except OSError as error:
                ends.append(error)

        thread = threading.Thread(target=read)
        thread.start()
        assert reading.wait(PATIENCE)
        wire.close()
        wire.close()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert ends == [b""] or isinstance(ends[0], ConnectionAbortedError)
        wire.release()
        wire.release()
        with pytest.raises(ConnectionAbortedError):
            wire.read()


def test_a_peer_that_does_not_read_cannot_hold_a_writer() -> None:
    gate = threading.Event()

    def deaf(_: Connection) -> None:
        assert gate.wait(PATIENCE)

    with SpeakingServer(deaf) as server:
        wire = AmiSocket()
        wire.open(server.host, server.port, None, in_a_second())
        with pytest.raises(TimeoutError):
            wire.write(b"x" * 50_000_000, 0.1)
        with pytest.raises(OSError, match="our side"):
            wire.write(b"more", 0.1)
        gate.set()
        wire.release()


def test_the_socket_watches_for_a_dead_peer() -> None:
    def script(connection: Connection) -> None:
        connection.hear()

    with SpeakingServer(script) as server:
        wire = AmiSocket()
        wire.open(server.host, server.port, None, in_a_second())
        sock = wire._socket
        assert sock is not None
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 6000
        wire.release()


def test_writers_do_not_mix_their_bytes() -> None:
    heard: list[bytes] = []
    ended = threading.Event()

    def script(connection: Connection) -> None:
        while connection.hear() is not None:
            pass
        heard.append(connection.raw)
        ended.set()

    with SpeakingServer(script) as server:
        wire = AmiSocket()
        wire.open(server.host, server.port, None, in_a_second())
        blocks = [b"Action: %c\r\nX: " % letter + b"%c" % letter * 200_000 for letter in b"abcdef"]
        writers = [
            threading.Thread(target=wire.write, args=(block + b"\r\n\r\n", PATIENCE))
            for block in blocks
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        wire.release()
        assert ended.wait(PATIENCE)
    assert sorted(heard[0].split(b"\r\n\r\n")[:-1]) == blocks
