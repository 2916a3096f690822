"""One AMI session at the fake PBX; answers each action as an idle Asterisk 22 does.

The lists are empty, also while calls are up. They are asked for at the login, when nothing is up,
and once a minute; a call of a second cannot be missing from two of those.
"""

import contextlib
import socket
import threading

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
BOOTED = b"Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n"
END = b"\r\n\r\n"
_LISTS = {
    "CoreShowChannels": "CoreShowChannelsComplete",
    "QueueStatus": "QueueStatusComplete",
    "Status": "StatusComplete",
}
_SEND_BUFFER = 4 * 1024 * 1024


class AmiSession:
    """Answers in its own thread; ``send`` may be called from any thread."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self.over = threading.Event()
        self.logged_in = threading.Event()
        self.listed = threading.Event()
        """Set when the client has requested all lists, so its link is live."""
        self._connection = connection
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._answer_all, daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Send; block while the client does not read. Raises OSError when it has disconnected."""
        with self._writing:
            self._connection.sendall(data)

    def _answer_all(self) -> None:
        buffer = b""
        with contextlib.suppress(OSError):
            self.send(BANNER)
            while data := self._connection.recv(65536):
                buffer += data
                while END in buffer:
                    text, _, buffer = buffer.partition(END)
                    self.send(self._answer(_headers(text)))
        self.over.set()
        self._connection.close()

    def _answer(self, action: dict[str, str]) -> bytes:
        name, action_id = action.get("Action", ""), action.get("ActionID", "")
        match name:
            case "Login":
                self.logged_in.set()
                return _reply(action_id, "Message: Authentication accepted") + BOOTED
            case "Ping":
                return _reply(action_id, "Ping: Pong", "Timestamp: 1795400000.000000")
            case "CoreStatus":
                return _reply(
                    action_id,
                    "CoreStartupDate: 2026-11-22",
                    "CoreStartupTime: 04:00:00",
                    "CoreCurrentCalls: 0",
                )
            case "Logoff":
                return b"Response: Goodbye\r\nActionID: %b%b" % (action_id.encode(), END)
            case _ if name in _LISTS:
                if name == "QueueStatus":
                    self.listed.set()
                return _empty_list(action_id, _LISTS[name])
            case _:
                return _reply(action_id)


def _headers(text: bytes) -> dict[str, str]:
    lines = [line.partition(": ") for line in text.decode().split("\r\n")]
    return {name: value for name, _, value in lines}


def _reply(action_id: str, *headers: str) -> bytes:
    lines = ["Response: Success", f"ActionID: {action_id}", *headers]
    return "\r\n".join(lines).encode() + END


def _empty_list(action_id: str, closing: str) -> bytes:
    start = _reply(action_id, "EventList: start", "Message: A list will follow")
    lines = [f"Event: {closing}", f"ActionID: {action_id}", "EventList: Complete", "ListItems: 0"]
    return start + "\r\n".join(lines).encode() + END
