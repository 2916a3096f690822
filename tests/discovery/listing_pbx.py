"""A PBX that gives the lists of discovery, over a real socket."""

from dataclasses import dataclass, field

from typing_extensions import override

from tests.ami.speaking_server import Action, Connection, Pbx, headers

FREEPBX_ROWS: dict[str, list[dict[str, object]]] = {
    "DeviceStateList": [
        {"Event": "DeviceStateChange", "Device": name}
        for name in ("PJSIP/101", "PJSIP/102", "PJSIP/otenet", "PJSIP/a,b)")
    ],
    "ExtensionStateList": [
        {"Event": "ExtensionStatus", "Exten": "101", "Hint": "PJSIP/101&Custom:DND101"},
    ],
    "DBGetTree AMPUSER": [
        {"Event": "DBGetTreeResponse", "Key": "/AMPUSER/101/cidname", "Val": "Maryam"},
        {"Event": "DBGetTreeResponse", "Key": "/AMPUSER/101/device", "Val": "101"},
    ],
    "ShowDialPlan": [
        {
            "Event": "ListDialplan",
            "Context": "ext-did-0001",
            "Extension": "2109100070",
            "Application": "Goto",
            "AppData": "ext-queues,600,1",
        }
    ],
}


@dataclass
class ListingPbx(Pbx):
    """``lists``: rows by action, of DBGetTree by action and family. ``values``: of Getvar."""

    lists: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    @override
    def _answer(self, connection: Connection, action: Action) -> None:
        name = action["Action"]
        if name in self.refused:
            connection.answer(action, "Error", Message=self.refused[name])
        elif name == "CoreSettings":
            connection.answer(action, AsteriskVersion="16.28.0")
        elif name == "Getvar":
            connection.answer(action, Value=self.values.get(action["Variable"], ""))
        elif name == "DBGetTree":
            self._tree(connection, action)
        elif name in self.lists and name != "QueueStatus":
            self._list(connection, action, self.lists[name])
        elif name in {"SIPpeers", "DeviceStateList", "VoicemailUsersList", "ShowDialPlan"}:
            connection.answer(action, "Error", Message=f"Invalid/unknown command: {name}.")
        elif name == "PJSIPShowEndpoints":
            connection.answer(action, "Error", Message="Permission denied")
        elif name == "ExtensionStateList":
            connection.answer(action, "Error", Message="No dialplan hints are available")
        else:
            super()._answer(connection, action)

    def _tree(self, connection: Connection, action: Action) -> None:
        """Answer like Asterisk 16, which counts one item whatever it sends."""
        mine = ("ActionID", action["ActionID"])
        connection.answer(action, EventList="start", Message="Result will follow")
        for item in self.lists.get(f"DBGetTree {action['Family']}", []):
            connection.send_messages(headers(*item.items(), mine))
        end = [("Event", "DBGetTreeComplete"), mine, ("EventList", "Complete"), ("ListItems", 1)]
        connection.send_messages(headers(*end))
