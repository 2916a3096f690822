"""Transfers in which the agent speaks with the next one first."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.scenarios.transfers import DIRECT, QUEUE, finish_with_102, passed_on, reach_101
from pbx_lab.sip import SipLeg
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth


def consult_102(stage: Stage) -> SipLeg:
    """101 puts the customer on hold and speaks with 102 first."""
    keypad.hold(stage.until_talks("101"))
    own = stage.dial("101", "102")
    stage.until_answered(own)
    stage.people_talk()
    return own


def call_to_102(own: SipLeg) -> Truth:
    """The call of ``consult_102`` where the two were not joined."""
    return Truth(
        own,
        "answered",
        "102:answered",
        direction="internal",
        caller="101",
        dialled="102",
        answered_by=["102"],
    )


@scenario()
def attended_transfer_to_mobile(stage: Stage) -> list[Truth]:
    """101 speaks with a mobile first, then joins the customer and the mobile."""
    stage.phone("101")
    stage.mobile()
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.hold(agent)
    consultation = stage.dial("101", "09121112233")
    stage.until_answered(consultation)
    stage.people_talk()
    keypad.transfer_to_call(agent, consultation, "09121112233")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "101:answered trunk:answered",
            did=DIRECT,
            answered_by=["101", "trunk"],
            transfers=[("101", "09121112233", "attended")],
        )
    ]


@scenario()
def attended_transfer_refer(stage: Stage) -> list[Truth]:
    """101 speaks with 102 first; REFER with Replaces on the customer's leg."""
    customer, agent = reach_101(stage)
    consultation = consult_102(stage)
    keypad.transfer_to_call(agent, consultation, "102")
    stage.people_talk()
    stage.hang_up(customer)
    return passed_on(customer, "attended")


@scenario()
def attended_transfer_refer_other_leg(stage: Stage) -> list[Truth]:
    """The same, but REFER with Replaces on the consultation's leg: the roles are swapped."""
    customer, agent = reach_101(stage)
    consultation = consult_102(stage)
    keypad.transfer_to_call(consultation, agent, "101")
    stage.people_talk()
    stage.hang_up(customer)
    return passed_on(customer, "attended")


@scenario()
def queue_attended_transfer_refer(stage: Stage) -> list[Truth]:
    """Attended transfer out of a queue with Local members."""
    customer, agent = reach_101(stage, QUEUE)
    consultation = consult_102(stage)
    keypad.transfer_to_call(agent, consultation, "102")
    stage.people_talk()
    stage.hang_up(customer)
    return passed_on(customer, "attended", did=QUEUE, queue="702")


@scenario()
def attended_transfer_while_ringing(stage: Stage) -> list[Truth]:
    """101 completes the transfer while 102 still rings."""
    stage.phone("101")
    stage.phone("102", 2.0)
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    stage.operator.send(
        "Atxfer", Channel=stage.channel_of("101"), Context="from-internal-xfer", Exten="102"
    )
    stage.until_rings("102")
    stage.people_talk(0.4)
    stage.hang_up(agent)
    finish_with_102(stage, customer)
    return passed_on(customer, "attended")


@scenario()
def attended_transfer_ami(stage: Stage) -> list[Truth]:
    """The console starts an attended transfer with Atxfer; 101 hangs up to complete it."""
    customer, agent = reach_101(stage)
    stage.operator.send(
        "Atxfer", Channel=stage.channel_of("101"), Context="from-internal-xfer", Exten="102"
    )
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(agent)
    stage.people_talk()
    stage.hang_up(customer)
    return passed_on(customer, "attended")


@scenario()
def attended_transfer_feature_code(stage: Stage) -> list[Truth]:
    """101 presses *2102, speaks with 102 and hangs up to complete."""
    customer, agent = reach_101(stage, media=True)
    keypad.press(agent, "*2")
    stage.people_talk(0.4)
    keypad.press(agent, "102")
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(agent)
    stage.people_talk()
    stage.hang_up(customer)
    return passed_on(customer, "attended")


