"""What else people do with calls: pick up, hold, park, confer, have two at once."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.sip import SipLeg
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth

DIRECT = "02191001101"
QUEUE = "02191001702"
OTHER_CUSTOMER = "+982188776655"


def picked_up(stage: Stage, code: str, did: str, queue: str | None = None) -> list[Truth]:
    """101 rings, 102 takes the call with a code."""
    stage.phone("101", None)
    customer = stage.call(did)
    stage.until_rings("101")
    stage.people_talk(0.5)
    stage.dial("102", code)
    stage.until_answered(customer)
    stage.until_stops("101")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered_elsewhere"
    return [Truth(customer, "answered", legs, did=did, queue=queue, answered_by=["102"])]


@scenario()
def pickup_group(stage: Stage) -> list[Truth]:
    """102 takes 101's ringing call with *8."""
    return picked_up(stage, "*8", DIRECT)


@scenario()
def pickup_directed(stage: Stage) -> list[Truth]:
    """102 takes 101's ringing call with **101."""
    return picked_up(stage, "**101", DIRECT)


@scenario()
def queue_pickup_group(stage: Stage) -> list[Truth]:
    """102 takes a queue's call that rings at 101, with *8."""
    return picked_up(stage, "*8", QUEUE, "702")


@scenario()
def hold_and_back(stage: Stage) -> list[Truth]:
    """101 puts the customer on hold and takes them back."""
    stage.phone("101")
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.hold(agent)
    stage.people_talk()
    keypad.hold(agent, on=False)
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"])]


@scenario()
def hold_in_queue_call(stage: Stage) -> list[Truth]:
    """The same behind a Local queue member."""
    stage.phone("101")
    customer = stage.call(QUEUE)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.hold(agent)
    stage.people_talk()
    keypad.hold(agent, on=False)
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(customer, "answered", "101:answered", did=QUEUE, queue="702", answered_by=["101"])
    ]


@scenario()
def call_waiting(stage: Stage) -> list[Truth]:
    """A second customer rings at 101 while the first talks; 101 takes both."""
    stage.phone("101")
    first = stage.call(DIRECT)
    stage.until_talks("101")
    stage.people_talk()
    second = stage.call(DIRECT, OTHER_CUSTOMER)
    stage.until_rings("101")
    stage.until_answered(second)
    stage.people_talk()
    stage.hang_up(second)
    stage.people_talk(0.4)
    stage.hang_up(first)
    return [
        Truth(first, "answered", "101:answered", did=DIRECT, answered_by=["101"]),
        Truth(
            second,
            "answered",
            "101:answered",
            caller=OTHER_CUSTOMER,
            did=DIRECT,
            answered_by=["101"],
        ),
    ]


@scenario()
def call_waiting_not_taken(stage: Stage) -> list[Truth]:
    """The second customer gives up while 101 talks to the first."""
    stage.phone("101", 1.5)
    first = stage.call(DIRECT)
    stage.until_talks("101")
    stage.people_talk(0.5)
    second = stage.call(DIRECT, OTHER_CUSTOMER)
    stage.until_rings("101")
    stage.people_talk(0.5)
    stage.give_up(second)
    stage.people_talk(0.5)
    stage.hang_up(first)
    return [
        Truth(first, "answered", "101:answered", did=DIRECT, answered_by=["101"]),
        Truth(second, "abandoned", "101:cancelled", caller=OTHER_CUSTOMER, did=DIRECT),
    ]


@scenario()
def two_calls_ring_one_phone(stage: Stage) -> list[Truth]:
    """Two customers ring at 101 at once; one gives up, the other is answered."""
    stage.phone("101", 2.0)
    first = stage.call(DIRECT)
    stage.until_rings("101")
    stage.people_talk(0.4)
    second = stage.call(DIRECT, OTHER_CUSTOMER)
    stage.until_rings("101", calls=2)
    stage.people_talk(0.4)
    stage.give_up(first)
    stage.until_answered(second)
    stage.people_talk()
    stage.hang_up(second)
    return [
        Truth(first, "abandoned", "101:cancelled", did=DIRECT),
        Truth(
            second,
            "answered",
            "101:answered",
            caller=OTHER_CUSTOMER,
            did=DIRECT,
            answered_by=["101"],
        ),
    ]


