"""One caller, one phone."""

from __future__ import annotations

from pbx_lab.configuration import CHAN_SIP_TRUNK_ADDRESS, TRUNK_ADDRESS
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth

BY_HAND = "02191000101"
GENERATED = "02191001101"


def answered(stage: Stage, did: str, phone: str, trunk: str = TRUNK_ADDRESS) -> list[Truth]:
    """Ring, talk, the customer hangs up."""
    stage.phone(phone)
    customer = stage.call(did, trunk=trunk)
    stage.until_talks(phone)
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", f"{phone}:answered", did=did, answered_by=[phone])]


@scenario()
def direct_answered(stage: Stage) -> list[Truth]:
    """A hand-written dialplan dials 101, who answers; the customer hangs up."""
    return answered(stage, BY_HAND, "101")


@scenario()
def freepbx_direct_answered(stage: Stage) -> list[Truth]:
    """from-did-direct, ext-local, macro-exten-vm, macro-dial-one: 101 answers."""
    return answered(stage, GENERATED, "101")


@scenario(versions=("16",))
def chan_sip_direct_answered(stage: Stage) -> list[Truth]:
    """The same way from a chan_sip trunk to a chan_sip phone, as on Issabel."""
    return answered(stage, "02191001201", "201", CHAN_SIP_TRUNK_ADDRESS)


@scenario()
def direct_agent_hangs_up(stage: Stage) -> list[Truth]:
    """The agent ends the call, not the customer."""
    stage.phone("101")
    customer = stage.call(BY_HAND)
    agent = stage.until_talks("101")
    stage.people_talk()
    stage.hang_up(agent)
    return [Truth(customer, "answered", "101:answered", did=BY_HAND, answered_by=["101"])]


def refused(stage: Stage, did: str, phone: str, status: str, rings: float) -> Truth:
    """The phone refuses with a SIP status."""
    stage.phone(phone, rings, refuses=status)
    customer = stage.call(did)
    stage.until_stops(phone)
    stage.until_over(customer)
    return Truth(customer, "busy", f"{phone}:busy", did=did)


@scenario()
def direct_busy(stage: Stage) -> list[Truth]:
    """101 is busy (486 at once, no ringing)."""
    return [refused(stage, BY_HAND, "101", "486 Busy Here", 0)]


@scenario()
def freepbx_direct_busy(stage: Stage) -> list[Truth]:
    """101 is busy behind the generated dialplan."""
    return [refused(stage, GENERATED, "101", "486 Busy Here", 0)]


@scenario()
def direct_declined(stage: Stage) -> list[Truth]:
    """101 rings and declines (603)."""
    truth = refused(stage, BY_HAND, "101", "603 Decline", 0.6)
    truth.legs, truth.disposition = "101:declined", "no_answer"
    return [truth]


@scenario()
def freepbx_direct_declined(stage: Stage) -> list[Truth]:
    """101 declines behind the generated dialplan."""
    truth = refused(stage, GENERATED, "101", "603 Decline", 0.6)
    truth.legs, truth.disposition = "101:declined", "no_answer"
    return [truth]


@scenario(versions=("16",))
def chan_sip_direct_declined(stage: Stage) -> list[Truth]:
    """A chan_sip phone declines."""
    truth = refused(stage, "02191001201", "201", "603 Decline", 0.6)
    truth.legs, truth.disposition = "201:declined", "no_answer"
    return [truth]


@scenario(versions=("16",))
def chan_sip_direct_busy(stage: Stage) -> list[Truth]:
    """A chan_sip phone is busy."""
    return [refused(stage, "02191001201", "201", "486 Busy Here", 0)]


@scenario()
def direct_busy_after_ringing(stage: Stage) -> list[Truth]:
    """101 rings, then rejects with 486, as many phones' reject key does."""
    return [refused(stage, BY_HAND, "101", "486 Busy Here", 0.6)]


@scenario()
def direct_no_answer(stage: Stage) -> list[Truth]:
    """Nobody answers: Dial's two seconds are up and the PBX hangs up."""
    did = "02191000111"
    stage.phone("101", None)
    customer = stage.call(did)
    stage.until_over(customer)
    return [Truth(customer, "no_answer", "101:no_answer", did=did)]


@scenario()
def freepbx_direct_no_answer(stage: Stage) -> list[Truth]:
    """Nobody answers at 101 within its ring time, no voicemail."""
    stage.remember("AMPUSER/101 ringtimer", "2")
    stage.phone("101", None)
    customer = stage.call(GENERATED)
    stage.until_over(customer)
    return [Truth(customer, "no_answer", "101:no_answer", did=GENERATED)]


@scenario()
def direct_cancelled(stage: Stage) -> list[Truth]:
    """The customer gives up while 101 rings."""
    stage.phone("101", None)
    customer = stage.call(BY_HAND)
    stage.until_rings("101")
    stage.people_talk()
    stage.give_up(customer)
    stage.until_stops("101")
    return [Truth(customer, "abandoned", "101:cancelled", did=BY_HAND)]


@scenario()
def freepbx_direct_cancelled(stage: Stage) -> list[Truth]:
    """The customer gives up while 101 rings behind the generated dialplan."""
    stage.phone("101", None)
    customer = stage.call(GENERATED)
    stage.until_rings("101")
    stage.people_talk()
    stage.give_up(customer)
    stage.until_stops("101")
    return [Truth(customer, "abandoned", "101:cancelled", did=GENERATED)]


@scenario()
def direct_unreachable(stage: Stage) -> list[Truth]:
    """101 has an address but is switched off: two seconds of silence, then the PBX gives up."""
    did = "02191000111"
    customer = stage.call(did)
    stage.until_over(customer)
    return [Truth(customer, "no_answer", "101:unreachable", did=did)]


@scenario()
def timeout_then_next(stage: Stage) -> list[Truth]:
    """101 does not answer within two seconds, 102 does."""
    did = "02191000110"
    stage.phone("101", None)
    stage.phone("102")
    customer = stage.call(did)
    stage.until_talks("102")
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", "101:no_answer 102:answered", did=did, answered_by=["102"])]


@scenario()
def freepbx_voicemail(stage: Stage) -> list[Truth]:
    """103 does not answer and the customer speaks to the voicemail."""
    did = "02191001103"
    stage.remember("AMPUSER/103 voicemail", "default")
    stage.remember("AMPUSER/103 ringtimer", "2")
    stage.phone("103", None)
    customer = stage.call(did)
    stage.until_stops("103")
    stage.until_answered(customer)
    stage.people_talk(1.5)
    stage.hang_up(customer)
    return [
        Truth(customer, "voicemail", "103:no_answer", did=did, note="the voicemail took the call")
    ]


@scenario()
def name_prefix(stage: Stage) -> list[Truth]:
    """The dialplan puts `Sales:` before the caller's name; the caller sends none."""
    did = "02191000120"
    return answered(stage, did, "101")