@scenario()
def attended_transfer_abandoned(stage: Stage) -> list[Truth]:
    """102 does not answer the consultation; 101 goes back to the customer."""
    stage.phone("101", media=True)
    stage.phone("102", None)
    customer = stage.call(DIRECT, media=True)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.press(agent, "*2")
    stage.people_talk(0.4)
    keypad.press(agent, "102")
    stage.until_rings("102")
    stage.until_stops("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered 102:no_answer"
    return [Truth(customer, "answered", legs, did=DIRECT, answered_by=["101"])]


@scenario()
def attended_transfer_broken_off(stage: Stage) -> list[Truth]:
    """101 presses *2102 and, while 102 rings, *1: back to the customer."""
    stage.phone("101", media=True)
    stage.phone("102", None)
    customer = stage.call(DIRECT, media=True)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.press(agent, "*2")
    stage.people_talk(0.4)
    keypad.press(agent, "102")
    stage.until_rings("102")
    stage.people_talk()
    keypad.press(agent, "*1")
    stage.until_stops("102")
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered 102:no_answer"
    return [Truth(customer, "answered", legs, did=DIRECT, answered_by=["101"])]


@scenario()
def consultation_broken_off(stage: Stage) -> list[Truth]:
    """101 holds and rings 102 on a second line, gives up and goes on with the customer."""
    stage.phone("101")
    stage.phone("102", None)
    customer = stage.call(DIRECT)
    agent = stage.until_talks("101")
    stage.people_talk()
    keypad.hold(agent)
    consultation = stage.dial("101", "102")
    stage.until_rings("102")
    stage.people_talk()
    stage.give_up(consultation)
    stage.until_stops("102")
    keypad.hold(agent, on=False)
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"]),
        Truth(
            consultation,
            "no_answer",
            "102:cancelled",
            direction="internal",
            caller="101",
            dialled="102",
        ),
    ]


def into_queue(customer: SipLeg) -> list[Truth]:
    """102 passed the customer into queue 702, where 101 answered."""
    return [
        Truth(
            customer,
            "answered",
            "102:answered 101:answered",
            did="02191001102",
            queue="702",
            answered_by=["102", "101"],
            transfers=[("102", "702", "attended")],
        )
    ]


def consult_queue(stage: Stage, rings: float) -> tuple[SipLeg, SipLeg, SipLeg]:
    """102 talks to the customer, holds and dials queue 702, where 101's phone rings."""
    stage.phone("102")
    stage.phone("101", rings)
    customer = stage.call("02191001102")
    agent = stage.until_talks("102")
    stage.people_talk()
    keypad.hold(agent)
    consultation = stage.dial("102", "702")
    stage.until_answered(consultation)
    stage.until_rings("101")
    return customer, agent, consultation


@scenario()
def attended_transfer_to_queue_ringing(stage: Stage) -> list[Truth]:
    """102 dials queue 702 and joins the customer while 101 still rings."""
    customer, agent, consultation = consult_queue(stage, 2.0)
    keypad.transfer_to_call(agent, consultation, "702")
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return into_queue(customer)


@scenario()
def attended_transfer_to_queue_answered(stage: Stage) -> list[Truth]:
    """102 dials queue 702, speaks with 101 who answers, and joins the customer."""
    customer, agent, consultation = consult_queue(stage, 0.8)
    stage.until_talks("101")
    stage.people_talk()
    keypad.transfer_to_call(agent, consultation, "702")
    stage.people_talk()
    stage.hang_up(customer)
    return into_queue(customer)


@scenario()
def attended_transfer_feature_code_to_queue(stage: Stage) -> list[Truth]:
    """102 presses *2702 and hangs up while 101 still rings."""
    stage.phone("102", media=True)
    stage.phone("101", 2.5, media=True)
    customer = stage.call("02191001102", media=True)
    agent = stage.until_talks("102")
    stage.people_talk()
    keypad.press(agent, "*2")
    stage.people_talk(0.4)
    keypad.press(agent, "702")
    stage.until_rings("101")
    stage.people_talk(0.4)
    stage.hang_up(agent)
    stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(customer)
    return into_queue(customer)


@scenario()
def consultation_then_back(stage: Stage) -> list[Truth]:
    """101 holds, asks 102 on a second line, hangs that up and goes on with the customer."""
    customer, agent = reach_101(stage)
    consultation = consult_102(stage)
    stage.hang_up(consultation)
    keypad.hold(agent, on=False)
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"]),
        call_to_102(consultation),
    ]


@scenario(versions=("16",))
def chan_sip_attended_transfer_refer(stage: Stage) -> list[Truth]:
    """A chan_sip phone speaks with another first, then joins the two by REFER with Replaces."""
    did = "02191001201"
    stage.phone("201")
    stage.phone("202")
    customer = stage.call(did)
    agent = stage.until_talks("201")
    stage.people_talk()
    keypad.hold(agent)
    consultation = stage.dial("201", "202")
    stage.until_answered(consultation)
    stage.people_talk()
    keypad.transfer_to_call(agent, consultation, "202")
    stage.people_talk()
    stage.hang_up(customer)
    return [
        Truth(
            customer,
            "answered",
            "201:answered 202:answered",
            did=did,
            answered_by=["201", "202"],
            transfers=[("201", "202", "attended")],
        )
    ]
