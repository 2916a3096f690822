"""What a listener sees whose link began in the middle of a call, or ended there."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth

DIRECT = "02191001101"
GROUP = "02191001600"
QUEUE = "02191001700"
LATE = "the recording begins with the resync, in the middle of the call"


@scenario()
def resync_direct_ringing(stage: Stage) -> list[Truth]:
    """A login while 101 rings, who then answers."""
    stage.phone("101", 2.0)
    customer = stage.call(DIRECT)
    stage.until_rings("101")
    stage.people_talk(0.3)
    stage.reconnect_ami()
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"], note=LATE)]


@scenario()
def resync_direct_talking(stage: Stage) -> list[Truth]:
    """A login while 101 talks."""
    stage.phone("101")
    customer = stage.call(DIRECT)
    stage.until_talks("101")
    stage.people_talk()
    stage.reconnect_ami()
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"], note=LATE)]


@scenario()
def resync_group_ringing(stage: Stage) -> list[Truth]:
    """A login while a ring group rings."""
    stage.phone("101", None)
    stage.phone("102", 2.0)
    customer = stage.call(GROUP)
    stage.until_rings("101")
    stage.until_rings("102")
    stage.people_talk(0.3)
    stage.reconnect_ami()
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere 102:answered"
    return [Truth(customer, "answered", legs, did=GROUP, answered_by=["102"], note=LATE)]


@scenario()
def resync_queue_ringing(stage: Stage) -> list[Truth]:
    """A login while Local queue members ring."""
    stage.phone("101", None)
    stage.phone("102", 2.0)
    customer = stage.call(QUEUE)
    stage.until_rings("101")
    stage.until_rings("102")
    stage.people_talk(0.3)
    stage.reconnect_ami()
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere 102:answered"
    return [
        Truth(customer, "answered", legs, did=QUEUE, queue="700", answered_by=["102"], note=LATE)
    ]


@scenario()
def resync_queue_talking(stage: Stage) -> list[Truth]:
    """A login while a Local queue member talks."""
    stage.phone("101", None)
    stage.phone("102")
    customer = stage.call(QUEUE)
    stage.until_talks("102")
    stage.people_talk()
    stage.reconnect_ami()
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere 102:answered"
    return [
        Truth(customer, "answered", legs, did=QUEUE, queue="700", answered_by=["102"], note=LATE)
    ]


@scenario()
def resync_consultation(stage: Stage) -> list[Truth]:
    """A login while 101 holds the customer and speaks with 102; then they are joined."""
    stage.phone("101")
    stage.phone("102")
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.hold(agent)
    consultation = stage.dial("101", "102")
    stage.until_answered(consultation)
    stage.people_talk()
    stage.reconnect_ami()
    keypad.transfer_to_call(agent, consultation, "102")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered 102:answered",
            did=DIRECT,
            answered_by=["101", "102"],
            transfers=[("101", "102", "attended")],
            note=LATE,
        )
    ]


@scenario()
def resync_outbound(stage: Stage) -> list[Truth]:
    """A login while 101 talks to a customer it has dialled."""
    stage.mobile()
    agent = stage.dial("101", "09123456789")
    stage.until_answered(agent)
    stage.people_talk()
    stage.reconnect_ami()
    stage.people_talk()
    stage.hang_up(agent)
    return [
        Truth(
            agent,
            "answered",
            "trunk:answered",
            direction="outbound",
            caller="101",
            dialled="09123456789",
            answered_by=["trunk"],
            note=LATE,
        )
    ]


@scenario()
def stopped_while_ringing(stage: Stage) -> list[Truth]:
    """`core stop now` while 101 rings."""
    stage.phone("101", None)
    customer = stage.call(DIRECT)
    stage.until_rings("101")
    stage.people_talk()
    stage.asterisk_stops()
    note = "the PBX was stopped"
    return [Truth(customer, "failed", "101:no_answer", did=DIRECT, note=note)]


@scenario()
def stopped_while_talking(stage: Stage) -> list[Truth]:
    """`core stop now` in the middle of a queue call."""
    stage.phone("101")
    stage.phone("102", None)
    customer = stage.call(QUEUE)
    stage.until_talks("101")
    stage.until_stops("102")
    stage.people_talk()
    stage.asterisk_stops()
    legs = "101:answered 102:answered_elsewhere"
    note = "the PBX was stopped"
    return [
        Truth(customer, "answered", legs, did=QUEUE, queue="700", answered_by=["101"], note=note)
    ]


@scenario()
def killed_while_ringing(stage: Stage) -> list[Truth]:
    """The PBX dies without a word while 101 rings."""
    stage.phone("101", None)
    customer = stage.call(DIRECT)
    stage.until_rings("101")
    stage.people_talk()
    stage.asterisk_stops(killed=True)
    note = "the PBX was killed"
    return [Truth(customer, "failed", "101:no_answer", did=DIRECT, note=note)]
