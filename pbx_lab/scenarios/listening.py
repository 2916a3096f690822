"""A supervisor listens to a call: no party of it, and no call of their own."""

from __future__ import annotations

from pbx_lab import keypad
from pbx_lab.scenarios.catalogue import scenario
from pbx_lab.stage import Stage
from pbx_lab.truth import Truth

DIRECT = "02191001101"


@scenario()
def listened_in(stage: Stage) -> list[Truth]:
    """103 listens to 101's call with 555101 and hangs up before the customer does."""
    stage.phone("101", media=True)
    customer = stage.call(DIRECT, media=True)
    stage.until_talks("101")
    stage.people_talk()
    supervisor = stage.dial("103", "555101", media=True)
    stage.until_answered(supervisor)
    stage.people_talk(1.2)
    keypad.hang_up(supervisor)
    stage.until_over(supervisor)
    stage.people_talk()
    stage.hang_up(customer)
    return [Truth(customer, "answered", "101:answered", did=DIRECT, answered_by=["101"])]


@scenario()
def listened_in_to_the_end(stage: Stage) -> list[Truth]:
    """103 listens to a queue's call at 102 and whispers (556102) until the customer hangs up."""
    did = "02191000700"
    stage.phone("101", None)
    stage.phone("102", media=True)
    customer = stage.call(did, media=True)
    stage.until_talks("102")
    stage.until_stops("101")
    stage.people_talk()
    supervisor = stage.dial("103", "556102", media=True)
    stage.until_answered(supervisor)
    stage.people_talk(1.2)
    stage.hang_up(customer)
    stage.people_talk()
    keypad.hang_up(supervisor)
    stage.until_over(supervisor)
    legs = "101:answered_elsewhere 102:answered"
    return [Truth(customer, "answered", legs, did=did, queue="support", answered_by=["102"])]


@scenario()
def listened_in_by_click(stage: Stage) -> list[Truth]:
    """A panel rings 103 (Originate), who then listens to 101's call."""
    stage.phone("101", media=True)
    customer = stage.call(DIRECT, media=True)
    stage.until_talks("101")
    stage.people_talk()
    stage.phone("103", 0.3, media=True)
    stage.operator.send(
        "Originate", Channel="PJSIP/103", Application="ChanSpy", Data="PJSIP/101,qES", Async="true"
    )
    supervisor = stage.until_talks("103")
    stage.people_talk(1.2)
    keypad.hang_up(supervisor)
    stage.until_over(supervisor)
    stage.people_talk()
    stage.hang_up(customer)
    legs = "101:answered 103:answered"
    return [Truth(customer, "answered", legs, did=DIRECT, answered_by=["101"])]
