"""Rows as Asterisk sends them, for tests of discovery."""

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.discovery.pbx_lists import PbxLists


def row(event: str, **fields: str) -> AmiMessage:
    return AmiMessage({"Event": event, **fields})


def device(name: str) -> AmiMessage:
    return row("DeviceStateChange", Device=name, State="NOT_INUSE")


def member(queue: str, location: str, state: str, name: str = "") -> AmiMessage:
    return row("QueueMember", Queue=queue, Name=name, Location=location, StateInterface=state)


def entry(path: str, value: str) -> AmiMessage:
    return row("DBGetTreeResponse", Key=path, Val=value)


def step(context: str, number: str, application: str, data: str) -> AmiMessage:
    return row(
        "ListDialplan", Context=context, Extension=number, Application=application, AppData=data
    )


def hint(extension: str, devices: str) -> AmiMessage:
    return row("ExtensionStatus", Exten=extension, Context="ext-local", Hint=devices)


FREEPBX = PbxLists(
    {
        "DeviceStateList": tuple(
            map(
                device,
                ("PJSIP/101", "PJSIP/99101", "PJSIP/102", "PJSIP/Vodafone", "Queue:600_avail"),
            )
        ),
        "ExtensionStateList": (
            hint("101", "PJSIP/101&PJSIP/99101&Custom:DND101"),
            hint("102", "PJSIP/102&Custom:DND102"),
            hint("*80101", "Custom:DND101"),
        ),
        "QueueStatus": (
            row("QueueParams", Queue="default"),
            row("QueueParams", Queue="600"),
            member("600", "Local/101@from-queue/n", "hint:101@ext-local", "Maryam"),
        ),
        "DBGetTree AMPUSER": (
            entry("/AMPUSER/101/cidname", "Maryam Karimi"),
            entry("/AMPUSER/101/device", "101&99101"),
            entry("/AMPUSER/101/followme/ddial", "EXTENSION"),
            entry("/AMPUSER/102/cidname", "Ελένη"),
        ),
        "DBGetTree DEVICE": (
            entry("/DEVICE/101/dial", "PJSIP/101"),
            entry("/DEVICE/101/user", "101"),
            entry("/DEVICE/99101/user", "101"),
            entry("/DEVICE/102/user", "102"),
        ),
        "ShowDialPlan": (
            step("ext-did-0001", "2109100070", "Set", "__DIRECTION=INBOUND"),
            step("ext-did-0001", "2109100070", "Goto", "ext-queues,600,1"),
            step("ext-did-0002", "2109100071", "Goto", "from-did-direct,101,1"),
            step("ext-did-0002", "2109100072", "Goto", "app-announcement-1,s,1"),
            step("ext-did-0002", "_X.", "Goto", "ext-queues,600,1"),
            step("from-internal", "2109100079", "Dial", "PJSIP/101"),
        ),
    },
    version="18.9.0",
)
"""FreePBX 16: a person with a desk phone and a WebRTC phone, a queue, a trunk with a free name."""

ISSABEL = PbxLists(
    {
        "SIPpeers": tuple(
            row("PeerEntry", Channeltype="SIP", ObjectName=name)
            for name in ("201", "202", "otenet")
        ),
        "ExtensionStateList": (hint("201", "SIP/201"), hint("202", "SIP/202")),
        "DBGetTree AMPUSER": (entry("/AMPUSER/201/cidname", "سارا حسینی"),),
        "QueueStatus": (member("705", "SIP/202", "SIP/202", "SIP/202"),),
    },
    version="16.28.0",
)
"""Issabel 4: chan_sip peers, one of them without a name."""
