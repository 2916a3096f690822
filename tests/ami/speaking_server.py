"""A server that speaks real AMI bytes on a real socket, as well or as badly as a test wants."""

import contextlib
import queue
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
PATIENCE = 10.0
"""Seconds until a test that waits for something is called failed."""

Action = dict[str, str]


def headers(*pairs: tuple[str, object]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in pairs).encode() + b"\r\n"


def event(name: str, **fields: object) -> bytes:
    return headers(("Event", name), *fields.items())


class Connection:
    """One client, seen from the server. ``heard`` are its actions, in order."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.heard: list[Action] = []
        self.raw = b""
        self._rest = b""
        self._news = threading.Condition()
        self._sending = threading.Lock()
        self._reset = False

    def send_messages(self, *chunks: bytes) -> None:
        with self._sending, contextlib.suppress(OSError):
            for chunk in chunks:
                self.sock.sendall(chunk)

    def hear(self) -> Action | None:
        """The next action; None when the client is gone."""
        while b"\r\n\r\n" not in self._rest:
            try:
                data = self.sock.recv(65536)
            except OSError:
                return None
            if not data:
                return None
            self.raw += data
            self._rest += data
        text, _, self._rest = self._rest.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in text.decode().split("\r\n")]
        action = {line[0]: line[-1] for line in lines}
        with self._news:
            self.heard.append(action)
            self._news.notify_all()
        return action

    def wait_heard(self, count: int) -> None:
        """Wait until so many actions have been received."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.heard) >= count, PATIENCE)

    def answer(self, action: Action, response: str = "Success", **fields: object) -> None:
        pairs = [("Response", response), ("ActionID", action["ActionID"]), *fields.items()]
        self.send_messages(headers(*pairs))

    def hang_up(self) -> None:
        if self._reset:
            return
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def reset(self) -> None:
        """Break off as a crashed machine would."""
        with contextlib.suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            # Only wakes the script: the close at its end then sends a reset instead of a FIN.
            self._reset = True
            self.sock.shutdown(socket.SHUT_RD)


Script = Callable[[Connection], None]


class SpeakingServer:
    """Plays ``script`` to each client in a thread of its own; the script's end hangs up."""

    def __init__(
        self,
        script: Script,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        certificate: Path | None = None,
    ) -> None:
        self.script = script
        self.connections: list[Connection] = []
        self._arrivals: queue.Queue[Connection] = queue.Queue()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=16)
        self.host, self.port = host, int(self._listener.getsockname()[1])
        self._tls = None if certificate is None else _server_context(certificate)
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> "SpeakingServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def next_connection(self) -> Connection:
        """Waits for a client that has not been asked for yet."""
        return self._arrivals.get(timeout=PATIENCE)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self.connections:
            connection.hang_up()
        for thread in list(self._threads):
            thread.join(PATIENCE)
            assert not thread.is_alive(), "a script did not end"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            connection = Connection(sock)
            self.connections.append(connection)
            thread = threading.Thread(target=self._play, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _play(self, connection: Connection) -> None:
        try:
            if self._tls is not None:
                connection.sock = self._tls.wrap_socket(connection.sock, server_side=True)
            self._arrivals.put(connection)
            self.script(connection)
        except OSError:
            pass
        finally:
            connection.hang_up()
            connection.sock.close()


@dataclass
class Pbx:
    """A script: an Asterisk that answers what the link asks. Change it while it plays."""

    secret: str = "secret"
    booted: bool = True
    system_class: bool = True
    date: str = "2026-11-22"
    time: str = "02:43:37"
    channels: list[dict[str, object]] = field(default_factory=list)
    statuses: list[dict[str, object]] = field(default_factory=list)
    queues: list[dict[str, object]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Action to the words of the refusal."""
    unanswered: set[str] = field(default_factory=set)
    miscounted: set[str] = field(default_factory=set)
    """Lists whose count is one higher than their items."""
    cancelled: set[str] = field(default_factory=set)
    before: dict[str, Callable[[Connection], None]] = field(default_factory=dict)
    """What happens before the answer to an action."""
    amid: dict[str, Callable[[Connection], None]] = field(default_factory=dict)
    """What happens in the middle of a list, before its last message."""

    def __call__(self, connection: Connection) -> None:
        connection.send_messages(BANNER)
        while (action := connection.hear()) is not None:
            if action["Action"] not in self.unanswered:
                self._answer(connection, action)

    def _answer(self, connection: Connection, action: Action) -> None:
        name = action["Action"]
        if name in self.before:
            self.before[name](connection)
        if name in self.refused:
            connection.answer(action, "Error", Message=self.refused[name])
            return
        match name:
            case "Login":
                self._log_in(connection, action)
            case "Ping":
                connection.answer(action, Ping="Pong", Timestamp="1795315472.1")
            case "CoreStatus":
                date = self.date if self.booted else "1970-01-01"
                connection.answer(action, CoreStartupDate=date, CoreStartupTime=self.time)
            case "CoreShowChannels":
                self._list(connection, action, self.channels)
            case "Status":
                self._list(connection, action, self.statuses)
            case "QueueStatus":
                self._list(connection, action, self.queues)
            case _:
                connection.answer(action, Message=f"{name} queued")

    def _log_in(self, connection: Connection, action: Action) -> None:
        if action.get("Secret") != self.secret:
            connection.answer(action, "Error", Message="Authentication failed")
            connection.hang_up()
            return
        connection.answer(action, Message="Authentication accepted")
        if self.booted and self.system_class:
            connection.send_messages(
                event("FullyBooted", Privilege="system,all", Status="Fully Booted")
            )

    def _list(self, connection: Connection, action: Action, items: list[dict[str, object]]) -> None:
        name, mine = action["Action"], ("ActionID", action["ActionID"])
        connection.answer(action, EventList="start", Message="will follow")
        kinds = {"CoreShowChannels": "CoreShowChannel", "QueueStatus": "QueueParams"}
        kind = kinds.get(name, name)
        for item in items:
            fields = {"Event": kind, **item}
            connection.send_messages(headers(*fields.items(), mine))
        if name in self.amid:
            self.amid[name](connection)
        how = "cancelled" if name in self.cancelled else "Complete"
        count = len(items) + (name in self.miscounted)
        end = [("Event", f"{name}Complete"), mine, ("EventList", how), ("ListItems", count)]
        connection.send_messages(headers(*end))


def make_certificate(folder: Path, *names: str) -> Path:
    """A self-made certificate with its key in one PEM file."""
    pem = folder / "server.pem"
    alternatives = ",".join(names or ("DNS:localhost", "IP:127.0.0.1"))
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=test pbx"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-addext", f"subjectAltName={alternatives}"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")),
        ],
        check=True,
        capture_output=True,
    )
    pem.write_bytes((folder / "certificate.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return pem


def _server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