@scenario()
def two_calls_interleaved(stage: Stage) -> list[Truth]:
    """One customer at 101 and one at 102, woven into each other."""
    stage.phone("101", 1.0)
    stage.phone("102", 1.2)
    first = stage.call(DIRECT)
    stage.until_rings("101")
    second = stage.call("02191001102", OTHER_CUSTOMER)
    stage.until_rings("102")
    stage.until_answered(first)
    stage.until_answered(second)
    stage.people_talk()
    stage.hang_up(first)
    stage.people_talk(0.3)
    stage.hang_up(second)
    return [
        Truth(first, "answered", "101:answered", did=DIRECT, answered_by=["101"]),
        Truth(
            second,
            "answered",
            "102:answered",
            caller=OTHER_CUSTOMER,
            did="02191001102",
            answered_by=["102"],
        ),
    ]


@scenario()
def two_callers_in_one_queue(stage: Stage) -> list[Truth]:
    """Two customers wait for 101; when the first has left, the second is answered."""
    stage.phone("101", 0.6)
    first = stage.call(QUEUE)
    agent = stage.until_talks("101")
    second = stage.call(QUEUE, OTHER_CUSTOMER)
    stage.until_answered(second)
    stage.people_talk()
    stage.hang_up(first)
    stage.until_talks("101", again=agent)
    stage.people_talk()
    stage.hang_up(second)
    return [
        Truth(first, "answered", "101:answered", did=QUEUE, queue="702", answered_by=["101"]),
        Truth(
            second,
            "answered",
            "101:answered",
            caller=OTHER_CUSTOMER,
            did=QUEUE,
            queue="702",
            answered_by=["101"],
        ),
    ]


def park(stage: Stage, agent: SipLeg) -> None:
    """Transfer to the parking lot; the phone hangs up after it heard the slot."""
    keypad.transfer(agent, "70")
    stage.people_talk(0.6)
    stage.hang_up(agent)


@scenario()
def parked_and_taken(stage: Stage) -> list[Truth]:
    """101 parks the customer (REFER to 70); 102 dials the slot."""
    stage.phone("101")
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    park(stage, agent)
    stage.people_talk()
    stage.until_answered(stage.dial("102", "71"))
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered",
            did=DIRECT,
            answered_by=["101", "102"],
            transfers=[("101", "102", "park")],
        )
    ]


@scenario()
def queue_parked_and_taken(stage: Stage) -> list[Truth]:
    """101, a Local member of queue 702, parks the customer; 102 dials the slot."""
    did = "02191001702"
    stage.phone("101")
    customer = stage.call(did)
    agent = stage.until_talks("101")
    stage.people_talk()
    park(stage, agent)
    stage.people_talk()
    stage.until_answered(stage.dial("102", "71"))
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered",
            did=did,
            queue="702",
            answered_by=["101", "102"],
            transfers=[("101", "102", "park")],
        )
    ]


@scenario()
def parked_and_taken_back(stage: Stage) -> list[Truth]:
    """101 parks the customer and takes them back: 101 dials the slot."""
    stage.phone("101")
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    park(stage, agent)
    stage.people_talk()
    stage.until_answered(stage.dial("101", "71"))
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"])]


@scenario()
def parked_comes_back(stage: Stage) -> list[Truth]:
    """101 parks the customer, nobody takes them, they come back to 101."""
    stage.phone("101")
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    park(stage, agent)
    stage.until_talks("101", again=agent)
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered 101:answered",
            did=DIRECT,
            answered_by=["101"],
            note="parked, and back at the one who parked it",
        )
    ]


@scenario()
def parked_hangs_up(stage: Stage) -> list[Truth]:
    """The parked customer hangs up."""
    stage.phone("101")
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    park(stage, agent)
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"])]


@scenario()
def conference(stage: Stage) -> list[Truth]:
    """The customer dials into conference 900, and so does 101."""
    did = "02191001900"
    customer = stage.call(did)
    stage.until_answered(customer)
    stage.people_talk()
    agent = stage.dial("101", "900")
    stage.until_answered(agent)
    stage.people_talk()
    stage.hang_up(agent)
    stage.people_talk(0.4)
    stage.hang_up(customer)
    note = "a conference: nobody was rung, the two met in the same bridge"
    return [
        Truth(customer, "answered", did=did, note=note),
        Truth(agent, "answered", direction="internal", caller="101", dialled="900", note=note),
    ]
