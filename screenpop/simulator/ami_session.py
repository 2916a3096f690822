"""One AMI client of the simulated PBX: login, actions and its events."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from screenpop.simulator.ami_encoding import END, to_bytes, to_headers
from screenpop.simulator.channel import Headers
from screenpop.simulator.channel_table import ChannelTable
from screenpop.simulator.pbx import SimulatedPbx

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
_LONGEST_ACTION = 65_536


@dataclass(frozen=True, slots=True)
class Account:
    """The only AMI user."""

    username: str
    secret: str
    classes: frozenset[str] = frozenset({"reporting", "agent", "originate"})
    """The classes of ``write =``."""


class AmiSession:
    """The protocol without the socket: bytes in through ``receive``, bytes out through ``send``.

    ``closed``: the client must be disconnected after the sent data.
    """

    def __init__(self, pbx: SimulatedPbx, account: Account, send: Callable[[bytes], None]) -> None:
        self.closed = False
        self.logged_in = False
        self.resynced = False
        """It has asked for everything, so from now on it only needs the events."""
        self._pbx = pbx
        self._account = account
        self._send = send
        self._buffer = b""
        self._wants_events = True
        send(BANNER)

    def receive(self, data: bytes) -> None:
        self._buffer += data
        while not self.closed and END in self._buffer:
            action, _, self._buffer = self._buffer.partition(END)
            self._act(dict(reversed(to_headers(action))))
        if len(self._buffer) > _LONGEST_ACTION:
            self.closed = True

    def event(self, message: bytes) -> None:
        if self.logged_in and self._wants_events and not self.closed:
            self._send(message)

    def _act(self, action: Mapping[str, str]) -> None:
        headers = {name.lower(): value for name, value in action.items()}
        name = headers.get("action", "").lower()
        if name == "login":
            self._login(headers)
        elif not self.logged_in:
            self._reply(headers, "Error", ("Message", "Permission denied"))
        else:
            self._serve(name, headers)

    def _login(self, headers: Mapping[str, str]) -> None:
        given = f"{headers.get('username', '')}\n{headers.get('secret', '')}"
        wanted = f"{self._account.username}\n{self._account.secret}"
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            self._reply(headers, "Error", ("Message", "Authentication failed"))
            self.closed = True
            return
        self.logged_in = True
        self._wants_events = headers.get("events", "on").lower() != "off"
        self._reply(headers, "Success", ("Message", "Authentication accepted"))
        uptime = str(int(self._pbx.clock() - self._pbx.booted.timestamp()))
        self.event(
            to_bytes(
                [
                    ("Event", "FullyBooted"),
                    ("Privilege", "system,all"),
                    ("Uptime", uptime),
                    ("LastReload", uptime),
                    ("Status", "Fully Booted"),
                ]
            )
        )

    def _serve(self, name: str, headers: Mapping[str, str]) -> None:
        match name:
            case "ping":
                stamp = ("Timestamp", f"{self._pbx.clock():.6f}")
                self._reply(headers, "Success", ("Ping", "Pong"), stamp)
            case "events":
                self._wants_events = headers.get("eventmask", "on").lower() not in {"off", ""}
                state = "On" if self._wants_events else "Off"
                self._reply(headers, "Success", ("Events", state))
            case "coresettings":
                self._reply(
                    headers, "Success", ("AMIversion", "11.0.0"), ("AsteriskVersion", "22.10.1")
                )
            case "corestatus":
                self._core_status(headers)
            case "coreshowchannels" | "status" | "queuestatus":
                self._list(headers, _LISTS[name])
                self.resynced = self.resynced or name == "coreshowchannels"
            case "listcommands":
                allowed = [one for one in _CLASSES if _CLASSES[one] in self._account.classes]
                self._reply(headers, "Success", *((name, "(Priv)") for name in allowed))
            case "queuepause" | "originate":
                self._change(name, headers)
            case "logoff":
                self._reply(headers, "Goodbye", ("Message", "Thanks for all the fish."))
                self.closed = True
            case _:
                self._reply(
                    headers,
                    "Error",
                    (
                        "Message",
                        f"Invalid/unknown command: {headers.get('action', '')}. "
                        "Use Action: ListCommands to show available commands.",
                    ),
                )

    def _change(self, name: str, headers: Mapping[str, str]) -> None:
        """Pause a member or place a call, if the account has the class."""
        spelled = "QueuePause" if name == "queuepause" else "Originate"
        if _CLASSES[spelled] not in self._account.classes:
            self._reply(headers, "Error", ("Message", "Permission denied"))
        elif name == "queuepause":
            self._queue_pause(headers)
        else:
            phone = headers.get("channel", "").rpartition("/")[2]
            self._pbx.originate(phone, headers.get("exten", ""))
            self._reply(headers, "Success", ("Message", "Originate successfully queued"))

    def _queue_pause(self, headers: Mapping[str, str]) -> None:
        is_paused = headers.get("paused", "").lower() in {"true", "yes", "1"}
        reason = headers.get("reason", "") if is_paused else None
        queue, interface = headers.get("queue", ""), headers.get("interface", "")
        changes = self._pbx.table.pause(queue, interface, reason)
        if not changes:
            self._reply(headers, "Error", ("Message", "Interface not found"))
            return
        for change in changes:
            self._pbx.say(change)
        done = "paused" if is_paused else "unpaused"
        self._reply(headers, "Success", ("Message", f"Interface {done} successfully"))

    def _core_status(self, headers: Mapping[str, str]) -> None:
        date, time = f"{self._pbx.booted:%Y-%m-%d}", f"{self._pbx.booted:%H:%M:%S}"
        self._reply(
            headers,
            "Success",
            ("CoreStartupDate", date),
            ("CoreStartupTime", time),
            ("CoreReloadDate", date),
            ("CoreReloadTime", time),
            ("CoreCurrentCalls", str(self._pbx.table.calls_now)),
            ("CoreProcessedCalls", str(self._pbx.table.processed)),
        )

    def _list(self, headers: Mapping[str, str], listing: "_Listing") -> None:
        action_id = _action_id(headers)
        message = f"{listing.what} will follow"
        self._reply(headers, "Success", ("EventList", "start"), ("Message", message))
        rows = listing.rows(self._pbx.table, self._pbx.clock())
        for row in rows:
            # Asterisk writes the ActionID of a channel's row first and of the others' last.
            whole = [row[0], *action_id, *row[1:]] if listing.id_first else [*row, *action_id]
            self._send(to_bytes(whole))
        self._send(
            to_bytes(
                [
                    ("Event", listing.complete),
                    *action_id,
                    ("EventList", "Complete"),
                    ("ListItems", str(len(rows))),
                    *((("Items", str(len(rows))),) if listing.complete == "StatusComplete" else ()),
                ]
            )
        )

    def _reply(self, headers: Mapping[str, str], response: str, *more: tuple[str, str]) -> None:
        self._send(to_bytes([("Response", response), *_action_id(headers), *more]))


def _action_id(headers: Mapping[str, str]) -> Headers:
    return [("ActionID", headers["actionid"])] if "actionid" in headers else []


@dataclass(frozen=True, slots=True)
class _Listing:
    what: str
    complete: str
    rows: Callable[[ChannelTable, float], list[Headers]]
    id_first: bool = False


_CLASSES = {"QueuePause": "agent", "Originate": "originate", "QueueStatus": "reporting"}
"""Actions with the class that each needs; ``ListCommands`` names those that are allowed."""

_LISTS = {
    "coreshowchannels": _Listing(
        "Channels", "CoreShowChannelsComplete", ChannelTable.channels, id_first=True
    ),
    "status": _Listing("Channel status", "StatusComplete", ChannelTable.statuses),
    "queuestatus": _Listing("Queue status", "QueueStatusComplete", ChannelTable.queue_status),
}
