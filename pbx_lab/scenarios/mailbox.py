"""Calls that a voicemail takes."""

from __future__ import annotations

from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.sip import SipLeg
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth

FREEPBX = "02191001103"
PLAIN = "02191000131"
PLAIN_QUEUE = "02191000132"
PLAIN_AT_ONCE = "02191000133"


def taken(
    customer: SipLeg, legs: str, *, did: str, queue: str | None = None, note: str = ""
) -> list[Truth]:
    """The voicemail took the call."""
    return [Truth(customer, "voicemail", legs, did=did, queue=queue, note=note)]


@scenario()
def freepbx_voicemail_busy(stage: Stage) -> list[Truth]:
    """103 is busy and the customer leaves a message."""
    stage.remember("AMPUSER/103 voicemail", "default")
    stage.phone("103", 0, refuses="486 Busy Here")
    customer = stage.call(FREEPBX)
    stage.until_answered(customer)
    stage.people_talk(1.5)
    stage.hang_up(customer)
    return taken(customer, "103:busy", did=FREEPBX)


@scenario()
def plain_voicemail(stage: Stage) -> list[Truth]:
    """Dial, then VoiceMail() in a hand-written dialplan: the customer leaves a message."""
    stage.phone("101", None)
    customer = stage.call(PLAIN)
    stage.until_stops("101")
    stage.until_answered(customer)
    stage.people_talk(3.0)
    stage.hang_up(customer)
    return taken(customer, "101:no_answer", did=PLAIN)


@scenario()
def plain_voicemail_at_once(stage: Stage) -> list[Truth]:
    """VoiceMail() without any phone before it."""
    customer = stage.call(PLAIN_AT_ONCE)
    stage.until_answered(customer)
    stage.people_talk(3.0)
    stage.hang_up(customer)
    return taken(customer, "", did=PLAIN_AT_ONCE)


@scenario()
def queue_then_voicemail(stage: Stage) -> list[Truth]:
    """The queue's three seconds are up, VoiceMail() takes the customer."""
    stage.phone("101", None)
    stage.phone("102", None)
    customer = stage.call(PLAIN_QUEUE)
    stage.until_stops("101")
    stage.people_talk(3.0)
    stage.hang_up(customer)
    legs = "101:no_answer 102:no_answer"
    return taken(customer, legs, did=PLAIN_QUEUE, queue="support")
